output "endpoint" {
  description = "What the ledger's name is to be an alias of."
  value       = module.ringledger.endpoint
}

output "load_balancer_zone_id" {
  description = "For that alias."
  value       = module.ringledger.load_balancer_zone_id
}

output "vpc_id" {
  description = "The network, to be peered with those of clients."
  value       = module.ringledger.vpc_id
}

output "private_route_table_id" {
  description = "Where routes to the networks of clients are added."
  value       = module.ringledger.private_route_table_id
}

output "alarm_topic_arn" {
  description = "Where alarms are told."
  value       = module.ringledger.alarm_topic_arn
}

output "dashboard_name" {
  description = "The dashboard in CloudWatch."
  value       = module.ringledger.dashboard_name
}

output "database_roles_command" {
  description = "Run it once for each new database, before the services can work: makes the roles that they log in with."
  value       = module.ringledger.database_roles_command
}
