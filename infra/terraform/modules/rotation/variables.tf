variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "schedule" {
  description = "When the password is rotated, as EventBridge Scheduler writes it, in UTC."
  type        = string
}

variable "secret_arn" {
  description = "The secret that RDS keeps the password in."
  type        = string
}

variable "cluster_name" {
  description = "ECS cluster of the services."
  type        = string
}

variable "services" {
  description = "The services that read the password at their start: names and ARNs, restarted in the order of the list."
  type = list(object({
    name = string
    arn  = string
  }))
}
