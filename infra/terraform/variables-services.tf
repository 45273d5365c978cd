# ---- sizes ----

variable "architecture" {
  description = "What the image was built for."
  type        = string
  default     = "X86_64"

  validation {
    condition     = contains(["X86_64", "ARM64"], var.architecture)
    error_message = "architecture must be X86_64 or ARM64."
  }
}

variable "collector_image" {
  description = "Image of the AWS distribution of the OpenTelemetry collector (aws-otel-collector), copied into a private repository of ECR; null: no collector, and none of the alarms on what the services say of themselves."
  type        = string
  default     = null

  validation {
    condition     = var.collector_image == null || can(regex("^[0-9]{12}[.]dkr[.]ecr[.][a-z0-9-]+[.]amazonaws[.]com([.]cn)?/[a-z0-9._/-]+(@sha256:[0-9a-f]{64}|:[A-Za-z0-9._-]{1,128})$", var.collector_image))
    error_message = "collector_image must be of a private repository of ECR, with a digest (@sha256:…) or a tag."
  }
}

variable "ledger" {
  description = "Size of the ledger: CPU units and MiB of a task, tasks. Each task must be able to hold all partitions; more tasks than partitions have nothing to do."
  type = object({
    cpu    = optional(number, 2048)
    memory = optional(number, 8192)
    count  = optional(number, 2)
  })
  default = {}

  validation {
    condition     = contains([1024, 2048, 4096, 8192, 16384], var.ledger.cpu) && var.ledger.memory >= 2 * var.ledger.cpu && var.ledger.memory <= 8 * var.ledger.cpu
    error_message = "ledger: cpu must be 1024, 2048, 4096, 8192 or 16384, and memory from twice to eight times that, as Fargate has it."
  }

  validation {
    condition     = var.ledger.count >= 1 && var.ledger.count <= 100
    error_message = "ledger: count must be from 1 to 100."
  }
}

variable "consumer" {
  description = "Size of the kinesis-consumer: CPU units and MiB of a task, tasks. Its follower holds the accounts and keys of its partitions in memory, as the ledger does."
  type = object({
    cpu    = optional(number, 2048)
    memory = optional(number, 8192)
    count  = optional(number, 2)
  })
  default = {}

  validation {
    condition     = contains([1024, 2048, 4096, 8192, 16384], var.consumer.cpu) && var.consumer.memory >= 2 * var.consumer.cpu && var.consumer.memory <= 8 * var.consumer.cpu
    error_message = "consumer: cpu must be 1024, 2048, 4096, 8192 or 16384, and memory from twice to eight times that, as Fargate has it."
  }

  validation {
    condition     = var.consumer.count >= 1 && var.consumer.count <= 100
    error_message = "consumer: count must be from 1 to 100."
  }
}

variable "read_model" {
  description = "Size of the read model: CPU units and MiB of a task, tasks, and up to how many it grows with its load."
  type = object({
    cpu       = optional(number, 1024)
    memory    = optional(number, 2048)
    count     = optional(number, 2)
    max_count = optional(number, 4)
  })
  default = {}

  validation {
    condition     = contains([1024, 2048, 4096, 8192, 16384], var.read_model.cpu) && var.read_model.memory >= 2 * var.read_model.cpu && var.read_model.memory <= 8 * var.read_model.cpu
    error_message = "read_model: cpu must be 1024, 2048, 4096, 8192 or 16384, and memory from twice to eight times that, as Fargate has it."
  }

  validation {
    condition     = var.read_model.count >= 1 && var.read_model.count <= var.read_model.max_count && var.read_model.max_count <= 100
    error_message = "read_model: count must be from 1 to max_count, and that not above 100."
  }
}

# ---- limits; the defaults stand in modules/services/settings.tf ----

variable "http" {
  description = "Limits of the HTTP server of every service, see docs/configuration.md."
  type = object({
    event_loops                 = optional(number)
    accept_backlog              = optional(number)
    max_connections             = optional(number)
    max_connections_per_address = optional(number)
    max_pipelined_requests      = optional(number)
    idle_timeout_ms             = optional(number)
    request_timeout_ms          = optional(number)
    max_request_line            = optional(number)
    max_header_bytes            = optional(number)
    max_chunk_bytes             = optional(number)
    max_body_bytes              = optional(number)
  })
  default = {}

  validation {
    condition     = try(coalesce(var.http.idle_timeout_ms, 75000) > 60000, false)
    error_message = "http: idle_timeout_ms must be above the load balancer's 60 s, or it sends requests into connections that are being closed."
  }
}

variable "log_lines" {
  description = "Which requests have a line in the log, and how many lines a second there are of each kind, see docs/operating/logs.md."
  type = object({
    slow_request_ms          = optional(number)
    request_lines_per_second = optional(number)
  })
  default = {}
}

variable "ledger_settings" {
  description = "Limits of the ledger: what is in flight, rings, frames, accounts and keys of a partition, see docs/configuration.md."
  type = object({
    answer_timeout_ms        = optional(number, 30000)
    max_commands_in_flight   = optional(number)
    max_batches_in_flight    = optional(number)
    max_batch_body_bytes     = optional(number)
    max_batch_bytes_received = optional(number)
    append_timeout_ms        = optional(number)
    lease_ms                 = optional(number)
    ring_size                = optional(number, 32768)
    frames                   = optional(number)
    frame_event_bytes        = optional(number)
    frame_replies            = optional(number)
    expected_accounts        = optional(number)
    max_accounts             = optional(number)
    expected_keys            = optional(number)
    max_keys                 = optional(number)
  })
  default = {}

  validation {
    condition     = var.ledger_settings.ring_size >= 1024 && pow(2, floor(log(var.ledger_settings.ring_size, 2) + 0.5)) == var.ledger_settings.ring_size
    error_message = "ledger_settings: ring_size must be a power of two, from 1024 on."
  }

  validation {
    condition     = var.ledger_settings.answer_timeout_ms < 40000
    error_message = "ledger_settings: answer_timeout_ms must be below the 40 s for which the load balancer lets a stopping task finish."
  }
}

variable "consumer_settings" {
  description = "How the log is read, and when snapshots are written, see docs/configuration.md. retrieval: polling or fan_out."
  type = object({
    retrieval              = optional(string, "polling")
    poll_interval_ms       = optional(number, 500)
    max_records_per_read   = optional(number)
    failover_ms            = optional(number)
    statement_timeout_ms   = optional(number)
    max_events_per_batch   = optional(number)
    max_retry_ms           = optional(number)
    checkpoint_interval_ms = optional(number)
    start_timeout_ms       = optional(number)
    stop_timeout_ms        = optional(number)
    snapshot_events        = optional(number)
    snapshot_interval_ms   = optional(number)
    snapshot_retry_ms      = optional(number)
    snapshots_kept         = optional(number)
  })
  default = {}

  validation {
    condition     = contains(["polling", "fan_out"], var.consumer_settings.retrieval)
    error_message = "consumer_settings: retrieval must be polling or fan_out."
  }

  validation {
    condition     = var.consumer_settings.retrieval == "fan_out" || var.consumer_settings.poll_interval_ms >= 400
    error_message = "consumer_settings: poll_interval_ms must be 400 or more, for projector and follower share the five reads a second of a shard."
  }
}

variable "query_settings" {
  description = "Limits of the read model: connections to the database, and reads that wait for a position, see docs/configuration.md."
  type = object({
    pool_size              = optional(number)
    pipelining             = optional(number)
    pool_queue_size        = optional(number)
    pool_idle_timeout_ms   = optional(number)
    statement_timeout_ms   = optional(number)
    timeout_ms             = optional(number)
    silence_timeout_ms     = optional(number)
    after_timeout_ms       = optional(number)
    after_poll_interval_ms = optional(number)
    after_max_waiters      = optional(number)
  })
  default = {}
}

variable "traces" {
  description = "Traces of sampled requests in X-Ray, see docs/operating/traces.md. To be enabled by an apply of its own, once the one before it has brought every service to a version that knows traced events, readers first: if ECS took the ledger back to one that does not, that could not recover what was traced meanwhile. Whether there are any, requests of a million that are traced, whether a caller's sampled flag is followed, most in a second and process, spans that wait for the collector."
  type = object({
    enabled            = optional(bool)
    sample_per_million = optional(number)
    follow_caller      = optional(bool)
    max_per_second     = optional(number)
    queue              = optional(number)
  })
  default = {}

  validation {
    condition     = var.traces.enabled != true || var.collector_image != null
    error_message = "traces: the collector passes them on, so collector_image must be set."
  }

  validation {
    condition     = var.traces.enabled != true || var.ledger_image == null || var.ledger_image == var.image
    error_message = "traces: not in the middle of an upgrade. Without traces first, until the ledger has the image of its readers; then enable them by an apply of its own."
  }
}

# ---- who is told ----

variable "alarm_emails" {
  description = "Who is told of alarms by mail; each address has to confirm. Other ways: subscribe to the output alarm_topic_arn."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.alarm_emails : can(regex("^[^@ ]+@[^@ ]+$", address))])
    error_message = "alarm_emails must be addresses."
  }
}

variable "alarm_lag_seconds" {
  description = "How long after a write its view may be behind before it is an alarm."
  type        = number
  default     = 10

  validation {
    condition     = var.alarm_lag_seconds > 0
    error_message = "alarm_lag_seconds must be above 0."
  }
}

variable "alarm_latency_seconds" {
  description = "How long the slowest hundredth of requests may take before it is an alarm."
  type        = number
  default     = 1

  validation {
    condition     = var.alarm_latency_seconds > 0
    error_message = "alarm_latency_seconds must be above 0."
  }
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
  default     = 90

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one of CloudWatch's: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}
