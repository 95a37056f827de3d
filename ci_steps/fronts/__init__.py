"""What stands between a line on its way out and its callers."""
