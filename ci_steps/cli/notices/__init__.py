"""What a user says after `ci-steps notices`: who is told, in which words, and what came of it."""
