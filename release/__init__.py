"""What a release ships: ci-steps with all it needs, so that a runner downloads nothing."""
