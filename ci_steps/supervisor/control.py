"""The unix socket: lines of JSON in, lines of JSON out."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import suppress

from ci_steps.supervisor.slot import RefusedError, Reply, Slot

_LINE_BYTES = 4_000_000


async def serve(slot: Slot, listening: socket.socket) -> asyncio.AbstractServer:
    """Answer on a socket that already listens."""

    async def arrive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        guest = object()
        slot.welcome(guest)
        try:
            # ValueError: a line longer than the limit. Cancelled: it is over.
            with suppress(OSError, ValueError, asyncio.CancelledError):
                while line := await reader.readline():
                    writer.write(json.dumps(await _answer(slot, guest, line)).encode() + b"\n")
                    await writer.drain()
        finally:
            writer.close()
            await slot.leave(guest)

    return await asyncio.start_unix_server(arrive, sock=listening, limit=_LINE_BYTES)


async def _answer(slot: Slot, guest: object, line: bytes) -> Reply:
    answers = {
        "greet": slot.greet,
        "claim": slot.claim,
        "listen": slot.listen,
        "start": slot.start,
        "inspect": slot.inspect,
        "promote": slot.promote,
        "confirm": slot.confirm,
        "undo": slot.undo,
        "cut": slot.cut,
        "restore": slot.restore,
        "stop": slot.stop,
    }
    try:
        question = json.loads(line)
        return await answers[question["do"]](guest, question)
    except RefusedError as error:
        return {"refused": str(error)}
    except (ValueError, KeyError, TypeError) as error:
        return {"refused": f"not understood: {error!r}"}
