# Who may speak to whom, all in one place. Everything that is not here is refused.

resource "aws_security_group" "load_balancer" {
  name        = "${var.name}-load-balancer"
  description = "Takes HTTP of clients, sends it to the ledger and the read model"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-load-balancer" }
}

resource "aws_security_group" "ledger" {
  name        = "${var.name}-ledger"
  description = "Takes commands, forwards them to the other ledger processes"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-ledger" }
}

resource "aws_security_group" "consumer" {
  name        = "${var.name}-consumer"
  description = "Takes nothing; reads the log, writes views and snapshots"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-consumer" }
}

resource "aws_security_group" "read_model" {
  name        = "${var.name}-read-model"
  description = "Takes queries, asks the database"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-read-model" }
}

resource "aws_security_group" "database" {
  name        = "${var.name}-database"
  description = "Takes SQL of the consumer and the read model, sends nothing"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-database" }
}

resource "aws_security_group" "endpoints" {
  name        = "${var.name}-endpoints"
  description = "Takes calls of the services to AWS, sends nothing"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-endpoints" }
}

locals {
  services = {
    ledger     = aws_security_group.ledger.id
    consumer   = aws_security_group.consumer.id
    read_model = aws_security_group.read_model.id
  }

  # From the first group to the second.
  paths = {
    balancer_to_ledger = {
      from = aws_security_group.load_balancer.id
      to   = aws_security_group.ledger.id
      port = var.service_port
    }
    balancer_to_read_model = {
      from = aws_security_group.load_balancer.id
      to   = aws_security_group.read_model.id
      port = var.service_port
    }
    # A command that has come to the wrong process goes on to the owner of its partition.
    ledger_to_ledger = {
      from = aws_security_group.ledger.id
      to   = aws_security_group.ledger.id
      port = var.service_port
    }
    consumer_to_database = {
      from = aws_security_group.consumer.id
      to   = aws_security_group.database.id
      port = 5432
    }
    read_model_to_database = {
      from = aws_security_group.read_model.id
      to   = aws_security_group.database.id
      port = 5432
    }
    ledger_to_endpoints = {
      from = aws_security_group.ledger.id
      to   = aws_security_group.endpoints.id
      port = 443
    }
    consumer_to_endpoints = {
      from = aws_security_group.consumer.id
      to   = aws_security_group.endpoints.id
      port = 443
    }
    read_model_to_endpoints = {
      from = aws_security_group.read_model.id
      to   = aws_security_group.endpoints.id
      port = 443
    }
  }

  # S3 and DynamoDB have no address in the network, but a list of prefixes. S3 also holds the layers of images.
  prefixes = {
    for pair in setproduct(keys(local.services), local.gateway_endpoints) : "${pair[0]}_to_${pair[1]}" => {
      from   = local.services[pair[0]]
      prefix = aws_vpc_endpoint.gateway[pair[1]].prefix_list_id
    } if !(pair[0] == "read_model" && pair[1] == "dynamodb")
  }
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  count = length(var.client_cidrs)

  security_group_id = aws_security_group.load_balancer.id
  description       = "clients"
  cidr_ipv4         = var.client_cidrs[count.index]
  ip_protocol       = "tcp"
  from_port         = var.listener_port
  to_port           = var.listener_port
}

resource "aws_vpc_security_group_ingress_rule" "path" {
  for_each = local.paths

  security_group_id            = each.value.to
  description                  = each.key
  referenced_security_group_id = each.value.from
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "path" {
  for_each = local.paths

  security_group_id            = each.value.from
  description                  = each.key
  referenced_security_group_id = each.value.to
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "prefix" {
  for_each = local.prefixes

  security_group_id = each.value.from
  description       = each.key
  prefix_list_id    = each.value.prefix
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

# The keys of tokens. The consumer asks nobody for a token and has no way there.
resource "aws_vpc_security_group_egress_rule" "ledger_to_issuer" {
  count = length(var.issuer_cidrs)

  security_group_id = aws_security_group.ledger.id
  description       = "keys of tokens"
  cidr_ipv4         = var.issuer_cidrs[count.index]
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "read_model_to_issuer" {
  count = length(var.issuer_cidrs)

  security_group_id = aws_security_group.read_model.id
  description       = "keys of tokens"
  cidr_ipv4         = var.issuer_cidrs[count.index]
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
