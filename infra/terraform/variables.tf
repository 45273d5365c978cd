# ---- what has to be said ----

variable "image" {
  description = "The image of the services, in a private repository of ECR, by digest or by tag: 123456789012.dkr.ecr.eu-central-1.amazonaws.com/ringledger@sha256:…"
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}[.]dkr[.]ecr[.][a-z0-9-]+[.]amazonaws[.]com([.]cn)?/[a-z0-9._/-]+(@sha256:[0-9a-f]{64}|:[A-Za-z0-9._-]{1,128})$", var.image))
    error_message = "image must be of a private repository of ECR, with a digest (@sha256:…) or a tag: the network has no way to other registries."
  }
}

variable "ledger_image" {
  description = "Image of the ledger alone; null: that of the others. For the middle of an upgrade: who reads the log goes first, who writes it follows."
  type        = string
  default     = null

  validation {
    condition     = var.ledger_image == null || can(regex("^[0-9]{12}[.]dkr[.]ecr[.][a-z0-9-]+[.]amazonaws[.]com([.]cn)?/[a-z0-9._/-]+(@sha256:[0-9a-f]{64}|:[A-Za-z0-9._-]{1,128})$", var.ledger_image))
    error_message = "ledger_image must be of a private repository of ECR, with a digest (@sha256:…) or a tag."
  }
}

variable "partitions" {
  description = "Partitions of the ledger. Fixed for ever when the ledger is created: take several for each shard that you will ever need."
  type        = number

  validation {
    condition     = var.partitions >= 1 && var.partitions <= 1024 && floor(var.partitions) == var.partitions
    error_message = "partitions must be a whole number from 1 to 1024."
  }
}

variable "auth" {
  description = "Whose tokens clients need: jwks, where the issuer publishes its keys, by HTTPS; issuer, the iss of a token, character for character; audience, one of its aud. The rest has defaults, see docs/operating/tokens.md. The services must have a way to jwks: nat, issuer_cidrs, or a bucket of S3."
  type = object({
    jwks                 = string
    issuer               = string
    audience             = string
    token_type           = optional(string)
    scope_prefix         = optional(string)
    account_prefix_claim = optional(string)
    clock_skew_s         = optional(number)
    jwks_refresh_ms      = optional(number)
    jwks_min_refresh_ms  = optional(number)
    jwks_timeout_ms      = optional(number)
    jwks_max_bytes       = optional(number)
    max_cached_tokens    = optional(number)
    max_tokens_in_check  = optional(number)
    rate_per_client      = optional(number)
    rate_burst           = optional(number)
    rate_max_clients     = optional(number)
  })

  validation {
    condition     = can(regex("^https://[A-Za-z0-9.-]+(:443)?(/[^ ]*)?$", var.auth.jwks))
    error_message = "auth: jwks must be an address of HTTPS on port 443: whoever could change the keys on their way could make tokens."
  }

  validation {
    condition     = try(trimspace(var.auth.issuer) == var.auth.issuer && var.auth.issuer != "", false)
    error_message = "auth: issuer must be set, without spaces around it: it is compared character for character."
  }

  validation {
    condition     = try(trimspace(var.auth.audience) == var.auth.audience && var.auth.audience != "", false)
    error_message = "auth: audience must be set, without spaces around it: tokens for other services are not for this one."
  }

  validation {
    condition     = var.nat || length(var.issuer_cidrs) > 0 || can(regex("^https://([a-z0-9-]+[.])?s3[.][a-z0-9-]+[.]amazonaws[.]com([.]cn)?/", var.auth.jwks))
    error_message = "auth: there is no way to jwks. Set nat, or issuer_cidrs for an issuer in a network that you connect, or put the keys into a bucket of S3 in this region."
  }
}

# ---- names and place ----

variable "name" {
  description = "Name of the ledger: of its stream and its table, and the beginning of every other name. Another ledger in the same account and region needs another one."
  type        = string
  default     = "ringledger"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "name must have 3 to 20 characters of a-z, 0-9 and -, begin with a letter and not end with -."
  }
}

variable "vpc_cidr" {
  description = "Addresses of the network. It must not overlap with those of the networks that clients come from."
  type        = string
  default     = "10.64.0.0/16"

  validation {
    condition     = can(cidrsubnet(var.vpc_cidr, 4, 15)) && can(regex("/(1[6-9]|20)$", var.vpc_cidr))
    error_message = "vpc_cidr must be an IPv4 block of /16 to /20."
  }
}

variable "zone_count" {
  description = "Availability zones to spread over. Each costs five endpoints."
  type        = number
  default     = 2

  validation {
    condition     = contains([2, 3], var.zone_count)
    error_message = "zone_count must be 2 or 3."
  }
}

variable "client_cidrs" {
  description = "Addresses from which the load balancer takes connections; empty: those of the network itself."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.client_cidrs : can(cidrhost(cidr, 0)) && !endswith(cidr, "/0")])
    error_message = "client_cidrs must be IPv4 blocks, and not the whole internet."
  }
}

variable "nat" {
  description = "Make a way out, for ledger and read model, to issuer_cidrs and on port 443 alone: a NAT gateway over all zones. For an issuer on the internet."
  type        = bool
  default     = false
}

variable "issuer_cidrs" {
  description = "Addresses of the issuer of tokens, where its keys are read. Empty: with nat everything, for an issuer on the internet rarely has addresses of its own; without it nothing."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.issuer_cidrs : can(cidrhost(cidr, 0)) && !strcontains(cidr, ":")])
    error_message = "issuer_cidrs must be IPv4 blocks."
  }
}

variable "certificate_arn" {
  description = "Certificate of the load balancer, of ACM in the same region; null: plain HTTP, for trials: whoever listens has the tokens."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/", var.certificate_arn))
    error_message = "certificate_arn must be the ARN of a certificate of ACM."
  }
}

variable "access_log_bucket" {
  description = "Bucket for the access logs of the load balancer, with the policy that AWS asks for; null: none."
  type        = string
  default     = null
}

variable "deletion_protection" {
  description = "Refuse to delete the ledger's table, the database and the load balancer. The stream and the key are always protected."
  type        = bool
  default     = true
}

# ---- the log ----

variable "shard_count" {
  description = "Shards of the stream; null: on demand. One takes 1 MB/s and 1,000 frames/s; a partition never writes more than one frame at once."
  type        = number
  default     = 1

  validation {
    condition     = var.shard_count == null || try(var.shard_count >= 1 && var.shard_count <= 1000 && floor(var.shard_count) == var.shard_count, false)
    error_message = "shard_count must be null or a whole number from 1 to 1000."
  }
}

variable "retention_hours" {
  description = "How long the log can be read. It must reach back to the newest usable snapshot, and to the oldest backup of the database that you would restore."
  type        = number
  default     = 168

  validation {
    condition     = var.retention_hours >= 24 && var.retention_hours <= 8760 && floor(var.retention_hours) == var.retention_hours
    error_message = "retention_hours must be a whole number from 24 to 8760."
  }
}

variable "idempotency_window_ms" {
  description = "How long a key keeps its outcome. Fixed for ever when the ledger is created."
  type        = number
  default     = 86400000

  validation {
    condition     = var.idempotency_window_ms >= 1000 && var.idempotency_window_ms <= 31536000000
    error_message = "idempotency_window_ms must be from 1000 (a second) to 31536000000 (a year)."
  }
}

variable "snapshot_noncurrent_days" {
  description = "How long a snapshot that the follower has deleted can be brought back."
  type        = number
  default     = 14

  validation {
    condition     = var.snapshot_noncurrent_days >= 1 && var.snapshot_noncurrent_days <= 365
    error_message = "snapshot_noncurrent_days must be from 1 to 365."
  }
}

# ---- the views ----

variable "views_generation" {
  description = "Which set of views this is. A higher number builds views anew: a new database, filled from the log, or from views_snapshot_identifier and the log."
  type        = number
  default     = 1

  validation {
    condition     = var.views_generation >= 1 && floor(var.views_generation) == var.views_generation
    error_message = "views_generation must be a whole number from 1 on."
  }
}

variable "views_snapshot_identifier" {
  description = "Snapshot of a database to begin a new generation with; null: an empty one. Looked at when a generation is made and never again."
  type        = string
  default     = null
}

variable "database_engine_version" {
  description = "Version of Aurora PostgreSQL."
  type        = string
  default     = "17.5"

  validation {
    condition     = can(regex("^1[5-9][.][0-9]+$", var.database_engine_version))
    error_message = "database_engine_version must be one of PostgreSQL 15 or later, with its minor version, such as 17.5."
  }
}

variable "database_instance_class" {
  description = "Class of the database's instances; db.serverless scales within database_capacity."
  type        = string
  default     = "db.serverless"

  validation {
    condition     = startswith(var.database_instance_class, "db.")
    error_message = "database_instance_class must be a class of RDS, such as db.serverless or db.r8g.large."
  }
}

variable "database_instance_count" {
  description = "Instances of the database: one writes, a second takes over from it in half a minute."
  type        = number
  default     = 2

  validation {
    condition     = var.database_instance_count >= 1 && var.database_instance_count <= 16
    error_message = "database_instance_count must be from 1 to 16."
  }
}

variable "database_capacity" {
  description = "Smallest and largest capacity of a serverless instance, in ACU (2 GiB each)."
  type = object({
    min = number
    max = number
  })
  default = { min = 0.5, max = 8 }

  validation {
    condition     = var.database_capacity.min >= 0.5 && var.database_capacity.max <= 256 && var.database_capacity.min <= var.database_capacity.max
    error_message = "database_capacity must be from 0.5 to 256 ACU, min not above max. (With 0 the database sleeps, and the projector keeps it awake.)"
  }
}

variable "database_backup_days" {
  description = "How long the database's backups are kept. Older ones than the log reaches back are of no use."
  type        = number
  default     = 7

  validation {
    condition     = var.database_backup_days >= 1 && var.database_backup_days <= 35
    error_message = "database_backup_days must be from 1 to 35."
  }
}

variable "database_ca_file" {
  description = "Where the image has AWS's bundle of certificates: who vouches for the database. Connections without TLS are refused on both sides."
  type        = string
  default     = "/opt/ringledger/rds-ca.pem"

  validation {
    condition     = startswith(var.database_ca_file, "/")
    error_message = "database_ca_file must be an absolute path."
  }
}
