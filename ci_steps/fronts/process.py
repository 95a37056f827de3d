"""Take a line of the target `process` out of service, on the machine on which it runs.

Up to a brown-out the service itself says it, with `ci_steps.middleware`: it reads the file that
CI_STEPS_ENDINGS names. From then on a small program of ours stands at its port; it answers
every call with 503, and with 410 Gone behind the next step, and counts who calls.
"""

from __future__ import annotations

import hashlib
import json
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

import ci_steps
from ci_steps.deploying.last_words import last_words
from ci_steps.deploying.local_slots import ENDINGS, slot_folder
from ci_steps.endings import read_ending
from ci_steps.errors import OutsideError, RefusedError
from ci_steps.lifecycle.snippets import as_endings, headers_of, status_of
from ci_steps.options import option
from ci_steps.protocols import Place
from ci_steps.responder import CALLERS
from ci_steps.usage import Caller

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.outside.control import Control
    from ci_steps.protocols import Leaving, Progress

_PROTOCOL = 1
_START_SECONDS = 20.0
_POLL_SECONDS = 0.05
_GRACE_SECONDS = 5.0
_FOLDER = "responder"
_SERVICE = "service.json"


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `process`."""

    caller: tuple[str, ...] = option(
        ("X-Api-Key-Name", "X-Forwarded-For", "User-Agent"),
        "Headers that name a caller, the first that is there; otherwise its address.",
    )
    spared: tuple[str, ...] = option(
        ("/healthz", "/version"),
        "Paths of those who only look whether it is well: never refused for a while, nor counted.",
    )
    drain_seconds: float = option(
        10.0, "How long open connections to the service may last.", at_least=0
    )


@dataclass(frozen=True)
class _Slot:
    """One instance place of the line on this machine."""

    leaving: Leaving
    options: Options
    outside: Outside
    folder: Path

    @property
    def responder(self) -> Path:
        return self.folder / _FOLDER

    @property
    def name(self) -> str:
        line = self.leaving.line
        return f"{line.service} (line {line.line}) in {line.environment}"

    def meet(self) -> str:
        """Let the service answer with what it is told, or the responder instead of it."""
        if not (self.folder / "state.json").exists():
            raise RefusedError(
                f"nothing of {self.name} runs on this machine",
                hint="Say it where it was deployed; CI_STEPS_STATE names the folder.",
            )
        if not status_of(self.leaving):
            self._tell()
        with self.outside.supervisor(self.folder, self.name) as control:
            return self._replace(control)

    def _tell(self) -> None:
        file = self.folder / ENDINGS
        if self.leaving.step:
            said = as_endings(self.leaving, spared=self.options.spared)
            self.outside.write(file, said.encode())
        else:
            self.outside.remove(file)

    def _replace(self, control: Control) -> str:
        running = control.ask("claim", protocol=_PROTOCOL, secrets=self._secrets())
        address = f"http://127.0.0.1:{running['port']}"
        is_ours = running["folder"] == str(self.responder)
        if status_of(self.leaving):
            if not is_ours:
                self._keep_service()
            launch = self._launch()
            if running["fingerprint"] != launch["fingerprint"]:
                self._take_over(control, launch, running["port"], status_of(self.leaving))
            return f"{address} answers {status_of(self.leaving)}"
        if is_ours:
            self._take_over(control, self._service(), running["port"], 0)
            return f"{address} is served again"
        return self._said_by(address) if self.leaving.step else f"{address} says nothing any more"

    def _said_by(self, address: str) -> str:
        """Return whether the service says what it was told."""
        path = next(iter(self.options.spared), "/")
        try:
            says = read_ending(self.outside.get(address + path, follow_redirects=False).headers)
        except OutsideError as error:
            return f"{address} is told, and does not answer: {error}"
        if says or not self.leaving.headers:
            return f"{address} says so in its answers"
        return f"{address} is told, and does not say so: has it the middleware of ci-steps?"

    def _keep_service(self) -> None:
        """Keep how the service is started: that is what comes back."""
        state = json.loads((self.folder / "state.json").read_text("utf-8"))
        self.outside.remove(self.responder / CALLERS)
        kept = json.dumps(state["current"]).encode()
        self.outside.write(self.responder / _SERVICE, kept)

    def _service(self) -> dict[str, Any]:
        launch: dict[str, Any] = json.loads((self.responder / _SERVICE).read_text("utf-8"))
        if not Path(launch["folder"]).is_dir():
            raise RefusedError(f"{launch['folder']} is gone: {self.name} cannot come back")
        return {**launch, "secrets": self._secrets(needed=True)}

    def _secrets(self, *, needed: bool = False) -> dict[str, str]:
        """Return the secrets of the service by the names that are recorded, those the job has."""
        file = self.responder / _SERVICE if needed else self.folder / "state.json"
        names: list[str] = []
        with suppress(OSError, ValueError, LookupError, TypeError):
            kept = json.loads(file.read_text("utf-8"))
            names = list((kept if needed else kept["current"])["secrets"])
        has = self.outside.environ
        return {name: self.outside.secret(name) for name in names if needed or has.get(name)}

    def _launch(self) -> dict[str, Any]:
        """Return how the responder is started, with its answer written down for it."""
        said = {
            "status": status_of(self.leaving),
            "title": self.leaving.title,
            "links": dict(self.leaving.links),
            "headers": headers_of(self.leaving),
            "caller": list(self.options.caller),
            "spared": list(self.options.spared),
        }
        content = json.dumps(said, sort_keys=True).encode()
        digest = hashlib.sha256(content).hexdigest()
        file = self.responder / f"{said['status']}.json"
        self.outside.write(file, content)
        ours = str(Path(ci_steps.__file__).parents[1])
        return {
            "label": f"{self.leaving.title} ({said['status']})",
            "command": [sys.executable, "-m", "ci_steps.responder", str(file)],
            "folder": str(self.responder),
            "environment": {"HOST": "127.0.0.1", "PYTHONPATH": ours},
            "grace_seconds": _GRACE_SECONDS,
            "drain_seconds": self.options.drain_seconds,
            "secrets": {},
            "fingerprint": digest,
        }

    def _take_over(self, control: Control, launch: dict[str, Any], port: int, status: int) -> None:
        """Start what is to answer, prove it, and let it take over; else what was there stays."""
        private = control.ask("start", launch=launch)["port"]
        self._prove(control, f"http://127.0.0.1:{private}/", status)
        if not control.ask("promote")["promoted"]:
            raise self._failed(control)
        control.ask("confirm", port=port)

    def _prove(self, control: Control, url: str, status: int) -> None:
        """Return when it answers, with *status* where that is given."""
        deadline = self.outside.seconds() + _START_SECONDS
        while True:
            if control.ask("inspect")["how"]:
                raise self._failed(control)
            with suppress(OutsideError):
                # A path that is spared: to look is no call.
                path = next(iter(self.options.spared), "")
                found = self.outside.get(url.rstrip("/") + path, follow_redirects=False).status
                if found == status or not status:
                    return
            if self.outside.seconds() > deadline:
                raise self._failed(control)
            self.outside.pause(_POLL_SECONDS)

    def _failed(self, control: Control) -> RefusedError:
        said = control.ask("inspect")
        how = said["how"] or "it does not answer"
        return RefusedError(
            f"{self.name} stays as it is: what was to take its place has not: {how}",
            hint=last_words(said["lines"]),
        )


def meet(leaving: Leaving, options: Options, outside: Outside, progress: Progress) -> str:  # noqa: ARG001 (every front is told alike)
    """Let the callers of every slot meet it; for the last step its copies are removed as well."""
    slots = list(_slots(leaving, options, outside))
    said = [slot.meet() for slot in slots]
    for slot in slots if leaving.step == "removed" else ():
        outside.remove(slot.folder / "releases")
        said.append(f"{slot.folder / 'releases'} is removed")
    return "; ".join(said)


def callers(leaving: Leaving, options: Options, outside: Outside) -> tuple[Caller, ...]:
    """Return who was refused since the line was drained."""
    found: dict[str, tuple[int, float]] = {}
    for slot in _slots(leaving, options, outside):
        for name, (calls, at) in _counted(slot.responder / CALLERS).items():
            before = found.get(name, (0, 0.0))
            found[name] = (before[0] + calls, max(before[1], at))
    return tuple(
        Caller(name, calls, datetime.fromtimestamp(at, timezone.utc))
        for name, (calls, at) in sorted(found.items())
    )


def _counted(file: Path) -> dict[str, tuple[int, float]]:
    try:
        return {str(n): (int(c), float(at)) for n, (c, at) in json.loads(file.read_text()).items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise OutsideError(f"{file}: cannot be read: {error}") from None


def _slots(leaving: Leaving, options: Options, outside: Outside) -> list[_Slot]:
    line = leaving.line
    return [
        _Slot(
            leaving,
            options,
            outside,
            slot_folder(outside.environ, line.service, Place(line.environment, name)),
        )
        for name in leaving.slots
    ]
