# All tables are made here, so that no service may create one. They are on demand: a heartbeat and a checkpoint now and
# then, but the read that confirms a frame must never be throttled. Encryption is by DynamoDB's own key: there is
# nothing of a customer in them, and a key of ours would put one more service into the way of each answer.

resource "aws_dynamodb_table" "ledger" {
  name                        = var.ledger_table
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "id"
  deletion_protection_enabled = var.deletion_protection

  attribute {
    name = "id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  tags = { Name = var.ledger_table }
}

# Of KCL 3.5: leases, the leader's lock and the workers' metrics in one table. The index is what KCL would add itself.
# The contents are made anew from the views and the snapshots, so there are no backups.
resource "aws_dynamodb_table" "application" {
  for_each = var.applications

  name         = each.key
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "leaseKey"

  attribute {
    name = "leaseKey"
    type = "S"
  }

  attribute {
    name = "leaseOwner"
    type = "S"
  }

  global_secondary_index {
    name            = "LeaseOwnerToLeaseKeyIndex"
    hash_key        = "leaseOwner"
    range_key       = "leaseKey"
    projection_type = "KEYS_ONLY"
  }

  # Views built anew have an application of a new name: the old consumers keep their table until they have stopped.
  lifecycle {
    create_before_destroy = true
  }

  tags = { Name = each.key }
}
