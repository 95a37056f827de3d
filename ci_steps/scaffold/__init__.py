"""What `ci-steps init` finds in a repository, and the files it makes of it."""
