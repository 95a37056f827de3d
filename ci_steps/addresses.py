"""Addresses as people may see them."""

from __future__ import annotations

import re

# Greedy up to the last @ before the path: a password may hold an @ of its own.
_CREDENTIALS = re.compile(r"(?<=://)[^/\s]*@")


def without_credentials(text: str) -> str:
    """Return *text* with ``user:password@`` masked in every address in it."""
    return _CREDENTIALS.sub("***@", text) if "@" in text else text
