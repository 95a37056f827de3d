"""Ports for servers that have to be told one, which nobody else is given meanwhile."""

from __future__ import annotations

import os
import secrets
import socket
from itertools import cycle, islice

# Below the ports that a system gives to whoever names none: those of every connection.
_FIRST, _LAST = 10_000, 32_000
_OF_ONE = 2_000


def _mine() -> range:
    """Return the ports of this worker: workers run side by side."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = _FIRST + number * _OF_ONE % (_LAST - _FIRST)
    return range(first, first + _OF_ONE)


# Two runs on one machine begin at different places.
_ports = islice(cycle(_mine()), secrets.randbelow(_OF_ONE), None)


def free_port() -> int:
    """Return a port nobody listens on; each call returns another one."""
    return next(port for port in islice(_ports, _OF_ONE) if _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: one that has just ended is not in the way.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
