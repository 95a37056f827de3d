"""One target with everything it needs, so that a test is one line."""

from __future__ import annotations

import json
import os
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ci_steps.options import Command
from ci_steps.outside import Outside
from ci_steps.outside.inert import InertOutside
from ci_steps.protocols import Build, Place, Placement, Target
from ci_steps.targets import command, process
from tests.parts import deploying, services


@dataclass
class Shown:
    """What was shown."""

    lines: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def line(self, text: str) -> None:
        self.lines.append(text)

    def note(self, text: str) -> None:
        self.notes.append(text)


@dataclass
class World:
    """A machine of its own: *folder* holds all state, and all processes work in it."""

    folder: Path
    source: Path
    target: Target
    environ: dict[str, str] = field(default_factory=dict)
    shown: Shown = field(default_factory=Shown)
    ports: dict[str, int] = field(default_factory=dict)
    environment: str = "staging"

    @property
    def shows_callers_what_is_not_proven(self) -> bool:
        """Whether a new version answers callers before it has proven itself."""
        return self.target is not process

    @property
    def outside(self) -> Outside:
        return Outside({**os.environ, **self.environ, "CI_STEPS_STATE": str(self.folder)})

    def build(self, version: str, commit: str = "4f1c2aa", says: str = "") -> Build:
        """Return auth at *version*; when deployed it *says* that, or something else."""
        build = services.build(self.source, version, commit)
        (self.source / "VERSION").write_text(says or version)
        return build

    def deploy(
        self,
        version: str,
        slot: str = "1",
        says: str = "",
        commit: str = "4f1c2aa",
        behaviour: str = "",
        **options: Any,
    ) -> Placement:
        return self.target.deploy(
            self.build(version, commit, says),
            Place(self.environment, slot, {"BEHAVIOUR": behaviour} if behaviour else {}),
            self.options(slot, **options),
            self.outside,
            self.shown,
        )

    def rehearse(
        self, version: str, slot: str = "1", **options: Any
    ) -> tuple[Placement, list[str]]:
        said: list[str] = []
        outside = InertOutside(self.outside.environ, would=said.append)
        place = Place(self.environment, slot)
        found = self.target.deploy(
            self.build(version), place, self.options(slot, **options), outside, self.shown
        )
        return found, said

    def stop(self, slot: str = "1") -> None:
        place = Place(self.environment, slot)
        self.target.stop("auth", place, self.options(slot), self.outside)

    def options(self, slot: str, **options: Any) -> Any:
        if self.target is process:
            given = {"command": Command(services.COMMAND), "drain_seconds": 0.2, **options}
            return process.Options(**given)
        script = deploying.tool(self.folder / "tool")
        port = self.ports.setdefault(slot, deploying.free_port())
        calls = {
            name: Command(deploying.call(script, slot, port, act))
            for name, act in (
                ("command", "deploy"),
                ("rollback_command", "rollback"),
                ("stop_command", "stop"),
            )
        }
        return command.Options(**{"timeout_seconds": 1.0, **calls, **options})

    def processes(self) -> dict[int, str]:
        return services.processes_in(self.folder)

    def services(self) -> dict[int, str]:
        return {pid: line for pid, line in self.processes().items() if "service.py" in line}

    def supervisors(self) -> list[int]:
        return [pid for pid, line in self.processes().items() if "ci_steps.supervisor" in line]


def ask(placement: Placement | str, path: str = "/version") -> str:
    """Return what a service answers, on a connection of its own."""
    address = placement if isinstance(placement, str) else placement.address
    with urllib.request.urlopen(address + path, timeout=10) as answer:
        text: str = answer.read().decode()
    return json.loads(text)["version"] if path == "/version" else text


def await_(condition: Callable[[], object], seconds: float = 15) -> None:
    """Wait for what nobody tells us."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)
