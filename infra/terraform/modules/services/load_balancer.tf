# Queries go to the read model, everything else to the ledger, whose processes pass a command on to its owner. Inside
# the network only. Who gets here needs a token besides, which the processes check themselves.

resource "aws_lb" "this" {
  name                       = var.name
  internal                   = true
  load_balancer_type         = "application"
  subnets                    = var.network.subnet_ids
  security_groups            = [var.network.security_group_ids["load_balancer"]]
  idle_timeout               = 60
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"
  enable_deletion_protection = var.deletion_protection

  dynamic "access_logs" {
    for_each = var.access_log_bucket == null ? [] : [var.access_log_bucket]

    content {
      bucket  = access_logs.value
      prefix  = var.name
      enabled = true
    }
  }
}

# To the processes over TLS, each with a certificate that it makes for itself: a load balancer does not ask whose it is.
resource "aws_lb_target_group" "ledger" {
  name                          = "${var.name}-ledger"
  vpc_id                        = var.network.vpc_id
  target_type                   = "ip"
  port                          = var.service_port
  protocol                      = "HTTPS"
  protocol_version              = "HTTP1"
  load_balancing_algorithm_type = "least_outstanding_requests"

  # Longer than a command may wait for its outcome.
  deregistration_delay = 40

  # Alive, not ready: no ledger process is ready while any partition has no owner, and ECS would then kill all of them,
  # the one that is being rebuilt too. A process that is not ready forwards, or answers 503 by the contract.
  health_check {
    protocol            = "HTTPS"
    path                = "/health/live"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_target_group" "read_model" {
  name                          = "${var.name}-read-model"
  vpc_id                        = var.network.vpc_id
  target_type                   = "ip"
  port                          = var.service_port
  protocol                      = "HTTPS"
  protocol_version              = "HTTP1"
  load_balancing_algorithm_type = "least_outstanding_requests"
  deregistration_delay          = 10

  # Ready: one that does not reach the database leaves the others to answer. Patient enough for the database to fail
  # over without every task being replaced.
  health_check {
    protocol            = "HTTPS"
    path                = "/health/ready"
    matcher             = "200"
    interval            = 15
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 8
  }
}

resource "aws_lb_listener" "this" {
  load_balancer_arn = aws_lb.this.arn
  port              = var.listener_port
  protocol          = var.certificate_arn == null ? "HTTP" : "HTTPS"
  certificate_arn   = var.certificate_arn
  ssl_policy        = var.certificate_arn == null ? null : "ELBSecurityPolicy-TLS13-1-2-2021-06"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.ledger.arn
  }
}

# Of the operators, on the tasks' own addresses.
resource "aws_lb_listener_rule" "inside_only" {
  listener_arn = aws_lb_listener.this.arn
  priority     = 10

  condition {
    path_pattern {
      values = ["/metrics", "/metrics/*", "/health", "/health/*"]
    }
  }

  action {
    type = "fixed-response"

    fixed_response {
      status_code  = "404"
      content_type = "application/json"
      message_body = jsonencode({
        type    = "/problems/route_not_found"
        title   = "There is no such path"
        status  = 404
        code    = "route_not_found"
        outcome = "not_applied"
        retry   = "never"
      })
    }
  }
}

resource "aws_lb_listener_rule" "queries" {
  listener_arn = aws_lb_listener.this.arn
  priority     = 20

  condition {
    http_request_method {
      values = ["GET", "HEAD"]
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.read_model.arn
  }
}
