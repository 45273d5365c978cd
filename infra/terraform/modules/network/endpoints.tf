# Ways to AWS without one to the internet. What is asked through an endpoint is asked with credentials of this account:
# those of another, brought along by whoever took a process over, would carry data into buckets, tables and streams of
# theirs.

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

  # Bucket and name of the keys of tokens, if they lie in S3: https://BUCKET.s3.REGION.amazonaws.com/NAME, or
  # https://s3.REGION.amazonaws.com/BUCKET/NAME.
  key_objects = [
    for found in concat(
      regexall("^https://([a-z0-9-]+)[.]s3[.][a-z0-9-]+[.]amazonaws[.]com(?:[.]cn)?(?::443)?/([^?]+)", var.jwks),
      regexall("^https://s3[.][a-z0-9-]+[.]amazonaws[.]com(?:[.]cn)?(?::443)?/([a-z0-9.-]+)/([^?]+)", var.jwks),
    ) : "${found[0]}/${found[1]}"
  ]
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

  # Those are read like any other, without credentials: public keys are no secret.
  dynamic "statement" {
    for_each = each.key == "s3" ? local.key_objects : []

    content {
      sid       = "KeysOfTokens"
      actions   = ["s3:GetObject"]
      resources = ["arn:${data.aws_partition.current.partition}:s3:::${statement.value}"]

      principals {
        type        = "*"
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
