"""The public port: where callers arrive, whichever process serves them."""

from __future__ import annotations

import asyncio
import errno
import socket

from ci_steps.supervisor.backend import Backend
from ci_steps.supervisor.relay import Relay

_HOST = "127.0.0.1"
_BACKLOG = 512


class PortTakenError(Exception):
    """Somebody else listens on a port, or it may not be had."""


class Front:
    """Listens and hands every connection to `current`."""

    def __init__(self) -> None:
        self.current: Backend | None = None
        self._servers: dict[int, asyncio.Server] = {}
        self._taken: dict[int, socket.socket] = {}
        self._relays: set[Relay] = set()
        self._delay_seconds = 0.0
        self._bytes_per_second = 0

    async def listen(self, port: int) -> int:
        """Listen on *port*, 0 for a free one; return it."""
        if port in self._servers:
            return port
        try:
            server = await asyncio.start_server(self._arrive, _HOST, port, backlog=_BACKLOG)
        except OverflowError:
            raise PortTakenError(f"{port} is no port: the highest is 65535") from None
        except OSError as error:
            reason = (
                "it is taken by another process"
                if error.errno == errno.EADDRINUSE
                else error.strerror or str(error)
            )
            raise PortTakenError(f"cannot listen on port {port}: {reason}") from None
        port = int(server.sockets[0].getsockname()[1])
        self._servers[port] = server
        return port

    def keep_only(self, port: int) -> None:
        """Listen on no other port any more."""
        for other in set(self._servers) - {port}:
            self._servers.pop(other).close()

    def refuse(self) -> None:
        """Refuse callers at every port, and those that are there; nobody else gets the ports."""
        for port in list(self._servers):
            self._servers.pop(port).close()
            self._taken[port] = socket.socket()
            self._taken[port].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._taken[port].bind((_HOST, port))
        for relay in list(self._relays):
            relay.refuse()

    async def accept(self) -> None:
        """Accept callers again where they are refused."""
        while self._taken:
            port, taken = self._taken.popitem()
            taken.close()
            await self.listen(port)

    def slow_down(self, delay_seconds: float, bytes_per_second: int) -> None:
        """Let answers come late, and no faster than that; with zeros as fast as they can."""
        self._delay_seconds, self._bytes_per_second = delay_seconds, bytes_per_second

    async def hold_back(self, size: int, *, begins: bool) -> None:
        """Wait with a part of an answer, and with its beginning."""
        rate = self._bytes_per_second
        seconds = (self._delay_seconds if begins else 0.0) + (size / rate if rate else 0.0)
        if seconds:
            await asyncio.sleep(seconds)

    async def _arrive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        relay = Relay(self, reader, writer)
        self._relays.add(relay)
        try:
            await relay.run()
        finally:
            self._relays.discard(relay)
