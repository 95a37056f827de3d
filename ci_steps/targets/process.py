"""A process on this machine, supervised, checked for real and replaced without a gap."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from ci_steps.deploying import answering
from ci_steps.deploying.answers import running_version
from ci_steps.deploying.irreversible import left_there
from ci_steps.deploying.last_words import last_words
from ci_steps.deploying.local_slots import (
    ENDINGS,
    called,
    content_of,
    forget_old_releases,
    keep_release,
    ports_of_siblings,
    recorded_port,
    release_folder,
    slot_folder,
)
from ci_steps.deploying.service_variables import service_variables
from ci_steps.deploying.undoing import undone
from ci_steps.errors import OutsideError, RefusedError
from ci_steps.options import REQUIRED, Command, option
from ci_steps.outside.processes import written
from ci_steps.protocols import Build, Place, Placement, Progress

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.outside.control import Control
    from ci_steps.versions import Version

_PROTOCOL = 1
_GRACE_SECONDS = 5.0
_POLL_SECONDS = 0.05
# A connection breaks before the end of the process that held it is known.
_PATIENCE_SECONDS = 1.0
_ANSWER_SECONDS = 30.0
_WATCH_SECONDS = 1.0
_ENDED = "it was ended; what ran before was never taken away"
# Not the environment of the job: a service has no business with the job's credentials.
_HANDED_ON = ("PATH", "HOME", "LANG", "TZ", "VIRTUAL_ENV")


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `process`."""

    command: Command = option(
        REQUIRED,
        "The program that serves on $HOST and $PORT, and its arguments.",
        example=["python3", "service.py"],
    )
    port: int = option(
        0,
        "Port of the service on 127.0.0.1; 0 is a free one. Another line beside gets a free one.",
        at_least=0,
    )
    line_ports: dict[str, int] = option({}, "Ports by line, for example 2: 8082.")
    health: str = option("/healthz", "Path that answers 2xx when the service is ready.")
    version: str = answering.VERSION
    version_key: str = answering.VERSION_KEY
    timeout_seconds: float = option(30.0, "How long a start may take.", at_least=0.1)
    steady_seconds: float = option(
        0.0,
        "How long the new version is watched before what ran before it ends; if it ends itself "
        "in that time, it is rolled back.",
        at_least=0,
    )
    drain_seconds: float = option(
        10.0, "How long open connections may last after a replacement.", at_least=0
    )
    variables: dict[str, str] = answering.VARIABLES
    secrets: tuple[str, ...] = option(
        (), "Names of environment variables of the job that are handed on to the service."
    )


@dataclass(frozen=True)
class _Attempt:
    """What the parts of one deployment have in common; *control* belongs to it alone."""

    build: Build
    options: Options
    outside: Outside
    control: Control
    folder: Path
    address: str

    @property
    def name(self) -> str:
        return f"{self.build.service} {self.build.version}"

    def version_at(self, address: str) -> Version:
        return running_version(
            self.outside, address + self.options.version, key=self.options.version_key
        )

    def prove(self, address: str) -> None:
        """Return when *address* answers the new version, else refuse."""
        url = address + self.options.version
        try:
            found = self.version_at(address)
        except OutsideError as error:
            raise self.refused(f"{url}: {error}", patience_seconds=_PATIENCE_SECONDS) from error
        if found != self.build.version:
            raise self.refused(f"{url} answers version {found}")

    def watch(self) -> None:
        """Return when the new version has run for as long as it is watched, else refuse."""
        seconds = self.options.steady_seconds
        deadline = self.outside.seconds() + seconds
        # In parts: while it waits for an answer, the supervisor does not see that we are gone.
        while (left := deadline - self.outside.seconds()) > 0:
            if self.state(patience_seconds=min(left, _WATCH_SECONDS))["how"]:
                raise self.refused(f"it did not last for {seconds:g} s")
        self.prove(self.address)

    def state(self, patience_seconds: float = 0.0) -> dict[str, Any]:
        """Return how the new process is; one that is about to end is given time for that."""
        return self.control.ask(
            "inspect",
            patience_seconds=patience_seconds,
            timeout_seconds=patience_seconds + _ANSWER_SECONDS,
        )

    def refused(self, problem: str, patience_seconds: float = 0.0) -> RefusedError:
        """Return why not, with what the process printed last."""
        state = self.state(patience_seconds)
        if state["how"]:  # whatever was asked of it, this is the reason
            problem = f"it ended ({state['how']})"
        log = f"All it printed is in {self.folder / 'service.log'}."
        return RefusedError(
            f"{self.name} was not deployed: {problem}",
            hint=f"{last_words(state['lines'])}\n{log}",
        )


def deploy(
    build: Build, place: Place, options: Options, outside: Outside, progress: Progress
) -> Placement:
    """Start *build* beside what runs, prove it, let it take over, and end what ran before."""
    folder = slot_folder(outside.environ, build.service, place)
    if outside.rehearsing:
        return _rehearse(build, place, options, outside, folder)
    secrets = {name: outside.secret(name) for name in options.secrets}
    content = content_of(build, folder)
    with outside.supervisor(folder, called(build.service, place)) as control:
        running = control.ask("claim", protocol=_PROTOCOL, secrets=secrets)
        port = _listen(control, place, options, folder, running["port"])
        attempt = _Attempt(build, options, outside, control, folder, f"http://127.0.0.1:{port}")
        release = release_folder(folder, build, content)
        launch = _launch(attempt, place, release, secrets, content)
        if running["fingerprint"] == launch["fingerprint"] and _answers(attempt):
            return Placement(attempt.address, f"{attempt.name} already answers; nothing changed")
        keep_release(build, release, outside)
        _replace(attempt, launch, port, progress)
        forget_old_releases({release, Path(running["folder"] or release)}, outside)
        return Placement(attempt.address, f"{attempt.name} answers at {attempt.address}")


def stop(service: str, place: Place, options: Options, outside: Outside) -> None:  # noqa: ARG001 (the protocol's)
    """End the service and its supervisor."""
    folder = slot_folder(outside.environ, service, place)
    if (folder / "state.json").exists():
        with outside.supervisor(folder, called(service, place)) as control:
            control.ask("stop", timeout_seconds=60)


def _rehearse(
    build: Build, place: Place, options: Options, outside: Outside, folder: Path
) -> Placement:
    port = options.line_ports.get(place.slot, options.port) or recorded_port(folder)
    outside.start(options.command, cwd=build.root, log=folder / "service.log")
    address = f"http://127.0.0.1:{port}"
    return Placement(address, f"{build.service} {build.version} is supposed to answer")


def _listen(control: Control, place: Place, options: Options, folder: Path, present: int) -> int:
    """Have the public port: a line without one of its own takes a free one and keeps it."""
    port = options.line_ports.get(place.slot, 0)
    if not port and options.port not in ports_of_siblings(folder):
        port = options.port
    try:
        return int(control.ask("listen", port=port or present, exact=port > 0)["port"])
    except RefusedError as error:
        hint = f"End what listens there (`ss -ltnp sport = :{port}` shows it) or name another port."
        raise RefusedError(str(error), hint=hint) from error


def _launch(
    attempt: _Attempt, place: Place, release: Path, secrets: dict[str, str], content: str
) -> dict[str, Any]:
    launch = {
        "label": f"{attempt.name} ({attempt.build.commit[:12]})",
        "command": list(attempt.options.command),
        "folder": str(release),
        "environment": _environment(attempt, place),
        "grace_seconds": _GRACE_SECONDS,
        "drain_seconds": attempt.options.drain_seconds,
        "secrets": secrets,
    }
    told = json.dumps([launch, content], sort_keys=True)
    return {**launch, "fingerprint": hashlib.sha256(told.encode()).hexdigest()}


def _environment(attempt: _Attempt, place: Place) -> dict[str, str]:
    """Return what the service is told; the supervisor adds the private PORT."""
    environ = attempt.outside.environ
    handed = {
        name: value
        for name, value in environ.items()
        if name in _HANDED_ON or name.startswith("PYTHON")
    }
    ours = {
        "HOST": "127.0.0.1",
        "CI_STEPS_ADDRESS": attempt.address,
        # What callers are told of its end, where it has our middleware.
        "CI_STEPS_ENDINGS": str(attempt.folder / ENDINGS),
    }
    return {**handed, **service_variables(attempt.build, place, attempt.options.variables), **ours}


def _answers(attempt: _Attempt) -> bool:
    try:
        return attempt.version_at(attempt.address) == attempt.build.version
    except OutsideError:
        return False


def _replace(attempt: _Attempt, launch: dict[str, Any], port: int, progress: Progress) -> None:
    """Bring the candidate to where it answers callers; what ran before is still there."""
    progress.note(f"{attempt.name}: {written(attempt.options.command)}")
    private = f"http://127.0.0.1:{attempt.control.ask('start', launch=launch)['port']}"
    build = attempt.build
    with left_there(build, progress, _ENDED), undone(partial(_end_candidate, attempt)):
        _wait_until_healthy(attempt, private)
        attempt.prove(private)
        for_good = build.is_irreversible
        if not attempt.control.ask("promote", for_good=for_good, port=port)["promoted"]:
            raise attempt.refused("it ended")
        if not for_good:
            attempt.prove(attempt.address)
            attempt.watch()
            attempt.control.ask("confirm", port=port)
    if build.is_irreversible:
        with left_there(build, progress):
            attempt.prove(attempt.address)
            attempt.watch()


def _end_candidate(attempt: _Attempt) -> None:
    """End a candidate that was not proven; what ran before is what runs."""
    seconds = attempt.options.drain_seconds + 2 * _GRACE_SECONDS
    attempt.control.ask("undo", timeout_seconds=seconds)


def _wait_until_healthy(attempt: _Attempt, address: str) -> None:
    clock, url = attempt.outside.seconds, address + attempt.options.health
    deadline = clock() + attempt.options.timeout_seconds
    while True:
        if attempt.state()["how"]:
            raise attempt.refused("it ended")
        try:
            answer = attempt.outside.get(url)
            problem = f"HTTP {answer.status}"
        except OutsideError as error:
            answer, problem = None, str(error)
        if answer and answer.ok:
            return
        if clock() > deadline:
            seconds = attempt.options.timeout_seconds
            raise attempt.refused(f"{url} was not healthy within {seconds:g} s: {problem}")
        attempt.outside.pause(_POLL_SECONDS)
