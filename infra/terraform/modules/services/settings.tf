# What the processes can be told, apart from where things are. Defaults are those of the code, unless a comment says
# why not; a test compares them. The processes check the ranges themselves at their start and refuse what is wrong.

variable "partitions" {
  description = "Partitions of the ledger; fixed when it is created."
  type        = number
}

variable "idempotency_window_ms" {
  description = "How long a key keeps its outcome; fixed when the ledger is created."
  type        = number
}

variable "http" {
  description = "Limits of the HTTP server of every service."
  type = object({
    event_loops                 = optional(number, 0)
    accept_backlog              = optional(number, 4096)
    max_connections             = optional(number, 16384)
    max_connections_per_address = optional(number, 0)
    max_pipelined_requests      = optional(number, 128)
    idle_timeout_ms             = optional(number, 75000) # Above the load balancer's 60 s, or it reuses what is being closed.
    request_timeout_ms          = optional(number, 10000)
    max_request_line            = optional(number, 2048)
    max_header_bytes            = optional(number, 8192)
    max_chunk_bytes             = optional(number, 65536)
    max_body_bytes              = optional(number, 16384)
  })
}

variable "auth" {
  description = "Which tokens clients need, and how fast each may ask."
  type = object({
    jwks                 = string
    issuer               = string
    audience             = string
    token_type           = optional(string, "at+jwt")
    scope_prefix         = optional(string, "ringledger:")
    account_prefix_claim = optional(string, "account_prefix")
    clock_skew_s         = optional(number, 30)
    jwks_refresh_ms      = optional(number, 300000)
    jwks_min_refresh_ms  = optional(number, 10000)
    jwks_timeout_ms      = optional(number, 2000)
    jwks_max_bytes       = optional(number, 131072)
    max_cached_tokens    = optional(number, 10000)
    max_tokens_in_check  = optional(number, 256)
    rate_per_client      = optional(number, 0)
    rate_burst           = optional(number, 1000)
    rate_max_clients     = optional(number, 10000)
  })
}

variable "traces" {
  description = "Traces of sampled requests, sent to X-Ray by the collector beside each process. Every reader of the log must know events of version 1 before."
  type = object({
    enabled            = optional(bool, false)
    sample_per_million = optional(number, 1000)
    follow_caller      = optional(bool, false)
    max_per_second     = optional(number, 5)
    queue              = optional(number, 2048)
  })
}

variable "log_lines" {
  description = "Which requests have a line in the log, and how many lines a second there are of each kind."
  type = object({
    slow_request_ms          = optional(number, 1000)
    request_lines_per_second = optional(number, 50)
  })
}

variable "ledger_settings" {
  description = "Limits of the ledger: what is in flight, rings, frames, accounts and keys of a partition."
  type = object({
    answer_timeout_ms        = optional(number, 30000)
    max_commands_in_flight   = optional(number, 131072)
    max_batches_in_flight    = optional(number, 64)
    max_batch_body_bytes     = optional(number, 4194304)
    max_batch_bytes_received = optional(number, 134217728)
    append_timeout_ms        = optional(number, 2000)
    lease_ms                 = optional(number, 5000)
    ring_size                = optional(number, 32768)
    frames                   = optional(number, 4)
    frame_event_bytes        = optional(number, 524288)
    frame_replies            = optional(number, 8192)
    expected_accounts        = optional(number, 100000)
    max_accounts             = optional(number, 2000000)
    expected_keys            = optional(number, 1000000)
    max_keys                 = optional(number, 5000000)
  })
}

variable "consumer_settings" {
  description = "How the log is read, and when snapshots are written."
  type = object({
    retrieval              = optional(string, "polling")
    poll_interval_ms       = optional(number, 500) # Projector and follower share the five reads a second of a shard.
    max_records_per_read   = optional(number, 1000)
    failover_ms            = optional(number, 2000)
    statement_timeout_ms   = optional(number, 10000)
    max_events_per_batch   = optional(number, 20000)
    max_retry_ms           = optional(number, 1000)
    checkpoint_interval_ms = optional(number, 2000)
    start_timeout_ms       = optional(number, 120000)
    stop_timeout_ms        = optional(number, 8000)
    snapshot_events        = optional(number, 1000000)
    snapshot_interval_ms   = optional(number, 300000)
    snapshot_retry_ms      = optional(number, 5000)
    snapshots_kept         = optional(number, 3)
  })
}

variable "query_settings" {
  description = "Limits of the read model: connections to the database, and reads that wait for a position."
  type = object({
    pool_size              = optional(number, 8)
    pipelining             = optional(number, 8)
    pool_queue_size        = optional(number, 2048)
    pool_idle_timeout_ms   = optional(number, 60000)
    statement_timeout_ms   = optional(number, 1500)
    timeout_ms             = optional(number, 2000)
    silence_timeout_ms     = optional(number, 5000)
    after_timeout_ms       = optional(number, 2000)
    after_poll_interval_ms = optional(number, 10)
    after_max_waiters      = optional(number, 1024)
  })
}
