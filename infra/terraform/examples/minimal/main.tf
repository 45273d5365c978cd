# The smallest that works: for trials inside one network, over plain HTTP, with nothing that is kept for long, and with
# keys of tokens that lie in a bucket.

provider "aws" {
  region = var.region

  default_tags {
    tags = { Application = "ringledger", Stage = "trial" }
  }
}

variable "region" {
  description = "Region of AWS."
  type        = string
  default     = "eu-central-1"
}

variable "image" {
  description = "The image of the services, in ECR."
  type        = string
}

module "ringledger" {
  source = "../.."

  name       = "ringledger-trial"
  image      = var.image
  partitions = 2

  auth = {
    jwks     = "https://${local.keys_bucket}.s3.${var.region}.amazonaws.com/keys.json"
    issuer   = "https://localhost/ringledger"
    audience = "ringledger"
  }

  retention_hours         = 24
  deletion_protection     = false
  database_instance_count = 1
  database_capacity       = { min = 0.5, max = 2 }
  database_backup_days    = 1
  log_retention_days      = 7

  ledger     = { cpu = 1024, memory = 4096, count = 1 }
  consumer   = { cpu = 1024, memory = 4096, count = 1 }
  read_model = { count = 1, max_count = 1 }

  ledger_settings = {
    max_accounts = 500000
    max_keys     = 2000000
  }
}

output "endpoint" {
  description = "Where the ledger is, from inside the network."
  value       = module.ringledger.endpoint
}

output "database_roles_command" {
  description = "Run it once for each new database, before the services can work: makes the roles that they log in with."
  value       = module.ringledger.database_roles_command
}
