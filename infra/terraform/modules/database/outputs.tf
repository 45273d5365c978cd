output "uri" {
  description = "What RINGLEDGER_POSTGRES_URI is set to."
  value       = "postgresql://${aws_rds_cluster.this.endpoint}:${aws_rds_cluster.this.port}/ringledger"
}

output "administrator" {
  description = "The role that makes the roles of the services."
  value       = aws_rds_cluster.this.master_username
}

output "secret_arn" {
  description = "The secret that holds the administrator's password, as JSON with username and password."
  value       = aws_rds_cluster.this.master_user_secret[0].secret_arn
}

output "cluster_identifier" {
  description = "Identifier of the cluster, as metrics have it."
  value       = aws_rds_cluster.this.cluster_identifier
}

output "is_serverless" {
  description = "Whether its capacity scales by itself."
  value       = local.is_elastic
}

output "resource_id" {
  description = "What rights to log in name the cluster by."
  value       = aws_rds_cluster.this.cluster_resource_id
}
