data "aws_region" "current" {}

locals {
  # Title, statistic and lines, two in a row.
  charts = concat(
    [
      {
        title     = "Requests a minute"
        statistic = "Sum"
        lines = [
          ["AWS/ApplicationELB", "RequestCount", "TargetGroup", var.load_balancer.ledger, "LoadBalancer", var.load_balancer.load_balancer],
          ["AWS/ApplicationELB", "RequestCount", "TargetGroup", var.load_balancer.read_model, "LoadBalancer", var.load_balancer.load_balancer],
        ]
      },
      {
        title     = "Time to answer, p99"
        statistic = "p99"
        lines = [
          ["AWS/ApplicationELB", "TargetResponseTime", "TargetGroup", var.load_balancer.ledger, "LoadBalancer", var.load_balancer.load_balancer],
          ["AWS/ApplicationELB", "TargetResponseTime", "TargetGroup", var.load_balancer.read_model, "LoadBalancer", var.load_balancer.load_balancer],
        ]
      },
      {
        title     = "5xx"
        statistic = "Sum"
        lines = [
          ["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "TargetGroup", var.load_balancer.ledger, "LoadBalancer", var.load_balancer.load_balancer],
          ["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "TargetGroup", var.load_balancer.read_model, "LoadBalancer", var.load_balancer.load_balancer],
          ["AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", "LoadBalancer", var.load_balancer.load_balancer],
        ]
      },
      {
        title     = "Tasks that answer"
        statistic = "Minimum"
        lines = [
          ["AWS/ApplicationELB", "HealthyHostCount", "TargetGroup", var.load_balancer.ledger, "LoadBalancer", var.load_balancer.load_balancer],
          ["AWS/ApplicationELB", "HealthyHostCount", "TargetGroup", var.load_balancer.read_model, "LoadBalancer", var.load_balancer.load_balancer],
        ]
      },
      {
        title     = "Log: bytes and records a minute"
        statistic = "Sum"
        lines = [
          ["AWS/Kinesis", "IncomingBytes", "StreamName", var.stream_name],
          ["AWS/Kinesis", "IncomingRecords", "StreamName", var.stream_name],
        ]
      },
      {
        title     = "Log: time of an append, and readers behind, ms"
        statistic = "Maximum"
        lines = [
          ["AWS/Kinesis", "PutRecord.Latency", "StreamName", var.stream_name],
          ["AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", "StreamName", var.stream_name],
        ]
      },
      {
        title     = "Log: refused"
        statistic = "Sum"
        lines = [
          ["AWS/Kinesis", "WriteProvisionedThroughputExceeded", "StreamName", var.stream_name],
          ["AWS/Kinesis", "ReadProvisionedThroughputExceeded", "StreamName", var.stream_name],
        ]
      },
      {
        title     = "Database"
        statistic = "Maximum"
        lines = [
          ["AWS/RDS", "CPUUtilization", "DBClusterIdentifier", var.cluster_identifier],
          ["AWS/RDS", "DatabaseConnections", "DBClusterIdentifier", var.cluster_identifier],
          ["AWS/RDS", "CommitLatency", "DBClusterIdentifier", var.cluster_identifier],
        ]
      },
      {
        title     = "CPU of the services, %"
        statistic = "Maximum"
        lines = [
          for service in values(var.ecs_service_names) :
          ["AWS/ECS", "CPUUtilization", "ServiceName", service, "ClusterName", var.ecs_cluster_name]
        ]
      },
      {
        title     = "Memory of the services, %"
        statistic = "Maximum"
        lines = [
          for service in values(var.ecs_service_names) :
          ["AWS/ECS", "MemoryUtilization", "ServiceName", service, "ClusterName", var.ecs_cluster_name]
        ]
      },
    ],
    [for chart in local.service_charts : chart if var.metric_namespace != null],
  )

  service_charts = [
    for chart in [
      { title = "Events a minute", statistic = "Sum", service = "ledger", metrics = ["ringledger_events_appended_total"] },
      { title = "Events into the views a minute", statistic = "Sum", service = "consumer", metrics = ["ringledger_projector_events_total"] },
      { title = "Write to durable, slowest, s", statistic = "Maximum", service = "ledger", metrics = ["ringledger_append_seconds_max", "ringledger_http_wait_seconds_max"] },
      { title = "Write to view, slowest, s", statistic = "Maximum", service = "consumer", metrics = ["ringledger_projector_lag_seconds_max"] },
      { title = "In flight, and in the fullest ring", statistic = "Maximum", service = "ledger", metrics = ["ringledger_http_commands_in_flight", "ringledger_ring_occupancy"] },
      { title = "Appends sent again", statistic = "Sum", service = "ledger", metrics = ["ringledger_append_retries_total"] },
      { title = "Partitions taken over", statistic = "SampleCount", service = "ledger", metrics = ["ringledger_recovery_seconds"] },
      { title = "Leases lost", statistic = "Sum", service = "ledger", metrics = ["ringledger_leases_lost_total"] },
      { title = "Halted, waiting for the database", statistic = "Maximum", service = "consumer", metrics = ["ringledger_projector_halted", "ringledger_projector_waiting", "ringledger_follower_halted"] },
      { title = "Age of the oldest newest snapshot, s", statistic = "Maximum", service = "consumer", metrics = ["ringledger_follower_snapshot_age_seconds"] },
      { title = "Tries of the projector, snapshots that failed", statistic = "Sum", service = "consumer", metrics = ["ringledger_projector_retries_total", "ringledger_follower_snapshot_failures_total"] },
      { title = "Queries: slowest, s, and waiting for a connection", statistic = "Maximum", service = "read-model", metrics = ["ringledger_queries_seconds_max", "ringledger_view_pool_waiting"] },
      ] : {
      title     = chart.title
      statistic = chart.statistic
      lines     = [for metric in chart.metrics : [var.metric_namespace, metric, "ledger", var.name, "service", chart.service]]
    }
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = concat(
      [
        {
          type   = "alarm"
          x      = 0
          y      = 0
          width  = 24
          height = 4
          properties = {
            title  = "Alarms"
            alarms = [for alarm in aws_cloudwatch_metric_alarm.this : alarm.arn]
          }
        }
      ],
      [
        for index, chart in local.charts : {
          type   = "metric"
          x      = index % 2 * 12
          y      = 4 + floor(index / 2) * 6
          width  = 12
          height = 6
          properties = {
            title   = chart.title
            region  = data.aws_region.current.region
            view    = "timeSeries"
            stat    = chart.statistic
            period  = 60
            metrics = chart.lines
          }
        }
      ],
    )
  })
}
