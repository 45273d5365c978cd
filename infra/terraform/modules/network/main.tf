# Private subnets alone. What the services need of AWS comes through endpoints (endpoints.tf), so a process that was taken
# over has no way out of this network, but with nat to where the keys of tokens are.

data "aws_availability_zones" "all" {
  state = "available"

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  zones = slice(data.aws_availability_zones.all.names, 0, var.zone_count)
}

resource "aws_vpc" "this" {
  cidr_block           = var.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.name }
}

# Takes nothing and sends nothing: whatever is started here without a group of its own is cut off.
resource "aws_default_security_group" "closed" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-closed" }
}

resource "aws_subnet" "private" {
  count = var.zone_count

  vpc_id            = aws_vpc.this.id
  cidr_block        = cidrsubnet(var.vpc_cidr, 4, count.index)
  availability_zone = local.zones[count.index]

  tags = { Name = "${var.name}-private-${local.zones[count.index]}" }
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-private" }
}

resource "aws_route_table_association" "private" {
  count = var.zone_count

  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = aws_route_table.private.id
}

# One over all zones, with addresses and a route to the gateway of its own: no subnet becomes a public one.
resource "aws_internet_gateway" "this" {
  count = var.nat ? 1 : 0

  vpc_id = aws_vpc.this.id

  tags = { Name = var.name }
}

resource "aws_nat_gateway" "this" {
  count = var.nat ? 1 : 0

  vpc_id            = aws_vpc.this.id
  availability_mode = "regional"

  tags = { Name = var.name }

  depends_on = [aws_internet_gateway.this]
}

resource "aws_route" "issuer" {
  count = var.nat ? length(var.issuer_cidrs) : 0

  route_table_id         = aws_route_table.private.id
  destination_cidr_block = var.issuer_cidrs[count.index]
  nat_gateway_id         = aws_nat_gateway.this[0].id
}
