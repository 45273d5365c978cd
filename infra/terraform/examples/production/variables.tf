variable "region" {
  description = "Region of AWS."
  type        = string
}

variable "image" {
  description = "The image of the services, in ECR, by its digest: what was tested is what runs."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image must be named by its digest: a tag can be moved."
  }
}

variable "ledger_image" {
  description = "The image of the ledger in the middle of an upgrade; null: that of the others."
  type        = string
  default     = null
}

variable "collector_image" {
  description = "Image of aws-otel-collector, copied into ECR, by its digest."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.collector_image))
    error_message = "collector_image must be named by its digest: a tag can be moved."
  }
}

variable "certificate_arn" {
  description = "Certificate of the ledger's name, of ACM in this region."
  type        = string
}

variable "client_cidrs" {
  description = "Addresses of the networks that clients are in."
  type        = list(string)

  validation {
    condition     = length(var.client_cidrs) > 0
    error_message = "client_cidrs must name at least one network."
  }
}

variable "auth" {
  description = "Whose tokens clients need: where the issuer publishes its keys, its iss, and the aud of this ledger."
  type = object({
    jwks     = string
    issuer   = string
    audience = string
  })
}

variable "issuer_cidrs" {
  description = "Addresses of the issuer, if it has some of its own: ledger and read model then reach nothing else outside."
  type        = list(string)
  default     = []
}

variable "access_log_bucket" {
  description = "Bucket for the access logs of the load balancer; null: none."
  type        = string
  default     = null
}

variable "alarm_emails" {
  description = "Who is told of alarms."
  type        = list(string)

  validation {
    condition     = length(var.alarm_emails) > 0
    error_message = "alarm_emails must name somebody."
  }
}
