output "endpoint" {
  description = "Where clients find the ledger, inside the network and those that are connected to it. A certificate is of a name of yours: let that be an alias of this one."
  value       = "${var.certificate_arn == null ? "http" : "https"}://${module.services.load_balancer_dns_name}"
}

output "load_balancer_zone_id" {
  description = "For an alias record that names the load balancer."
  value       = module.services.load_balancer_zone_id
}

output "vpc_id" {
  description = "The network: peer it, or attach it to a transit gateway."
  value       = module.network.vpc_id
}

output "private_subnet_ids" {
  description = "Subnets of the network, one a zone."
  value       = module.network.private_subnet_ids
}

output "private_route_table_id" {
  description = "Where routes to the networks of clients are added."
  value       = module.network.private_route_table_id
}

output "s3_endpoint_id" {
  description = "By which the services reach S3: what the policy of a bucket with the keys of tokens lets in."
  value       = module.network.s3_endpoint_id
}

output "stream_name" {
  description = "The log."
  value       = module.stream.name
}

output "snapshot_store" {
  description = "Where snapshots are."
  value       = module.snapshots.store
}

output "table_names" {
  description = "The tables in DynamoDB."
  value       = { ledger = var.name, projector = local.projector, follower = local.follower }
}

output "database_secret_arn" {
  description = "The secret that holds the password of the administrator of the views, which RDS changes every week."
  value       = module.database.secret_arn
}

output "database_cluster_identifier" {
  description = "The cluster of the views: what snapshots and restores name."
  value       = module.database.cluster_identifier
}

output "database_roles_command" {
  description = "Run it once for each new database, before the services can work: makes the roles that they log in with, see the README."
  value       = module.services.database_roles_command
}

output "cluster_name" {
  description = "The ECS cluster."
  value       = module.services.cluster_name
}

output "log_group_names" {
  description = "Where the services log, and the task that makes the roles of the database."
  value       = module.services.log_group_names
}

output "alarm_topic_arn" {
  description = "Where alarms are told: subscribe whatever wakes somebody."
  value       = module.alarms.topic_arn
}

output "dashboard_name" {
  description = "The dashboard in CloudWatch."
  value       = module.alarms.dashboard_name
}
