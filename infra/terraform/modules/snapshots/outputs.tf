output "arn" {
  description = "ARN of the bucket."
  value       = aws_s3_bucket.this.arn
}

output "bucket" {
  description = "Name of the bucket."
  value       = aws_s3_bucket.this.bucket
}

output "store" {
  description = "What RINGLEDGER_SNAPSHOT_STORE is set to."
  value       = "s3://${aws_s3_bucket.this.bucket}/${var.prefix}"
}
