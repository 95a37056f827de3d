"""What a user says after `ci-steps contract`: what callers notice, for whom, in which form."""
