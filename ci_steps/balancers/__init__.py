"""Plugs that share calls out among the lines of a service."""
