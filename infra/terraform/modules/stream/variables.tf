variable "name" {
  description = "Name of the stream."
  type        = string
}

variable "shard_count" {
  description = "Shards of a provisioned stream; null: on demand."
  type        = number
}

variable "retention_hours" {
  description = "How long the log can be read."
  type        = number
}

variable "kms_key_arn" {
  description = "Key that encrypts the records."
  type        = string
}

variable "fan_out_consumers" {
  description = "KCL applications that read with a throughput of their own; empty where all poll."
  type        = set(string)
}
