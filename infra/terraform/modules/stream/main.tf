# The log: what was answered with 2xx is here and, for a while, nowhere else.

resource "aws_kinesis_stream" "log" {
  name             = var.name
  shard_count      = var.shard_count
  retention_period = var.retention_hours
  encryption_type  = "KMS"
  kms_key_id       = var.kms_key_arn

  stream_mode_details {
    stream_mode = var.shard_count == null ? "ON_DEMAND" : "PROVISIONED"
  }

  # A stream that was deleted and made anew is another ledger. Kinesis has no protection of its own, so no plan may
  # do it; the README says how the end of a ledger is meant.
  lifecycle {
    prevent_destroy = true
  }

  tags = { Name = var.name }
}

# Made here and not by KCL, so that its ARN is known and no service needs the right to register consumers.
resource "aws_kinesis_stream_consumer" "fan_out" {
  for_each = var.fan_out_consumers

  name       = each.key
  stream_arn = aws_kinesis_stream.log.arn
}
