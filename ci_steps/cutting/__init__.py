"""Cutting a dependency off while a test runs, and bringing it back whatever happens."""
