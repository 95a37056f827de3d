"""What runs in the slot, what is to replace it, and who may decide that."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import Any

from ci_steps.supervisor.backend import Backend, Launch
from ci_steps.supervisor.front import Front, PortTakenError
from ci_steps.supervisor.log import ServiceLog
from ci_steps.supervisor.record import Record

PROTOCOL = 1

Question = Mapping[str, Any]
Reply = dict[str, Any]


class RefusedError(Exception):
    """What was asked cannot be done; the sentence is for people."""


class Slot:
    """At most three processes: `current` serves, a candidate may replace it, a former did serve.

    `over` is set when there is nothing left to supervise.
    """

    def __init__(self, record: Record, log: ServiceLog) -> None:
        self.over = asyncio.Event()
        self._record, self._log = record, log
        self._front = Front()
        self._guests: set[object] = set()
        self._owner: object | None = None
        self._leaving = asyncio.Lock()  # who claims after somebody died waits for the undo
        self._port = 0
        self._candidate: Backend | None = None
        self._former: Backend | None = None
        self._promoted = False
        self._backends: set[Backend] = set()
        self._draining: set[asyncio.Task[None]] = set()
        self._cutter: object | None = None
        self._stopped: Launch | None = None

    def welcome(self, guest: object) -> None:
        """Stay at least until *guest* leaves."""
        self._guests.add(guest)

    async def greet(self, _guest: object, _: Question) -> Reply:
        """Say that we are here, and stay."""
        return {"pid": os.getpid()}

    async def claim(self, owner: object, question: Question) -> Reply:
        """Let *owner* be the one deployment."""
        if question["protocol"] != PROTOCOL:
            raise RefusedError("its supervisor was started by another version of ci-steps")
        async with self._leaving:
            if self._owner is not None:
                raise RefusedError("another deployment of it is under way")
            if self._cutter is not None:
                raise RefusedError("a test has cut it off its callers")
            self._owner = owner
        await self._resume(question["secrets"])
        launch = self._front.current.launch if self._front.current else None
        return {
            "port": self._port,
            "folder": launch.folder if launch else "",
            "fingerprint": launch.fingerprint if launch else "",
        }

    async def listen(self, owner: object, question: Question) -> Reply:
        """Have the public port; one that is only wished for may become another."""
        self._check(owner)
        try:
            return {"port": await self._front.listen(question["port"])}
        except PortTakenError as error:
            if question["exact"]:
                raise RefusedError(str(error)) from None
        return {"port": await self._front.listen(0)}

    async def start(self, owner: object, question: Question) -> Reply:
        """Start the candidate."""
        self._check(owner)
        await self._end_candidate()
        self._candidate = self._backend(Launch(**question["launch"]))
        return {"port": self._candidate.port}

    async def inspect(self, owner: object, question: Question) -> Reply:
        """Say how the candidate is; one that is about to end has some seconds to do so.

        One that was confirmed already is what serves now.
        """
        self._check(owner)
        candidate = self._candidate or self._front.current
        if candidate is None:
            raise RefusedError("there is no candidate")
        await candidate.may_end(question.get("patience_seconds", 0.0))
        return {"how": candidate.first_end, "lines": candidate.last_lines}

    async def promote(self, owner: object, question: Question) -> Reply:
        """Send new connections to the candidate; keep what ran before until it is proven.

        Where it is asked `for_good`, what ran before goes at once, and nothing brings it back.
        """
        self._check(owner)
        if self._candidate is None or self._candidate.how:
            return {"promoted": False}
        self._candidate.kept = self._promoted = True
        self._former, self._front.current = self._front.current, self._candidate
        if question.get("for_good"):
            await self.confirm(owner, question)
        return {"promoted": True}

    async def confirm(self, owner: object, question: Question) -> Reply:
        """Let what ran before go."""
        self._check(owner)
        if self._candidate is None or not self._promoted:
            raise RefusedError("nothing was promoted")
        self._port = question["port"]
        self._front.keep_only(self._port)
        proven, former = self._candidate, self._former
        self._candidate = self._former = None
        self._promoted = False
        self._record.port, self._record.current = self._port, proven.launch.recorded()
        self._save()
        if former:
            task = asyncio.create_task(self._retire(former))
            self._draining.add(task)
            task.add_done_callback(self._draining.discard)
        return {}

    async def undo(self, owner: object, _: Question) -> Reply:
        """End the candidate; what ran before is back."""
        self._check(owner)
        await self._end_candidate()
        self._front.keep_only(self._port)
        return {}

    async def cut(self, guest: object, question: Question) -> Reply:
        """Cut it off its callers, or slow it down, until *guest* restores it or leaves."""
        if self._owner is not None:
            raise RefusedError("a deployment of it is under way")
        if self._cutter is not None:
            raise RefusedError("another test has cut it off its callers")
        current = self._front.current
        if current is None:
            raise RefusedError("nothing runs there that could be cut")
        self._cutter = guest
        if question["how"] == "slow":
            self._front.slow_down(question["delay_seconds"], question["bytes_per_second"])
            return {}
        self._front.refuse()
        if question["how"] == "stop":
            self._stopped, self._front.current = current.launch, None
            await current.end()
            self._forget(current)
        return {}

    async def restore(self, guest: object, _: Question) -> Reply:
        """Let callers find it as before the cut."""
        if self._cutter is not guest:
            raise RefusedError("cut it first")
        launch, self._cutter, self._stopped = self._stopped, None, None
        self._front.slow_down(0.0, 0)
        try:
            if launch:
                self._front.current = self._backend(launch)
                self._front.current.kept = True
            await self._front.accept()
        except PortTakenError as error:
            raise RefusedError(str(error)) from None
        return {}

    async def stop(self, _owner: object, _: Question) -> Reply:
        """End the service and forget it."""
        self._cutter = self._stopped = None
        await self.close()
        self._record.delete()
        self.over.set()
        return {}

    async def leave(self, guest: object) -> None:
        """Take back what *guest* has not confirmed; without service and guests it is over."""
        async with self._leaving:
            if self._cutter is guest:
                try:
                    await self.restore(guest, {})
                except RefusedError as error:
                    self._log.note(f"it is not as it was before a test: {error}")
            if self._owner is guest:
                await self.undo(guest, {})
                self._owner = None
        self._guests.discard(guest)
        if self._front.current is None and not self._guests:
            self.over.set()

    async def close(self) -> None:
        """End every process at once."""
        self._front.keep_only(0)
        self._front.current = None
        await asyncio.gather(*(backend.end() for backend in self._backends))

    def _check(self, owner: object) -> None:
        if self._owner is not owner:
            raise RefusedError("claim it first")

    async def _end_candidate(self) -> None:
        candidate, promoted = self._candidate, self._promoted
        if promoted:
            self._front.current = self._former
        self._candidate = self._former = None
        self._promoted = False
        if candidate:
            candidate.kept = False
            await (candidate.drain() if promoted else candidate.end())
            self._forget(candidate)

    async def _resume(self, secrets: Mapping[str, str]) -> None:
        """Start again what ran before a supervisor that was killed."""
        if self._front.current or not self._record.current:
            return
        try:
            launch = Launch(**self._record.current)
            launch.secrets.update((name, secrets.get(name, "")) for name in launch.secrets)
            self._port = await self._front.listen(self._record.port)
            self._front.current = self._backend(launch)
            self._front.current.kept = True
        except (PortTakenError, RefusedError, TypeError) as error:
            self._log.note(f"what ran before is not started again: {error}")

    def _backend(self, launch: Launch) -> Backend:
        backend = Backend(launch, self._log, self._save)
        self._backends.add(backend)
        try:
            backend.start()
        except (OSError, ValueError) as error:
            self._backends.discard(backend)
            name = getattr(error, "filename", None) or launch.command[0]
            reason = getattr(error, "strerror", None) or error
            raise RefusedError(f"{name} cannot be started: {reason}") from None
        return backend

    async def _retire(self, backend: Backend) -> None:
        await backend.drain()
        self._forget(backend)

    def _forget(self, backend: Backend) -> None:
        self._backends.discard(backend)
        self._save()

    def _save(self) -> None:
        running = [backend for backend in self._backends if backend.pid]
        self._record.processes = {str(backend.pid): backend.since for backend in running}
        self._record.save()
