# `./ringledger token` is the issuer of this trial: it keeps a key on your machine and makes tokens with it. What it
# publishes lies here; the services read it again every five minutes, so another key takes an apply and no restart.

variable "keys_file" {
  description = "The public keys that ./ringledger token has made: local-stack/target/tokens/keys.json."
  type        = string
}

data "aws_caller_identity" "current" {}

locals {
  keys_bucket = "ringledger-trial-keys-${data.aws_caller_identity.current.account_id}-${var.region}"
}

resource "aws_s3_bucket" "keys" {
  bucket        = local.keys_bucket
  force_destroy = true
}

resource "aws_s3_bucket_public_access_block" "keys" {
  bucket = aws_s3_bucket.keys.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# Public keys are no secret; who can write them can make tokens. So they are read without a name, through the network's
# own endpoint alone, and written by whoever may write to this bucket in this account.
data "aws_iam_policy_document" "keys" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.keys.arn}/keys.json"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceVpce"
      values   = [module.ringledger.s3_endpoint_id]
    }
  }
}

resource "aws_s3_bucket_policy" "keys" {
  bucket = aws_s3_bucket.keys.id
  policy = data.aws_iam_policy_document.keys.json
}

resource "aws_s3_object" "keys" {
  bucket       = aws_s3_bucket.keys.id
  key          = "keys.json"
  content      = file(var.keys_file)
  content_type = "application/json"
}
