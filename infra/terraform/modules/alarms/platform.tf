# Alarms on what AWS measures by itself.

locals {
  quarter_of_retention_ms = var.retention_hours * 3600000 / 4

  platform = merge(
    local.log_alarms,
    local.reader_alarms,
    local.table_alarms,
    local.edge_alarms,
    local.task_alarms,
    local.database_alarms,
  )

  log_alarms = {
    log-throttled = {
      description = "Appends are refused: the shards are too few for what is written. Commands wait. Add shards."
      namespace   = "AWS/Kinesis"
      metric      = "WriteProvisionedThroughputExceeded"
      dimensions  = { StreamName = var.stream_name }
      statistic   = "Sum"
      period      = 60
      periods     = 3
      is_below    = false
      threshold   = 0
      missing     = "notBreaching"
    }
    log-slow = {
      description = "An append takes long on average: answers wait for it."
      namespace   = "AWS/Kinesis"
      metric      = "PutRecord.Latency"
      dimensions  = { StreamName = var.stream_name }
      statistic   = "Average"
      period      = 60
      periods     = 5
      is_below    = false
      threshold   = 250
      missing     = "notBreaching"
    }
    log-reads-throttled = {
      description = "Readers ask a shard more than five times a second: poll less often, or fan out."
      namespace   = "AWS/Kinesis"
      metric      = "ReadProvisionedThroughputExceeded"
      dimensions  = { StreamName = var.stream_name }
      statistic   = "Sum"
      period      = 300
      periods     = 3
      is_below    = false
      threshold   = 60
      missing     = "notBreaching"
    }
    log-readers-behind = {
      description = "A reader is behind by a quarter of the retention: beyond it records are lost to it. Find out which one (projector, follower), and raise the retention first."
      namespace   = "AWS/Kinesis"
      metric      = "GetRecords.IteratorAgeMilliseconds"
      dimensions  = { StreamName = var.stream_name }
      statistic   = "Maximum"
      period      = 300
      periods     = 1
      is_below    = false
      threshold   = local.quarter_of_retention_ms
      missing     = "notBreaching"
    }
  }

  # A consumer with a throughput of its own is seen here alone.
  reader_alarms = {
    for consumer in var.fan_out_consumers : "log-${consumer}-behind" => {
      description = "${consumer} is behind by a quarter of the retention: beyond it records are lost to it."
      namespace   = "AWS/Kinesis"
      metric      = "SubscribeToShardEvent.MillisBehindLatest"
      dimensions  = { StreamName = var.stream_name, ConsumerName = consumer }
      statistic   = "Maximum"
      period      = 300
      periods     = 1
      is_below    = false
      threshold   = local.quarter_of_retention_ms
      missing     = "breaching"
    }
  }

  table_alarms = merge([
    for purpose, table in var.table_names : {
      for kind in ["Read", "Write"] : "table-${purpose}-${lower(kind)}s-throttled" => {
        description = "${kind}s of table ${table} are refused. In the ledger's table that holds up answers."
        namespace   = "AWS/DynamoDB"
        metric      = "${kind}ThrottleEvents"
        dimensions  = { TableName = table }
        statistic   = "Sum"
        period      = 60
        periods     = 3
        is_below    = false
        threshold   = 0
        missing     = "notBreaching"
      }
    }
  ]...)

  edge_alarms = merge(
    {
      for side in ["ledger", "read_model"] : "${replace(side, "_", "-")}-no-target" => {
        description = "The load balancer has no task of the ${replace(side, "_", "-")} that answers."
        namespace   = "AWS/ApplicationELB"
        metric      = "HealthyHostCount"
        dimensions  = { LoadBalancer = var.load_balancer.load_balancer, TargetGroup = var.load_balancer[side] }
        statistic   = "Maximum"
        period      = 60
        periods     = 2
        is_below    = true
        threshold   = 1
        missing     = "breaching"
      }
    },
    {
      for side in ["ledger", "read_model"] : "${replace(side, "_", "-")}-5xx" => {
        description = "The ${replace(side, "_", "-")} answers 5xx: overloaded, no_owner, outcome_unknown, view_unavailable or worse. Clients try again with the same key."
        namespace   = "AWS/ApplicationELB"
        metric      = "HTTPCode_Target_5XX_Count"
        dimensions  = { LoadBalancer = var.load_balancer.load_balancer, TargetGroup = var.load_balancer[side] }
        statistic   = "Sum"
        period      = 60
        periods     = 3
        is_below    = false
        threshold   = 10
        missing     = "notBreaching"
      }
    },
    {
      for side in ["ledger", "read_model"] : "${replace(side, "_", "-")}-slow" => {
        description = "One request in a hundred of the ${replace(side, "_", "-")} takes longer than ${var.latency_seconds} s."
        namespace   = "AWS/ApplicationELB"
        metric      = "TargetResponseTime"
        dimensions  = { LoadBalancer = var.load_balancer.load_balancer, TargetGroup = var.load_balancer[side] }
        statistic   = "p99"
        period      = 60
        periods     = 5
        is_below    = false
        threshold   = var.latency_seconds
        missing     = "notBreaching"
      }
    },
    {
      edge-5xx = {
        description = "The load balancer itself answers 5xx: a task went away under its requests, or there is none. Outcomes of commands are unknown then, the key tells."
        namespace   = "AWS/ApplicationELB"
        metric      = "HTTPCode_ELB_5XX_Count"
        dimensions  = { LoadBalancer = var.load_balancer.load_balancer }
        statistic   = "Sum"
        period      = 60
        periods     = 3
        is_below    = false
        threshold   = 10
        missing     = "notBreaching"
      }
    },
  )

  task_alarms = merge([
    for purpose, service in var.ecs_service_names : {
      for metric in ["CPUUtilization", "MemoryUtilization"] : "${service}-${lower(trimsuffix(metric, "Utilization"))}" => {
        description = "${metric} of ${service} is above 85 % of what its tasks have. README of infra/terraform: sizing."
        namespace   = "AWS/ECS"
        metric      = metric
        dimensions  = { ClusterName = var.ecs_cluster_name, ServiceName = service }
        statistic   = "Maximum"
        period      = 60
        periods     = 10
        is_below    = false
        threshold   = 85
        missing     = "notBreaching"
      }
    }
  ]...)

  database_alarms = merge(
    {
      database-cpu = {
        description = "The database is busy: views fall behind and queries are slow."
        namespace   = "AWS/RDS"
        metric      = "CPUUtilization"
        dimensions  = { DBClusterIdentifier = var.cluster_identifier }
        statistic   = "Maximum"
        period      = 60
        periods     = 10
        is_below    = false
        threshold   = 85
        missing     = "breaching"
      }
      database-transaction-ids = {
        description = "Vacuum does not keep up: at 2.1 billion the database stops. Look for a transaction that never ends."
        namespace   = "AWS/RDS"
        metric      = "MaximumUsedTransactionIDs"
        dimensions  = { DBClusterIdentifier = var.cluster_identifier }
        statistic   = "Maximum"
        period      = 300
        periods     = 3
        is_below    = false
        threshold   = 1000000000
        missing     = "notBreaching"
      }
    },
    {
      for purpose in ["database"] : "${purpose}-capacity" => {
        description = "The database has nearly reached the capacity that it may scale to. Raise database_capacity."
        namespace   = "AWS/RDS"
        metric      = "ACUUtilization"
        dimensions  = { DBClusterIdentifier = var.cluster_identifier }
        statistic   = "Maximum"
        period      = 60
        periods     = 10
        is_below    = false
        threshold   = 90
        missing     = "notBreaching"
      } if var.is_serverless
    },
  )
}
