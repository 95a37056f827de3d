"""HTTP with one of the machines that answer for a name."""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult, urlsplit

import requests
from requests.adapters import HTTPAdapter


class _AsHost(HTTPAdapter):
    """Connects to an address, and wants the certificate of the host that it stands for."""

    def __init__(self, host: str) -> None:
        self._host = host
        super().__init__()

    def init_poolmanager(self, *given: Any, **more: Any) -> None:
        """Make connections that name the host in TLS, and check that it is meant."""
        more.update(server_hostname=self._host, assert_hostname=self._host)
        super().init_poolmanager(*given, **more)


def session_at(url: str, address: str) -> requests.Session:
    """Return a session with whoever answers *url*, or with that one at *address*."""
    session = requests.Session()
    host = urlsplit(url).hostname
    if address and host:
        session.mount("https://", _AsHost(host))
    return session


def asked_at(url: str, address: str, headers: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Return what is asked, and with which headers, at one address of the host in *url*."""
    if not address:
        return url, headers
    parts = urlsplit(url)
    user, separator, host = parts.netloc.rpartition("@")
    place = f"[{address}]" if ":" in address else address
    there = f"{user}{separator}{place}{_port(parts)}"
    return parts._replace(netloc=there).geturl(), {**headers, "Host": host}


def _port(parts: SplitResult) -> str:
    return f":{parts.port}" if parts.port else ""
