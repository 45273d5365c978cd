# Everything that the processes read from their environment, name by name; a test holds these lists and the settings
# that the code declares together, both ways. A process refuses a RINGLEDGER_ variable that it does not know.

locals {
  http_environment = {
    RINGLEDGER_HTTP_PORT                        = var.service_port
    RINGLEDGER_HTTP_EVENT_LOOPS                 = var.http.event_loops
    RINGLEDGER_HTTP_ACCEPT_BACKLOG              = var.http.accept_backlog
    RINGLEDGER_HTTP_MAX_CONNECTIONS             = var.http.max_connections
    RINGLEDGER_HTTP_MAX_CONNECTIONS_PER_ADDRESS = var.http.max_connections_per_address
    RINGLEDGER_HTTP_MAX_PIPELINED_REQUESTS      = var.http.max_pipelined_requests
    RINGLEDGER_HTTP_IDLE_TIMEOUT_MS             = var.http.idle_timeout_ms
    RINGLEDGER_HTTP_REQUEST_TIMEOUT_MS          = var.http.request_timeout_ms
    RINGLEDGER_HTTP_MAX_REQUEST_LINE_BYTES      = var.http.max_request_line
    RINGLEDGER_HTTP_MAX_HEADER_BYTES            = var.http.max_header_bytes
    RINGLEDGER_HTTP_MAX_CHUNK_BYTES             = var.http.max_chunk_bytes
    RINGLEDGER_HTTP_MAX_BODY_BYTES              = var.http.max_body_bytes
    RINGLEDGER_TRACE_ENDPOINT                   = var.traces.enabled ? local.traces_endpoint : ""
    RINGLEDGER_TRACE_SAMPLE_PER_MILLION         = var.traces.sample_per_million
    RINGLEDGER_TRACE_FOLLOW_CALLER              = var.traces.follow_caller
    RINGLEDGER_TRACE_MAX_PER_SECOND             = var.traces.max_per_second
    RINGLEDGER_TRACE_QUEUE                      = var.traces.queue

    RINGLEDGER_LOG_FORMAT                   = "json"
    RINGLEDGER_LOG_SLOW_REQUEST_MS          = var.log_lines.slow_request_ms
    RINGLEDGER_LOG_REQUEST_LINES_PER_SECOND = var.log_lines.request_lines_per_second
  }

  # Of those that others reach: nobody gets in without a token. The collector beside them reads their metrics without one.
  token_environment = {
    RINGLEDGER_HTTP_HOST                 = "0.0.0.0"
    RINGLEDGER_TLS                       = "self_signed"
    RINGLEDGER_AUTH                      = "jwt"
    RINGLEDGER_AUTH_JWKS                 = var.auth.jwks
    RINGLEDGER_AUTH_ISSUER               = var.auth.issuer
    RINGLEDGER_AUTH_AUDIENCE             = var.auth.audience
    RINGLEDGER_AUTH_TOKEN_TYPE           = var.auth.token_type
    RINGLEDGER_AUTH_SCOPE_PREFIX         = var.auth.scope_prefix
    RINGLEDGER_AUTH_ACCOUNT_PREFIX_CLAIM = var.auth.account_prefix_claim
    RINGLEDGER_AUTH_CLOCK_SKEW_S         = var.auth.clock_skew_s
    RINGLEDGER_AUTH_JWKS_REFRESH_MS      = var.auth.jwks_refresh_ms
    RINGLEDGER_AUTH_JWKS_MIN_REFRESH_MS  = var.auth.jwks_min_refresh_ms
    RINGLEDGER_AUTH_JWKS_TIMEOUT_MS      = var.auth.jwks_timeout_ms
    RINGLEDGER_AUTH_JWKS_MAX_BYTES       = var.auth.jwks_max_bytes
    RINGLEDGER_AUTH_MAX_CACHED_TOKENS    = var.auth.max_cached_tokens
    RINGLEDGER_AUTH_MAX_TOKENS_IN_CHECK  = var.auth.max_tokens_in_check
    RINGLEDGER_RATE_PER_CLIENT           = var.auth.rate_per_client
    RINGLEDGER_RATE_BURST                = var.auth.rate_burst
    RINGLEDGER_RATE_MAX_CLIENTS          = var.auth.rate_max_clients
    RINGLEDGER_AUTH_LOOPBACK_OPERATES    = true
  }

  ledger_environment = {
    RINGLEDGER_STREAM                        = var.stream.name
    RINGLEDGER_PARTITIONS                    = var.partitions
    RINGLEDGER_IDEMPOTENCY_WINDOW_MS         = var.idempotency_window_ms
    RINGLEDGER_LEDGER_TABLE                  = var.tables.ledger_name
    RINGLEDGER_CREATE_LEDGER_TABLE           = false
    RINGLEDGER_SNAPSHOT_STORE                = var.snapshots.store
    RINGLEDGER_ANSWER_TIMEOUT_MS             = var.ledger_settings.answer_timeout_ms
    RINGLEDGER_MAX_COMMANDS_IN_FLIGHT        = var.ledger_settings.max_commands_in_flight
    RINGLEDGER_MAX_BATCHES_IN_FLIGHT         = var.ledger_settings.max_batches_in_flight
    RINGLEDGER_HTTP_MAX_BATCH_BODY_BYTES     = var.ledger_settings.max_batch_body_bytes
    RINGLEDGER_HTTP_MAX_BATCH_BYTES_RECEIVED = var.ledger_settings.max_batch_bytes_received
    RINGLEDGER_APPEND_TIMEOUT_MS             = var.ledger_settings.append_timeout_ms
    RINGLEDGER_LEASE_MS                      = var.ledger_settings.lease_ms
    RINGLEDGER_RING_SIZE                     = var.ledger_settings.ring_size
    RINGLEDGER_FRAMES                        = var.ledger_settings.frames
    RINGLEDGER_FRAME_EVENT_BYTES             = var.ledger_settings.frame_event_bytes
    RINGLEDGER_FRAME_REPLIES                 = var.ledger_settings.frame_replies
    RINGLEDGER_EXPECTED_ACCOUNTS             = var.ledger_settings.expected_accounts
    RINGLEDGER_MAX_ACCOUNTS                  = var.ledger_settings.max_accounts
    RINGLEDGER_EXPECTED_KEYS                 = var.ledger_settings.expected_keys
    RINGLEDGER_MAX_KEYS                      = var.ledger_settings.max_keys
  }

  ledger_secrets = {}

  # Only its own task asks it: the collector, and the check of the container. So it listens there alone, and needs no way
  # to an issuer.
  consumer_environment = {
    RINGLEDGER_TLS                              = "off"
    RINGLEDGER_HTTP_HOST                        = "127.0.0.1"
    RINGLEDGER_AUTH                             = "off"
    RINGLEDGER_STREAM                           = var.stream.name
    RINGLEDGER_PARTITIONS                       = var.partitions
    RINGLEDGER_IDEMPOTENCY_WINDOW_MS            = var.idempotency_window_ms
    RINGLEDGER_CONSUMER_ROLES                   = "projector,follower"
    RINGLEDGER_PROJECTOR_APPLICATION            = var.tables.projector_name
    RINGLEDGER_FOLLOWER_APPLICATION             = var.tables.follower_name
    RINGLEDGER_SNAPSHOT_STORE                   = var.snapshots.store
    RINGLEDGER_POSTGRES_URI                     = var.database.uri
    RINGLEDGER_POSTGRES_USER                    = var.database.consumer.role
    RINGLEDGER_POSTGRES_LOGIN                   = "iam"
    RINGLEDGER_POSTGRES_CA                      = var.database.ca_file
    RINGLEDGER_PROJECTOR_RETRIEVAL              = var.consumer_settings.retrieval
    RINGLEDGER_PROJECTOR_HTTP1                  = var.consumer_settings.retrieval != "fan_out"
    RINGLEDGER_PROJECTOR_POLL_INTERVAL_MS       = var.consumer_settings.poll_interval_ms
    RINGLEDGER_PROJECTOR_MAX_RECORDS_PER_READ   = var.consumer_settings.max_records_per_read
    RINGLEDGER_PROJECTOR_FAILOVER_MS            = var.consumer_settings.failover_ms
    RINGLEDGER_PROJECTOR_STATEMENT_TIMEOUT_MS   = var.consumer_settings.statement_timeout_ms
    RINGLEDGER_PROJECTOR_MAX_EVENTS_PER_BATCH   = var.consumer_settings.max_events_per_batch
    RINGLEDGER_PROJECTOR_MAX_RETRY_MS           = var.consumer_settings.max_retry_ms
    RINGLEDGER_PROJECTOR_CHECKPOINT_INTERVAL_MS = var.consumer_settings.checkpoint_interval_ms
    RINGLEDGER_PROJECTOR_START_TIMEOUT_MS       = var.consumer_settings.start_timeout_ms
    RINGLEDGER_PROJECTOR_STOP_TIMEOUT_MS        = var.consumer_settings.stop_timeout_ms
    RINGLEDGER_SNAPSHOT_EVENTS                  = var.consumer_settings.snapshot_events
    RINGLEDGER_SNAPSHOT_INTERVAL_MS             = var.consumer_settings.snapshot_interval_ms
    RINGLEDGER_SNAPSHOT_RETRY_MS                = var.consumer_settings.snapshot_retry_ms
    RINGLEDGER_SNAPSHOTS_KEPT                   = var.consumer_settings.snapshots_kept
  }

  consumer_secrets = {}

  # Of the task that makes the roles of the two, and ends.
  roles_environment = {
    RINGLEDGER_POSTGRES_URI           = var.database.uri
    RINGLEDGER_POSTGRES_USER          = var.database.administrator
    RINGLEDGER_POSTGRES_LOGIN         = "password"
    RINGLEDGER_POSTGRES_CA            = var.database.ca_file
    RINGLEDGER_POSTGRES_CONSUMER_USER = var.database.consumer.role
    RINGLEDGER_POSTGRES_READER_USER   = var.database.reader.role
    RINGLEDGER_POSTGRES_ROLES_LOGIN   = "iam"
  }

  roles_secrets = {
    RINGLEDGER_POSTGRES_PASSWORD = "${var.database.secret_arn}:password::"
  }

  read_model_environment = {
    RINGLEDGER_POSTGRES_URI               = var.database.uri
    RINGLEDGER_POSTGRES_USER              = var.database.reader.role
    RINGLEDGER_POSTGRES_LOGIN             = "iam"
    RINGLEDGER_POSTGRES_CA                = var.database.ca_file
    RINGLEDGER_QUERY_POOL_SIZE            = var.query_settings.pool_size
    RINGLEDGER_QUERY_PIPELINING           = var.query_settings.pipelining
    RINGLEDGER_QUERY_POOL_QUEUE_SIZE      = var.query_settings.pool_queue_size
    RINGLEDGER_QUERY_POOL_IDLE_TIMEOUT_MS = var.query_settings.pool_idle_timeout_ms
    RINGLEDGER_QUERY_STATEMENT_TIMEOUT_MS = var.query_settings.statement_timeout_ms
    RINGLEDGER_QUERY_TIMEOUT_MS           = var.query_settings.timeout_ms
    RINGLEDGER_QUERY_SILENCE_TIMEOUT_MS   = var.query_settings.silence_timeout_ms
    RINGLEDGER_AFTER_TIMEOUT_MS           = var.query_settings.after_timeout_ms
    RINGLEDGER_AFTER_POLL_INTERVAL_MS     = var.query_settings.after_poll_interval_ms
    RINGLEDGER_AFTER_MAX_WAITERS          = var.query_settings.after_max_waiters
  }

  read_model_secrets = {}
}
