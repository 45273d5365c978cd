# Ways to AWS without one to the internet. Through an endpoint go the credentials of this account alone: those of another,
# brought along by whoever took a process over, would carry data into buckets, tables and streams of theirs.

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  # What the processes call, and what Fargate needs to start them: images, logs, secrets.
  interface_endpoints = toset(concat(
    ["kinesis-streams", "ecr.api", "ecr.dkr", "logs", "secretsmanager"],
    [for endpoint in ["xray"] : endpoint if var.has_traces],
  ))
  gateway_endpoints = toset(["s3", "dynamodb"])
}

# What the credentials may do is decided by the policies of their roles.
data "aws_iam_policy_document" "endpoint" {
  for_each = setunion(local.interface_endpoints, local.gateway_endpoints)

  statement {
    sid       = "OwnAccount"
    actions   = ["*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }

  # The layers of images lie in a bucket of AWS, and are fetched with addresses that ECR has signed:
  # https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
  dynamic "statement" {
    for_each = each.key == "s3" ? ["layers"] : []

    content {
      sid       = "ImageLayers"
      actions   = ["s3:GetObject"]
      resources = ["arn:${data.aws_partition.current.partition}:s3:::prod-${data.aws_region.current.region}-starport-layer-bucket/*"]

      principals {
        type        = "AWS"
        identifiers = ["*"]
      }
    }
  }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = local.interface_endpoints

  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${data.aws_region.current.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = aws_subnet.private[*].id
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
  policy              = data.aws_iam_policy_document.endpoint[each.key].json

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_endpoint" "gateway" {
  for_each = local.gateway_endpoints

  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${data.aws_region.current.region}.${each.key}"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.private.id]
  policy            = data.aws_iam_policy_document.endpoint[each.key].json

  tags = { Name = "${var.name}-${each.key}" }
}
