# The whole of a ledger in one region of one account. The provider comes from whoever uses this: examples/ show it.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region

  service_port  = 8080
  listener_port = var.certificate_arn == null ? 80 : 443

  # A set of views, the database and how far the log has been read into it, has one number.
  projector = "${var.name}-projector-${var.views_generation}"
  follower  = "${var.name}-follower"

  # The roles of the database, and whose right to log in as one of them this is, but for its name.
  consumer_role = "ringledger_consumer"
  reader_role   = "ringledger_reader"
  log_in_as     = "arn:${local.partition}:rds-db:${local.region}:${local.account}:dbuser:${module.database.resource_id}"

  snapshot_prefix   = "snapshots"
  fan_out_consumers = toset(var.consumer_settings.retrieval == "fan_out" ? [local.projector, local.follower] : [])
}

module "network" {
  source = "./modules/network"

  name          = var.name
  vpc_cidr      = var.vpc_cidr
  zone_count    = var.zone_count
  client_cidrs  = length(var.client_cidrs) == 0 ? [var.vpc_cidr] : var.client_cidrs
  nat           = var.nat
  jwks          = var.auth.jwks
  issuer_cidrs  = var.nat && length(var.issuer_cidrs) == 0 ? ["0.0.0.0/0"] : var.issuer_cidrs
  listener_port = local.listener_port
  service_port  = local.service_port
  has_traces    = coalesce(var.traces.enabled, false)
}

module "stream" {
  source = "./modules/stream"

  name              = var.name
  shard_count       = var.shard_count
  retention_hours   = var.retention_hours
  kms_key_arn       = aws_kms_key.this.arn
  fan_out_consumers = local.fan_out_consumers
}

module "tables" {
  source = "./modules/tables"

  ledger_table        = var.name
  applications        = [local.projector, local.follower]
  deletion_protection = var.deletion_protection
}

module "snapshots" {
  source = "./modules/snapshots"

  bucket          = "${var.name}-snapshots-${local.account}-${local.region}"
  prefix          = local.snapshot_prefix
  kms_key_arn     = aws_kms_key.this.arn
  noncurrent_days = var.snapshot_noncurrent_days
}

module "database" {
  source = "./modules/database"

  name                = var.name
  generation          = var.views_generation
  snapshot_identifier = var.views_snapshot_identifier
  engine_version      = var.database_engine_version
  instance_class      = var.database_instance_class
  instance_count      = var.database_instance_count
  serverless_capacity = var.database_capacity
  backup_days         = var.database_backup_days
  deletion_protection = var.deletion_protection
  subnet_ids          = module.network.private_subnet_ids
  security_group_id   = module.network.security_group_ids["database"]
  kms_key_arn         = aws_kms_key.this.arn
  log_retention_days  = var.log_retention_days
}

module "services" {
  source = "./modules/services"

  name                = var.name
  image               = var.image
  ledger_image        = coalesce(var.ledger_image, var.image)
  collector_image     = var.collector_image
  architecture        = var.architecture
  ledger              = var.ledger
  consumer            = var.consumer
  read_model          = var.read_model
  service_port        = local.service_port
  certificate_arn     = var.certificate_arn
  listener_port       = local.listener_port
  deletion_protection = var.deletion_protection
  access_log_bucket   = var.access_log_bucket
  kms_key_arn         = aws_kms_key.this.arn
  log_retention_days  = var.log_retention_days

  partitions            = var.partitions
  idempotency_window_ms = var.idempotency_window_ms
  http                  = var.http
  log_lines             = var.log_lines
  ledger_settings       = var.ledger_settings
  consumer_settings     = var.consumer_settings
  query_settings        = var.query_settings
  auth                  = var.auth
  traces                = var.traces

  network = {
    vpc_id             = module.network.vpc_id
    subnet_ids         = module.network.private_subnet_ids
    security_group_ids = module.network.security_group_ids
  }

  stream = {
    name          = module.stream.name
    arn           = module.stream.arn
    consumer_arns = module.stream.consumer_arns
  }

  tables = {
    ledger_name    = var.name
    ledger_arn     = module.tables.ledger_arn
    projector_name = local.projector
    projector_arn  = module.tables.application_arns[local.projector]
    follower_name  = local.follower
    follower_arn   = module.tables.application_arns[local.follower]
  }

  snapshots = {
    store  = module.snapshots.store
    arn    = module.snapshots.arn
    prefix = local.snapshot_prefix
  }

  database = {
    uri           = module.database.uri
    administrator = module.database.administrator
    secret_arn    = module.database.secret_arn
    ca_file       = var.database_ca_file
    consumer      = { role = local.consumer_role, arn = "${local.log_in_as}/${local.consumer_role}" }
    reader        = { role = local.reader_role, arn = "${local.log_in_as}/${local.reader_role}" }
  }
}

module "alarms" {
  source = "./modules/alarms"

  name               = var.name
  emails             = var.alarm_emails
  kms_key_arn        = aws_kms_key.this.arn
  stream_name        = module.stream.name
  retention_hours    = var.retention_hours
  fan_out_consumers  = local.fan_out_consumers
  table_names        = { ledger = var.name, projector = local.projector, follower = local.follower }
  cluster_identifier = module.database.cluster_identifier
  is_serverless      = module.database.is_serverless
  ecs_cluster_name   = module.services.cluster_name
  ecs_service_names  = module.services.service_names
  load_balancer      = module.services.load_balancer
  metric_namespace   = module.services.metric_namespace
  ring_size          = var.ledger_settings.ring_size
  lag_seconds        = var.alarm_lag_seconds
  latency_seconds    = var.alarm_latency_seconds
}
