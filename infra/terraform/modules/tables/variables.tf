variable "ledger_table" {
  description = "Name of the table that says what the ledger is and who owns it."
  type        = string
}

variable "applications" {
  description = "KCL applications: each has a table of its name."
  type        = set(string)
}

variable "deletion_protection" {
  description = "Refuse to delete the ledger's table."
  type        = bool
}
