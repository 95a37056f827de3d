"""Start a supervisor in a folder: ``python -m ci_steps.supervisor FOLDER``.

The process that was called ends with status 0 as soon as the supervisor can be spoken to.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import socket
import sys
from pathlib import Path

from ci_steps.supervisor.control import serve
from ci_steps.supervisor.log import ServiceLog
from ci_steps.supervisor.record import Record
from ci_steps.supervisor.slot import Slot


def main(folder: str) -> int:
    """Supervise *folder* in a process of its own; status 0 also when another one does."""
    os.chdir(folder)  # a unix socket has room for 107 bytes: the names in here are short
    lock = os.open("lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0
    record = Record.read(Path("state.json"))
    record.end_orphans()
    listening = _listen(Path("control"))
    if os.fork():
        return 0
    _settle_down()
    try:
        asyncio.run(_supervise(record, listening))
    finally:
        Path("control").unlink(missing_ok=True)
    return 0


def _listen(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        listening.bind(str(path))
    finally:
        os.umask(before)
    listening.listen()
    return listening


def _settle_down() -> None:
    """Leave the job's session and output, so that neither its end nor its shell ends us."""
    os.setsid()
    silence = os.open(os.devnull, os.O_RDONLY)
    errors = os.open("supervisor.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for stream, target in enumerate((silence, errors, errors)):
        os.dup2(target, stream)


async def _supervise(record: Record, listening: socket.socket) -> None:
    log = ServiceLog(Path("service.log"))
    slot = Slot(record, log)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, slot.over.set)
    server = await serve(slot, listening)
    try:
        await slot.over.wait()
    finally:
        server.close()
        await slot.close()
        log.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
