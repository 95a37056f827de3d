"""What must be proven before a deployment, and what of it stands from an earlier run."""
