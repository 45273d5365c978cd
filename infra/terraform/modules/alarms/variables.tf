variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "emails" {
  description = "Who is told; each address has to confirm once."
  type        = list(string)
}

variable "kms_key_arn" {
  description = "Key that encrypts the messages."
  type        = string
}

variable "stream_name" {
  description = "The log."
  type        = string
}

variable "retention_hours" {
  description = "How long the log can be read: readers that are behind by a quarter of it are an alarm."
  type        = number
}

variable "fan_out_consumers" {
  description = "KCL applications that read with a throughput of their own; empty where all poll."
  type        = set(string)
}

variable "table_names" {
  description = "The tables in DynamoDB, by what they are for."
  type        = map(string)
}

variable "cluster_identifier" {
  description = "The database."
  type        = string
}

variable "is_serverless" {
  description = "Whether the capacity of the database scales by itself."
  type        = bool
}

variable "ecs_cluster_name" {
  description = "The ECS cluster."
  type        = string
}

variable "ecs_service_names" {
  description = "The ECS services, by what they are for."
  type        = map(string)
}

variable "load_balancer" {
  description = "The load balancer and its target groups, as metrics have them."
  type = object({
    load_balancer = string
    ledger        = string
    read_model    = string
  })
}

variable "metric_namespace" {
  description = "Namespace of the services' own metrics; null: there are none, and no alarms on them."
  type        = string
}

variable "ring_size" {
  description = "Slots of a ring: nearly full is an alarm."
  type        = number
}

variable "lag_seconds" {
  description = "How long after a write its view may be behind before it is an alarm."
  type        = number
}

variable "latency_seconds" {
  description = "How long the slowest hundredth of requests may take before it is an alarm."
  type        = number
}
