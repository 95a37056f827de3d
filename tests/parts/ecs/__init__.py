"""A stand-in for Amazon ECS: its wire format, rollouts that take their time, real processes."""
