"""Addresses as people may see them."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

# Greedy up to the last @ before the path: a password may hold an @ of its own.
_CREDENTIALS = re.compile(r"(?<=://)[^/\s]*@")

_HIDDEN = re.compile(r"https?://[^/\s]*@|\w+://[^/\s@]*:[^/\s]*@")


def has_credentials(text: str) -> bool:
    """Return whether an address holds a password, or a user that may be a token."""
    return _HIDDEN.search(text) is not None


def without_credentials(text: str) -> str:
    """Return *text* with ``user:password@`` masked in every address in it."""
    return _CREDENTIALS.sub("***@", text) if "@" in text else text


def is_web(url: str) -> bool:
    """Return whether *url* is an address that can be asked over HTTP."""
    return _web_parts(url) is not None


def is_protected(url: str) -> bool:
    """Return whether nobody on the way can read along; this machine needs no protection."""
    parts = _web_parts(url)
    return parts is not None and (parts.scheme == "https" or is_this_machine(str(parts.hostname)))


def is_this_machine(host: str) -> bool:
    """Return whether a host is reached without a network: 127.0.0.0/8, ::1 and localhost."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _web_parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:  # a bracket that is not closed
        return None
    return parts if fits else None
