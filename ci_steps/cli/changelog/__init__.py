"""What a user says after `ci-steps changelog`: files of a service, and pages about all."""
