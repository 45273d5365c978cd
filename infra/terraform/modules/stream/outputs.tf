output "name" {
  description = "Name of the stream."
  value       = aws_kinesis_stream.log.name
}

output "arn" {
  description = "ARN of the stream."
  value       = aws_kinesis_stream.log.arn
}

output "consumer_arns" {
  description = "ARNs of the consumers with a throughput of their own."
  value       = [for consumer in aws_kinesis_stream_consumer.fan_out : consumer.arn]
}
