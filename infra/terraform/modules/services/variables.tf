variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "image" {
  description = "The image, of a private repository in ECR, by digest or tag."
  type        = string
}

variable "ledger_image" {
  description = "The image of the ledger, which is that of the others but in the middle of an upgrade."
  type        = string
}

variable "collector_image" {
  description = "Image of the AWS distribution of the OpenTelemetry collector, of a private repository in ECR; null: none."
  type        = string
}

variable "architecture" {
  description = "X86_64 or ARM64, as the image was built."
  type        = string
}

variable "ledger" {
  description = "Size of the ledger: CPU units, MiB, tasks."
  type = object({
    cpu    = number
    memory = number
    count  = number
  })
}

variable "consumer" {
  description = "Size of the kinesis-consumer: CPU units, MiB, tasks."
  type = object({
    cpu    = number
    memory = number
    count  = number
  })
}

variable "read_model" {
  description = "Size of the read model: CPU units, MiB, tasks, and up to how many it grows with its load."
  type = object({
    cpu       = number
    memory    = number
    count     = number
    max_count = number
  })
}

variable "service_port" {
  description = "Port on which every service listens, for HTTP or for health and metrics alone."
  type        = number
}

variable "certificate_arn" {
  description = "Certificate of the load balancer; null: plain HTTP."
  type        = string
}

variable "listener_port" {
  description = "Port of the load balancer."
  type        = number
}

variable "deletion_protection" {
  description = "Refuse to delete the load balancer."
  type        = bool
}

variable "access_log_bucket" {
  description = "Bucket for the load balancer's access logs; null: none."
  type        = string
}

variable "network" {
  description = "Where the services are."
  type = object({
    vpc_id             = string
    subnet_ids         = list(string)
    security_group_ids = map(string)
  })
}

variable "stream" {
  description = "The log."
  type = object({
    name          = string
    arn           = string
    consumer_arns = list(string)
  })
}

variable "tables" {
  description = "The tables in DynamoDB: the ledger's, and those of the two KCL applications, which have their names."
  type = object({
    ledger_name    = string
    ledger_arn     = string
    projector_name = string
    projector_arn  = string
    follower_name  = string
    follower_arn   = string
  })
}

variable "snapshots" {
  description = "Where snapshots are kept."
  type = object({
    store  = string
    arn    = string
    prefix = string
  })
}

variable "database" {
  description = "Where the views are; the secret is the administrator's, JSON with a member password, the file is in the image. Each service has a role and the ARN of the right to log in as it."
  type = object({
    uri           = string
    administrator = string
    secret_arn    = string
    ca_file       = string
    consumer      = object({ role = string, arn = string })
    reader        = object({ role = string, arn = string })
  })
}

variable "kms_key_arn" {
  description = "Key of the stream, the snapshots and the logs."
  type        = string
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
}
