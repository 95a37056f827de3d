"""One launch of the service as a process: watched, and started again when it dies."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ci_steps.supervisor.log import ServiceLog
from ci_steps.supervisor.record import born

_TAIL_BYTES = 8_192
_CHUNK_BYTES = 65_536  # as much as a pipe holds
_FIRST_DELAY_SECONDS = 0.1
_LONGEST_DELAY_SECONDS = 30.0
_STEADY_SECONDS = 10.0


@dataclass(frozen=True)
class Launch:
    """What is started. Secrets are kept in memory only; the rest is recorded."""

    label: str
    command: list[str]
    folder: str
    environment: dict[str, str]
    fingerprint: str
    grace_seconds: float
    drain_seconds: float
    secrets: dict[str, str]

    def recorded(self) -> dict[str, Any]:
        """Return what may be written to a file: of the secrets only the names."""
        return {**self.__dict__, "secrets": dict.fromkeys(self.secrets, "")}


class Backend:
    """A process on a private port; `how` says how it ended, and is empty while it runs.

    `first_end` is how it ended first, also when it was started again since.
    """

    def __init__(self, launch: Launch, log: ServiceLog, changed: Callable[[], None]) -> None:
        self.launch = launch
        self.port = 0
        self.pid = 0
        self.since = ""
        self.how = self.first_end = ""
        self.kept = False
        self._log = log
        self._changed = changed
        self._tail = b""
        self._output = -1
        self._ending = False
        self._connections = 0
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._over = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None

    @property
    def last_lines(self) -> list[str]:
        """What it printed last."""
        return self._tail.decode("utf-8", "replace").splitlines()

    def start(self) -> None:
        """Start it; OSError if there is no such program or folder."""
        self._watching = asyncio.create_task(self._watch(self._spawn()))

    def join(self) -> None:
        """Count a connection."""
        self._connections += 1
        self._quiet.clear()

    def leave(self) -> None:
        """Count a connection that has closed."""
        self._connections -= 1
        if not self._connections:
            self._quiet.set()

    async def may_end(self, seconds: float) -> None:
        """Return when it has ended, or after *seconds*."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._over.wait(), seconds)

    async def drain(self) -> None:
        """Let open connections finish, up to the limit, then end the process."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._quiet.wait(), self.launch.drain_seconds)
        await self.end()

    async def end(self) -> None:
        """End the process and all it started: asked first, then killed."""
        self._ending = True
        if self._watching is None:
            return
        if self.how:  # it waits to be started again
            self._watching.cancel()
        _signal(self.pid, signal.SIGTERM)
        await asyncio.wait({self._watching}, timeout=self.launch.grace_seconds)
        _signal(self.pid, signal.SIGKILL)
        await asyncio.wait({self._watching})

    async def _watch(self, exit_code: asyncio.Future[int]) -> None:
        clock, delay = asyncio.get_running_loop().time, _FIRST_DELAY_SECONDS
        while True:
            began = clock()
            self._ended(await exit_code)
            if self._ending or not self.kept:
                return
            if clock() - began > _STEADY_SECONDS:
                delay = _FIRST_DELAY_SECONDS
            exit_code = await self._spawn_again(delay)
            delay = min(delay * 2, _LONGEST_DELAY_SECONDS)

    async def _spawn_again(self, delay: float) -> asyncio.Future[int]:
        while True:
            self._log.note(f"{self.launch.label} is started again in {delay:g} s")
            await asyncio.sleep(delay)
            try:
                return self._spawn()
            except OSError as error:
                self._log.note(f"{error.filename}: {error.strerror}")
                delay = _LONGEST_DELAY_SECONDS

    def _spawn(self) -> asyncio.Future[int]:
        port = _free_port()
        output, printed = os.pipe()
        try:
            process = subprocess.Popen(
                self.launch.command,
                cwd=self.launch.folder,
                env={**self.launch.environment, **self.launch.secrets, "PORT": str(port)},
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=printed,
                start_new_session=True,
            )
        except OSError:
            os.close(output)
            raise
        finally:
            os.close(printed)
        self.port, self.pid, self.since, self.how = port, process.pid, born(process.pid), ""
        self._log.note(f"{self.launch.label} is started, process {self.pid}")
        self._changed()
        self._output = output
        os.set_blocking(output, False)
        asyncio.get_running_loop().add_reader(output, self._read)
        return _exit_code(process)

    def _read(self) -> None:
        with suppress(BlockingIOError):
            content = os.read(self._output, _CHUNK_BYTES)
            self._log.write(content)
            self._tail = (self._tail + content)[-_TAIL_BYTES:]
            if not content:
                self._close_output()

    def _close_output(self) -> None:
        if self._output >= 0:
            asyncio.get_running_loop().remove_reader(self._output)
            os.close(self._output)
        self._output = -1

    def _ended(self, exit_code: int) -> None:
        if self._output >= 0:
            self._read()  # its last words, before anybody asks for them
            self._close_output()
        self.how = f"exit status {exit_code}"
        if exit_code < 0:
            with suppress(ValueError):
                self.how = f"killed by {signal.Signals(-exit_code).name}"
        self.first_end = self.first_end or self.how
        self.pid, self.since = 0, ""
        self._over.set()
        self._log.note(f"{self.launch.label} has ended: {self.how}")
        self._changed()


def _exit_code(process: subprocess.Popen[bytes]) -> asyncio.Future[int]:
    """Wait in a thread: that works on every system and in every Python."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[int] = loop.create_future()

    def settle(code: int) -> None:
        if not future.done():
            future.set_result(code)

    def wait() -> None:
        code = _wait(process)
        with suppress(RuntimeError):  # the loop has been closed
            loop.call_soon_threadsafe(settle, code)

    threading.Thread(target=wait, daemon=True).start()
    return future


def _wait(process: subprocess.Popen[bytes]) -> int:
    if hasattr(os, "waitid"):
        # Not reaped yet: its id, which is that of its group, cannot belong to a stranger.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    else:
        process.wait()
    _signal(process.pid, signal.SIGKILL)  # what it started ends with it
    return process.wait()


def _signal(group: int, number: signal.Signals) -> None:
    if group:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
