"""What a user says after `ci-steps dictionary`: questions, and telling it something."""
