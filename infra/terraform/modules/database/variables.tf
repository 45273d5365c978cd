variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "generation" {
  description = "Which set of views this is; a new number makes a new cluster and then removes the old one."
  type        = number
}

variable "snapshot_identifier" {
  description = "Snapshot of a cluster to begin the generation with; null: an empty database."
  type        = string
}

variable "engine_version" {
  description = "Version of Aurora PostgreSQL."
  type        = string
}

variable "instance_class" {
  description = "Class of the instances; db.serverless scales by itself."
  type        = string
}

variable "instance_count" {
  description = "Instances: one that writes, the others take over from it."
  type        = number
}

variable "serverless_capacity" {
  description = "Smallest and largest capacity of a serverless instance, in ACU."
  type = object({
    min = number
    max = number
  })
}

variable "backup_days" {
  description = "How long backups are kept."
  type        = number
}

variable "deletion_protection" {
  description = "Refuse to delete the cluster, and take a last snapshot before it is."
  type        = bool
}

variable "subnet_ids" {
  description = "Subnets of the cluster, in two zones or more."
  type        = list(string)
}

variable "security_group_id" {
  description = "Group of the cluster."
  type        = string
}

variable "kms_key_arn" {
  description = "Key that encrypts storage, backups and what Performance Insights keeps."
  type        = string
}

variable "log_retention_days" {
  description = "How long the logs of the database are kept."
  type        = number
}
