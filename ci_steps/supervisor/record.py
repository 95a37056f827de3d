"""What a later supervisor must know if this one is killed: kept in ``state.json``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

_GRACE_SECONDS = 5.0
_STATE, _STARTED = 0, 19  # fields 3 and 22 of /proc/PID/stat, counted behind the name


@dataclass
class Record:
    """The port, the launch that is proven, and every process with its time of birth."""

    path: Path
    port: int = 0
    current: dict[str, Any] | None = None
    processes: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Record:
        """Return what is recorded, or an empty record where nothing readable is."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return cls(path, content["port"], content["current"], content["processes"])
        except (OSError, ValueError, KeyError, TypeError):
            return cls(path)

    def save(self) -> None:
        """Write it whole or not at all, readable for nobody else."""
        content = asdict(self)
        del content["path"]
        beside = self.path.with_name(self.path.name + ".new")
        with suppress(OSError):  # a full disk is no reason to end a service
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(content, file, indent=1)
            beside.replace(self.path)

    def delete(self) -> None:
        """Forget everything: what was stopped is not started again."""
        self.path.unlink(missing_ok=True)

    def end_orphans(self) -> None:
        """End what a supervisor that was killed has left behind, and no stranger."""
        recorded = self.processes.items()
        orphans = [int(pid) for pid, since in recorded if since and born(int(pid)) == since]
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in orphans:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, number)
            _await_end(orphans)
        self.processes = {}


def born(pid: int) -> str:
    """Return when a process started, in a form only that process has; "" when it has ended."""
    if not sys.platform.startswith("linux"):
        return _born_by_ps(pid)
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[_STATE] in "ZX" else f"{boot}/{fields[_STARTED]}"


def _born_by_ps(pid: int) -> str:
    answer = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip()


def _await_end(pids: list[int]) -> None:
    deadline = time.monotonic() + _GRACE_SECONDS
    while any(map(born, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)  # nobody tells us: they are children of a process that is gone
