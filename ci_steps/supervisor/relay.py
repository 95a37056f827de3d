"""One client's connection, forwarded to whichever process serves.

A connection stays with the process it began with. One exception makes a replacement gapless
for clients that keep their connection: an HTTP/1 request that begins after the answer to the
one before goes to the new process, on the same connection of the client.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ci_steps.supervisor.backend import Backend
    from ci_steps.supervisor.front import Front

_CHUNK_BYTES = 65_536
_WAIT_SECONDS = 5.0
_RETRY_SECONDS = 0.05
_REQUEST = re.compile(rb"[A-Z]{3,20} [^ \r\n]+ HTTP/1\.[01]\r\n")
_INTERIM = re.compile(rb"HTTP/1\.[01] 1\d\d")  # the answer, or another protocol, follows


class Relay:
    """Forwards bytes in both directions and knows to which process."""

    def __init__(
        self, front: Front, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._front = front
        self._reader, self._writer = reader, writer
        self._backend: Backend | None = None
        self._upstream: asyncio.StreamWriter | None = None
        self._answering: asyncio.Task[None] | None = None
        self._asked = False
        self._answered = False
        self._pipelines = False

    async def run(self) -> None:
        """Forward until one side closes."""
        try:
            await self._attach()
            while content := await self._reader.read(_CHUNK_BYTES):
                await self._forward(content)
            if self._upstream and self._answering:
                self._upstream.write_eof()
                await self._answering
        except (OSError, asyncio.CancelledError):  # cancelled: the supervisor ends
            if not self._answered:
                self.refuse()
        finally:
            self._detach()
            self._writer.close()

    def refuse(self) -> None:
        """Reset the connection: merely closed, it would look like an empty answer."""
        connection = self._writer.get_extra_info("socket")
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def _forward(self, content: bytes) -> None:
        begins = _REQUEST.match(content) is not None
        # Who asks before the last answer is there may still wait for it: stay.
        self._pipelines = self._pipelines or (begins and self._asked and not self._answered)
        if begins and self._answered and not self._pipelines:
            await self._follow()
        self._asked, self._answered = True, False
        assert self._upstream is not None  # noqa: S101 (attached before anything is read)
        self._upstream.write(content)
        await self._upstream.drain()

    async def _follow(self) -> None:
        if self._front.current not in {None, self._backend}:
            await self._attach()

    async def _attach(self) -> None:
        """Connect with the process that serves; while there is none, wait a little."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _WAIT_SECONDS
        while not (backend := self._front.current) or not await self._connect(backend):
            if loop.time() > deadline:
                raise ConnectionRefusedError
            await asyncio.sleep(_RETRY_SECONDS)

    async def _connect(self, backend: Backend) -> bool:
        # Counted before it is there: a process that seems idle would be ended meanwhile.
        backend.join()
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", backend.port)
        except OSError:
            backend.leave()
            return False
        self._detach()
        self._backend, self._upstream = backend, writer
        self._answering = asyncio.create_task(self._answer(reader))
        return True

    def _detach(self) -> None:
        if self._backend and self._upstream and self._answering:
            self._answering.cancel()
            self._upstream.close()
            self._backend.leave()
        self._backend = self._upstream = self._answering = None

    async def _answer(self, reader: asyncio.StreamReader) -> None:
        with suppress(OSError):
            while content := await reader.read(_CHUNK_BYTES):
                await self._front.hold_back(len(content), begins=not self._answered)
                self._answered = _INTERIM.match(content) is None
                self._writer.write(content)
                await self._writer.drain()
        self._writer.close()
