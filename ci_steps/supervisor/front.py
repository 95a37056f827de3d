"""The public port: where callers arrive, whichever process serves them."""

from __future__ import annotations

import asyncio
import errno

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

    async def _arrive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Relay(self, reader, writer).run()
