output "vpc_id" {
  description = "The network: peer it, or attach it to a transit gateway, to reach the load balancer."
  value       = aws_vpc.this.id
}

output "private_subnet_ids" {
  description = "One subnet a zone."
  value       = aws_subnet.private[*].id
}

output "private_route_table_id" {
  description = "Where routes to clients in other networks are added."
  value       = aws_route_table.private.id
}

output "s3_endpoint_id" {
  description = "By which everything in here reaches S3."
  value       = aws_vpc_endpoint.gateway["s3"].id
}

output "security_group_ids" {
  description = "The groups of everything that has one."
  value = {
    load_balancer = aws_security_group.load_balancer.id
    ledger        = aws_security_group.ledger.id
    consumer      = aws_security_group.consumer.id
    read_model    = aws_security_group.read_model.id
    database      = aws_security_group.database.id
  }
}
