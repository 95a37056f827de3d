"""Which machines answer for the name in an address."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from requests.utils import get_environ_proxies

from ci_steps.outside.deadlines import LateError, in_time

_FAMILIES = (socket.AF_INET, socket.AF_INET6)


def addresses_of(url: str, timeout_seconds: float) -> tuple[str, ...]:
    """Return every address of the host in *url*, where it has several; else none.

    They are its A records, or its AAAA records where it has no other: a name of both kinds
    is mostly one machine. Where a proxy asks for us, it chooses.
    """
    try:
        host = urlsplit(url).hostname
        if not host or _is_address(host) or get_environ_proxies(url):
            return ()
        found = in_time(lambda: _look_up(host), timeout_seconds)
    except (LateError, OSError, ValueError):  # whoever asks the name is told why
        return ()
    return found if len(found) > 1 else ()


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _look_up(host: str) -> tuple[str, ...]:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    for wanted in _FAMILIES:
        of_family = (str(place[0]) for family, _, _, _, place in found if family is wanted)
        if addresses := tuple(dict.fromkeys(of_family)):
            return addresses
    return ()
