output "state_machine_arn" {
  description = "Start it by hand to rotate at once."
  value       = aws_sfn_state_machine.rotation.arn
}
