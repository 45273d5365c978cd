# The processes show their meters at /metrics, which nothing in AWS reads. A collector in each task reads its own and
# writes those that the alarms and the dashboard use as lines of a log group that CloudWatch makes metrics of: no right
# to put metrics is needed, which AWS does not bind to any resource. Where traces are on, it also takes those of its own
# process and passes them on to X-Ray.

locals {
  namespace = "Ringledger"

  # The collector shares the task's loopback; nothing else reaches it.
  traces_address  = "127.0.0.1:4318"
  traces_endpoint = "http://${local.traces_address}"

  # Each costs by the month, so there are no more than are looked at. Without a label but the service: the largest, or
  # the sum, over partitions and tasks.
  metrics = [
    "ringledger_append_retries_total",
    "ringledger_append_seconds_max",
    "ringledger_events_appended_total",
    "ringledger_follower_halted",
    "ringledger_follower_shards",
    "ringledger_follower_snapshot_age_seconds",
    "ringledger_follower_snapshot_failures_total",
    "ringledger_http_commands_in_flight",
    "ringledger_http_connections",
    "ringledger_http_wait_seconds_max",
    "ringledger_leases_lost_total",
    "ringledger_partition_clock_ahead_seconds",
    "ringledger_projector_events_total",
    "ringledger_projector_halted",
    "ringledger_projector_lag_seconds_max",
    "ringledger_projector_retries_total",
    "ringledger_projector_shards",
    "ringledger_projector_waiting",
    "ringledger_queries_seconds_max",
    "ringledger_recovery_seconds",
    "ringledger_ring_occupancy",
    "ringledger_view_pool_waiting",
  ]

  # By what they answered.
  metrics_by_result = ["ringledger_http_results_total"]

  collector = {
    for service in ["ledger", "consumer", "read_model"] : service => [
      for image in compact([var.collector_image]) : {
        name                   = "collector"
        image                  = image
        essential              = false
        memory                 = local.collector_memory
        readonlyRootFilesystem = true
        environment            = [{ name = "AOT_CONFIG_CONTENT", value = local.collector_configuration[service] }]

        logConfiguration = {
          logDriver = "awslogs"
          options = {
            awslogs-group         = aws_cloudwatch_log_group.collector.name
            awslogs-region        = data.aws_region.current.region
            awslogs-stream-prefix = replace(service, "_", "-")
          }
        }
      }
    ]
  }

  collector_configuration = {
    for service in ["ledger", "consumer", "read_model"] : service => yamlencode({
      receivers = merge({
        prometheus = {
          config = {
            scrape_configs = [{
              job_name        = "ringledger"
              scrape_interval = "30s"
              scheme          = service == "consumer" ? "http" : "https"
              # On loopback, of a certificate that lives as long as the process does.
              tls_config = { insecure_skip_verify = true }
              static_configs = [{
                targets = ["127.0.0.1:${var.service_port}"]
                labels  = { ledger = var.name, service = replace(service, "_", "-") }
              }]
            }]
          }
        }
        }, {
        for receiver, protocols in { otlp = { protocols = { http = { endpoint = local.traces_address } } } } :
        receiver => protocols if var.traces.enabled
      })
      processors = {
        batch          = { timeout = "30s" }
        "batch/traces" = { timeout = "2s" }
      }
      exporters = merge({
        awsemf = {
          namespace               = local.namespace
          region                  = data.aws_region.current.region
          log_group_name          = aws_cloudwatch_log_group.metrics.name
          log_stream_name         = replace(service, "_", "-")
          dimension_rollup_option = "NoDimensionRollup"
          metric_declarations = [
            {
              dimensions            = [["ledger", "service"]]
              metric_name_selectors = [for metric in local.metrics : "^${metric}$"]
            },
            {
              dimensions            = [["ledger", "service", "result"]]
              metric_name_selectors = [for metric in local.metrics_by_result : "^${metric}$"]
            },
          ]
        }
        }, {
        for exporter, settings in { awsxray = { region = data.aws_region.current.region } } :
        exporter => settings if var.traces.enabled
      })
      service = {
        pipelines = merge({
          metrics = {
            receivers  = ["prometheus"]
            processors = ["batch"]
            exporters  = ["awsemf"]
          }
          }, {
          for pipeline, parts in {
            traces = { receivers = ["otlp"], processors = ["batch/traces"], exporters = ["awsxray"] }
          } : pipeline => parts if var.traces.enabled
        })
      }
    })
  }
}

resource "aws_cloudwatch_log_group" "collector" {
  name              = "/ringledger/${var.name}/collector"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

# The metrics themselves last as CloudWatch keeps them; these lines have done their work at once.
resource "aws_cloudwatch_log_group" "metrics" {
  name              = "/ringledger/${var.name}/metrics"
  retention_in_days = 1
  kms_key_id        = var.kms_key_arn
}
