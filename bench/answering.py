"""Fifty services that each take their time to say their version, in a process of their own.

    python bench/answering.py COUNT SECONDS

It prints the ports as JSON and ends when its input is closed, so it never outlives the run.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_BODY = b'{"version": "1.0.0"}'
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
_ANSWER = _HEAD + b"Content-Length: %d\r\n\r\n" % len(_BODY) + _BODY


@contextmanager
def answering(count: int, seconds: float) -> Iterator[tuple[int, ...]]:
    """Yield the ports of *count* services on this machine until the block ends."""
    command = [sys.executable, str(Path(__file__)), str(count), str(seconds)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield tuple(json.loads(process.stdout.readline()))
        finally:
            process.stdin.close()


async def _serve(count: int, seconds: float) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(seconds)
        writer.write(_ANSWER)
        await writer.drain()
        writer.close()

    servers = [await asyncio.start_server(answer, "127.0.0.1", 0) for _ in range(count)]
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    print(json.dumps(ports), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for server in servers:
        server.close()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2])))
