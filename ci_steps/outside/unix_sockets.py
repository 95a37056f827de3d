"""One question to a program that listens on a socket of this machine."""

from __future__ import annotations

import socket
import time
from pathlib import Path

from ci_steps.errors import OutsideError

_CHUNK_BYTES = 65_536


def ask(path: Path, text: str, timeout_seconds: float, limit_bytes: int) -> str:
    """Send a line and return everything that is answered until the other side closes."""
    deadline = time.monotonic() + timeout_seconds
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout_seconds)
            connection.connect(str(path))
            connection.sendall(f"{text}\n".encode())
            content = _content(connection, deadline, limit_bytes)
    except TimeoutError:
        raise OutsideError(f"{path}: no answer within {timeout_seconds:g} s") from None
    except OSError as error:
        raise OutsideError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    if len(content) > limit_bytes:
        raise OutsideError(f"{path}: the answer is longer than {limit_bytes:,} bytes")
    return content.decode("utf-8", "replace")


def _content(connection: socket.socket, deadline: float, limit_bytes: int) -> bytes:
    content = b""
    while len(content) <= limit_bytes and (part := connection.recv(_CHUNK_BYTES)):
        content += part
        # The time limit of a socket is for each piece that arrives.
        if time.monotonic() > deadline:
            raise TimeoutError
    return content
