output "ledger_arn" {
  description = "ARN of the ledger's table."
  value       = aws_dynamodb_table.ledger.arn
}

output "application_arns" {
  description = "ARNs of the tables of the KCL applications, by name."
  value       = { for name, table in aws_dynamodb_table.application : name => table.arn }
}
