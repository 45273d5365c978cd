# Alarms on what the services say of themselves, through their collectors (modules/services/collector.tf). A test holds
# the names against the code and against infra/observability/rules.yaml.

locals {
  of_ledger   = { ledger = var.name, service = "ledger" }
  of_consumer = { ledger = var.name, service = "consumer" }

  services = merge(local.own_alarms, local.result_alarms)

  own_alarms = {
    projector-lag = {
      description = "Views are more than ${var.lag_seconds} s behind the ledger. Look at the database, then at the consumer's CPU."
      namespace   = var.metric_namespace
      metric      = "ringledger_projector_lag_seconds_max"
      dimensions  = local.of_consumer
      statistic   = "Maximum"
      period      = 60
      periods     = 5
      is_below    = false
      threshold   = var.lag_seconds
      missing     = "notBreaching"
    }
    projector-halted = {
      description = "VIEW HALTED: log and views contradict each other. Nothing heals this by itself."
      namespace   = var.metric_namespace
      metric      = "ringledger_projector_halted"
      dimensions  = local.of_consumer
      statistic   = "Maximum"
      period      = 60
      periods     = 1
      is_below    = false
      threshold   = 0
      missing     = "notBreaching"
    }
    projector-dead = {
      description = "No consumer projects any shard, or none says so. Are its tasks running? What does /health/ready say?"
      namespace   = var.metric_namespace
      metric      = "ringledger_projector_shards"
      dimensions  = local.of_consumer
      statistic   = "Maximum"
      period      = 60
      periods     = 5
      is_below    = true
      threshold   = 1
      missing     = "breaching"
    }
    projector-waits = {
      description = "The projector cannot reach the database, and tries again. May it still log in?"
      namespace   = var.metric_namespace
      metric      = "ringledger_projector_waiting"
      dimensions  = local.of_consumer
      statistic   = "Maximum"
      period      = 60
      periods     = 5
      is_below    = false
      threshold   = 0
      missing     = "notBreaching"
    }
    follower-halted = {
      description = "FOLLOWER HALTED: log and snapshots contradict each other. No new snapshots until somebody looks."
      namespace   = var.metric_namespace
      metric      = "ringledger_follower_halted"
      dimensions  = local.of_consumer
      statistic   = "Maximum"
      period      = 60
      periods     = 1
      is_below    = false
      threshold   = 0
      missing     = "notBreaching"
    }
    follower-dead = {
      description = "No consumer follows any shard, or none says so: no new snapshots."
      namespace   = var.metric_namespace
      metric      = "ringledger_follower_shards"
      dimensions  = local.of_consumer
      statistic   = "Maximum"
      period      = 60
      periods     = 10
      is_below    = true
      threshold   = 1
      missing     = "breaching"
    }
    snapshot-failures = {
      description = "Snapshots cannot be stored. Commands go on; a start takes longer with each hour."
      namespace   = var.metric_namespace
      metric      = "ringledger_follower_snapshot_failures_total"
      dimensions  = local.of_consumer
      statistic   = "Sum"
      period      = 300
      periods     = 3
      is_below    = false
      threshold   = 0
      missing     = "notBreaching"
    }
    snapshot-age = {
      description = "The oldest newest snapshot of a partition is older than a quarter of the retention. Right where nothing was written to it for so long; otherwise a start will soon be impossible."
      namespace   = var.metric_namespace
      metric      = "ringledger_follower_snapshot_age_seconds"
      dimensions  = local.of_consumer
      statistic   = "Maximum"
      period      = 300
      periods     = 1
      is_below    = false
      threshold   = var.retention_hours * 3600 / 4
      missing     = "notBreaching"
    }
    append-retries = {
      description = "Appends are sent again: Kinesis is slow, throttles, or cannot be reached."
      namespace   = var.metric_namespace
      metric      = "ringledger_append_retries_total"
      dimensions  = local.of_ledger
      statistic   = "Sum"
      period      = 60
      periods     = 3
      is_below    = false
      threshold   = 10
      missing     = "notBreaching"
    }
    ring-nearly-full = {
      description = "Commands wait for the writer of a partition; when its ring is full they are answered 503 overloaded."
      namespace   = var.metric_namespace
      metric      = "ringledger_ring_occupancy"
      dimensions  = local.of_ledger
      statistic   = "Maximum"
      period      = 60
      periods     = 3
      is_below    = false
      threshold   = var.ring_size * 0.8
      missing     = "notBreaching"
    }
    leases-move = {
      description = "Partitions go from owner to owner, deployments aside: processes die, are paused, or do not reach DynamoDB in time."
      namespace   = var.metric_namespace
      metric      = "ringledger_recovery_seconds"
      dimensions  = local.of_ledger
      statistic   = "SampleCount"
      period      = 300
      periods     = 2
      is_below    = false
      threshold   = 0
      missing     = "notBreaching"
    }
    lease-lost = {
      description = "A process has lost partitions to another one: it was paused, or did not reach DynamoDB for a whole lease time."
      namespace   = var.metric_namespace
      metric      = "ringledger_leases_lost_total"
      dimensions  = local.of_ledger
      statistic   = "Sum"
      period      = 300
      periods     = 1
      is_below    = false
      threshold   = 0
      missing     = "notBreaching"
    }
    ledger-silent = {
      description = "No ledger process shows its meters. Are its tasks running?"
      namespace   = var.metric_namespace
      metric      = "ringledger_http_connections"
      dimensions  = local.of_ledger
      statistic   = "SampleCount"
      period      = 60
      periods     = 5
      is_below    = true
      threshold   = 1
      missing     = "breaching"
    }
    clock-ahead = {
      description = "A clock was more than an hour ahead of the last event when its process took over: right if nothing was written for so long, otherwise keys expire early."
      namespace   = var.metric_namespace
      metric      = "ringledger_partition_clock_ahead_seconds"
      dimensions  = local.of_ledger
      statistic   = "Maximum"
      period      = 300
      periods     = 1
      is_below    = false
      threshold   = 3600
      missing     = "notBreaching"
    }
    clock-behind = {
      description = "A clock was more than a minute behind the last event when its process took over."
      namespace   = var.metric_namespace
      metric      = "ringledger_partition_clock_ahead_seconds"
      dimensions  = local.of_ledger
      statistic   = "Minimum"
      period      = 300
      periods     = 1
      is_below    = true
      threshold   = -60
      missing     = "notBreaching"
    }
  }

  # Answers that a client has to try again.
  result_alarms = {
    for result, threshold in { overloaded = 100, no_owner = 100, outcome_unknown = 10, internal_error = 0 } :
    "answers-${replace(result, "_", "-")}" => {
      description = "Commands are answered ${result}. Clients try again with the same key."
      namespace   = var.metric_namespace
      metric      = "ringledger_http_results_total"
      dimensions  = merge(local.of_ledger, { result = result })
      statistic   = "Sum"
      period      = 60
      # A single internal error is a defect, and may be rare.
      periods   = result == "internal_error" ? 1 : 3
      is_below  = false
      threshold = threshold
      missing   = "notBreaching"
    }
  }
}
