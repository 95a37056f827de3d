"""Addresses as people may see them."""

from __future__ import annotations

import re

# Greedy up to the last @ before the path: a password may hold an @ of its own.
_CREDENTIALS = re.compile(r"(?<=://)[^/\s]*@")

_HIDDEN = re.compile(r"https?://[^/\s]*@|\w+://[^/\s@]*:[^/\s]*@")


def has_credentials(text: str) -> bool:
    """Return whether an address holds a password, or a user that may be a token."""
    return _HIDDEN.search(text) is not None


def without_credentials(text: str) -> str:
    """Return *text* with ``user:password@`` masked in every address in it."""
    return _CREDENTIALS.sub("***@", text) if "@" in text else text
