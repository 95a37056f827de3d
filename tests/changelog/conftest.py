"""Every test with a dictionary runs on both kinds of database."""

from tests.parts.postgres import dictionary

__all__ = ["dictionary"]
