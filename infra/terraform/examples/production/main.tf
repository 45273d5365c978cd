# What a ledger that is relied on needs: three zones, TLS, instances that wait to take over, seven days of log, months
# of logs, somebody who is told. Sizes are for 20 million accounts and 500 commands a second over the day, see the README.

provider "aws" {
  region = var.region

  default_tags {
    tags = { Application = "ringledger", Stage = "production" }
  }
}

module "ringledger" {
  source = "../.."

  name            = "ringledger"
  image           = var.image
  ledger_image    = var.ledger_image
  collector_image = var.collector_image
  architecture    = "X86_64"

  # Fixed for ever: room to grow to sixteen shards.
  partitions      = 16
  shard_count     = 4
  retention_hours = 168

  zone_count        = 3
  vpc_cidr          = "10.64.0.0/16"
  client_cidrs      = var.client_cidrs
  certificate_arn   = var.certificate_arn
  access_log_bucket = var.access_log_bucket

  # An issuer on the internet. One in a network of yours needs no nat: its addresses are issuer_cidrs.
  auth         = var.auth
  nat          = true
  issuer_cidrs = var.issuer_cidrs

  # Any of the three can hold all sixteen partitions, should it be left alone.
  ledger     = { cpu = 4096, memory = 30720, count = 3 }
  consumer   = { cpu = 4096, memory = 30720, count = 3 }
  read_model = { cpu = 2048, memory = 4096, count = 3, max_count = 12 }

  ledger_settings = {
    expected_accounts = 1300000
    max_accounts      = 2000000
    expected_keys     = 2700000
    max_keys          = 5000000
  }

  query_settings = {
    pool_size = 16
  }

  database_instance_class = "db.r8g.xlarge"
  database_instance_count = 3
  database_backup_days    = 7

  alarm_emails          = var.alarm_emails
  alarm_lag_seconds     = 5
  alarm_latency_seconds = 0.5
  log_retention_days    = 365
}
