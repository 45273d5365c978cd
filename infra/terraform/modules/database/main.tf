# The views. What is in here came out of the log: commands go on without it, and it can be built anew from the log as
# far as that reaches back.

locals {
  identifier = "${var.name}-views-${var.generation}"
  is_elastic = var.instance_class == "db.serverless"
  major      = split(".", var.engine_version)[0]
}

resource "aws_db_subnet_group" "this" {
  name       = "${var.name}-views"
  subnet_ids = var.subnet_ids
}

resource "aws_rds_cluster_parameter_group" "this" {
  name        = "${var.name}-views-pg${local.major}"
  family      = "aurora-postgresql${local.major}"
  description = "Views of ${var.name}"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  # One statement of the projector is one batch, which is waited for: no batch takes as long as this.
  parameter {
    name  = "log_min_duration_statement"
    value = "2000"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_log_group" "postgresql" {
  name              = "/aws/rds/cluster/${local.identifier}/postgresql"
  retention_in_days = var.log_retention_days

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_rds_cluster" "this" {
  cluster_identifier  = local.identifier
  engine              = "aurora-postgresql"
  engine_mode         = "provisioned"
  engine_version      = var.engine_version
  database_name       = var.snapshot_identifier == null ? "ringledger" : null
  port                = 5432
  snapshot_identifier = var.snapshot_identifier

  # The administrator. RDS makes its password, keeps it in Secrets Manager and changes it every week: it is in no state
  # file and no variable, and no process that stays has it. The secret is under the account's own key of Secrets Manager,
  # so that who may read it needs no right to a key besides.
  master_username             = "ringledger"
  manage_master_user_password = true

  # The services have no password: they sign a token for each connection.
  iam_database_authentication_enabled = true

  db_subnet_group_name            = aws_db_subnet_group.this.name
  vpc_security_group_ids          = [var.security_group_id]
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.this.name

  storage_encrypted = true
  kms_key_id        = var.kms_key_arn

  backup_retention_period      = var.backup_days
  preferred_backup_window      = "01:00-02:00"
  preferred_maintenance_window = "sun:02:30-sun:03:30"
  copy_tags_to_snapshot        = true
  deletion_protection          = var.deletion_protection
  skip_final_snapshot          = !var.deletion_protection
  final_snapshot_identifier    = "${local.identifier}-last"

  enabled_cloudwatch_logs_exports = ["postgresql"]

  dynamic "serverlessv2_scaling_configuration" {
    for_each = local.is_elastic ? [var.serverless_capacity] : []

    content {
      min_capacity = serverlessv2_scaling_configuration.value.min
      max_capacity = serverlessv2_scaling_configuration.value.max
    }
  }

  # The new generation is there, and the services have moved to it, before the old one goes. What a generation began
  # with is of no interest later: taking the variable back must not begin it again.
  lifecycle {
    create_before_destroy = true
    ignore_changes        = [snapshot_identifier, database_name]
  }

  depends_on = [aws_cloudwatch_log_group.postgresql]
}

resource "aws_rds_cluster_instance" "this" {
  count = var.instance_count

  identifier                      = "${local.identifier}-${count.index}"
  cluster_identifier              = aws_rds_cluster.this.id
  engine                          = aws_rds_cluster.this.engine
  engine_version                  = aws_rds_cluster.this.engine_version
  instance_class                  = var.instance_class
  publicly_accessible             = false
  auto_minor_version_upgrade      = false
  performance_insights_enabled    = true
  performance_insights_kms_key_id = var.kms_key_arn

  lifecycle {
    create_before_destroy = true
  }
}
