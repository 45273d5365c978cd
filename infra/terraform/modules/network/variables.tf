variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "vpc_cidr" {
  description = "Addresses of the network, a /16 to /20; each zone gets a sixteenth of them."
  type        = string
}

variable "zone_count" {
  description = "Availability zones to spread over."
  type        = number
}

variable "client_cidrs" {
  description = "Addresses from which the load balancer takes connections."
  type        = list(string)
}

variable "nat" {
  description = "Make a way out to issuer_cidrs."
  type        = bool
}

variable "issuer_cidrs" {
  description = "Addresses where ledger and read model read the keys of tokens, by HTTPS."
  type        = list(string)
}

variable "jwks" {
  description = "Where the keys of tokens are; if in S3, its endpoint lets that object through."
  type        = string
}

variable "listener_port" {
  description = "Port of the load balancer."
  type        = number
}

variable "service_port" {
  description = "Port on which the ledger and the read model take HTTP."
  type        = number
}

variable "has_traces" {
  description = "True: an endpoint of X-Ray, too."
  type        = bool
}
