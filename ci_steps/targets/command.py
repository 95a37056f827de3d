"""Any command that deploys: ssh, Capistrano, Ansible, Terraform."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import attrs

from ci_steps.addresses import without_credentials
from ci_steps.deploying import answering
from ci_steps.deploying.attempts import Attempt, brought_back, only_attempt
from ci_steps.deploying.irreversible import LEFT
from ci_steps.deploying.last_words import last_words
from ci_steps.deploying.local_slots import slug
from ci_steps.deploying.proving import Expected, await_version, watch
from ci_steps.errors import NotBroughtBackError, OutsideError, RefusedError, VersionError
from ci_steps.options import REQUIRED, Command, option
from ci_steps.outside.processes import written
from ci_steps.protocols import Build, Place, Placement, Progress
from ci_steps.versions import parse_version

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.outside.processes import Finished

_ADDRESSES_BYTES = 65_536


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `command`."""

    command: Command = option(
        REQUIRED,
        "The program that deploys, and its arguments; CI_STEPS_BUILD names a file that says what.",
        example=["ansible-playbook", "deploy.yml"],
    )
    stop_command: Command = option(Command(()), "The program that ends what was deployed.")
    rollback_command: Command = option(
        Command(()), "The program that brings back what ran before, when a deployment fails."
    )
    address: str = option(
        "",
        "Where the service answers, if the command writes none to the file CI_STEPS_ADDRESSES.",
        example="https://auth.staging.example",
    )
    proof: str = option(
        "version",
        "What proves a deployment: the version that answers, or (weaker) only the exit status.",
        choices=("version", "exit"),
    )
    version: str = answering.VERSION
    version_key: str = answering.VERSION_KEY
    timeout_seconds: float = option(
        60.0, "How long the new version may take to answer after the command.", at_least=0
    )
    steady_seconds: float = answering.steady_seconds(0.0, "it")
    command_seconds: float = option(1800.0, "How long each command may take.", at_least=1)


@dataclass(frozen=True)
class _Rollout:
    """What the commands of one deployment have in common."""

    build: Build
    place: Place
    options: Options
    outside: Outside
    progress: Progress

    @property
    def name(self) -> str:
        return f"{self.build.service} {self.build.version}"

    @property
    def told(self) -> dict[str, str]:
        return _told(self.build, self.place)

    def run(self, command: Command) -> Finished:
        return self.outside.run(
            command,
            cwd=self.build.root,
            env=self.told,
            timeout_seconds=self.options.command_seconds,
            on_line=self.progress.line,
        )

    def describe(self) -> None:
        """Write what the command reads, and take away what an earlier one wrote."""
        self.outside.write(Path(self.told["CI_STEPS_BUILD"]), _described(self.build, self.place))
        self.outside.remove(Path(self.told["CI_STEPS_ADDRESSES"]))

    def roll_back(self) -> Finished:
        self.progress.note(f"rolling back: {written(self.options.rollback_command)}")
        return self.run(self.options.rollback_command)


def deploy(
    build: Build, place: Place, options: Options, outside: Outside, progress: Progress
) -> Placement:
    """Run the command, then ask every address until it answers the new version."""
    rollout = _Rollout(build, place, options, outside, progress)
    with only_attempt(build.service, place, outside) as attempt:
        _settle(rollout, attempt)
        rollout.describe()
        back = partial(_roll_back, rollout, attempt)
        with attempt.marked(build), brought_back(back, build, progress):
            return _deployed(rollout, attempt)


def _deployed(rollout: _Rollout, attempt: Attempt) -> Placement:
    options, name = rollout.options, rollout.name
    try:
        ended = rollout.run(options.command)
    except OutsideError:
        attempt.settle()  # it could not be started: what ran before still runs
        raise
    _check(ended, f"{name} was not deployed")
    if ended.assumed:
        return Placement(options.address, f"{name} is supposed to answer")
    addresses = _addresses(Path(rollout.told["CI_STEPS_ADDRESSES"])) or _given(options.address)
    if options.proof == "version":
        _prove(rollout, addresses)
    return Placement(next(iter(addresses), ""), _seen(name, addresses, options))


def _settle(rollout: _Rollout, attempt: Attempt) -> None:
    """Bring back what ran before a deployment that was killed in the middle."""
    left = attempt.unfinished
    if not left:
        return
    build = rollout.build
    rollout.progress.note(
        f"a deployment of {build.service} {left.get('version', '')} was not finished"
    )
    if build.is_irreversible:
        rollout.progress.note(f"not rolled back, for the database cannot be: {LEFT}")
    elif rollout.options.rollback_command and not rollout.outside.rehearsing:
        with suppress(VersionError, LookupError):
            version = parse_version(left["version"])
            before = replace(
                build,
                version=version,
                commit=left["commit"],
                image=left["image"],
                digest=left["digest"],
            )
            former = replace(rollout, build=before)
            former.describe()
            _check(former.roll_back(), "what was left unfinished was not rolled back")
    attempt.settle()


def stop(service: str, place: Place, options: Options, outside: Outside) -> None:
    """Run the command that ends it."""
    if not options.stop_command:
        raise RefusedError(
            f"nothing says how {service} in {place.environment} is ended",
            hint="Give the target a stop_command.",
        )
    told = {
        **place.variables,
        "CI_STEPS_SERVICE": service,
        "CI_STEPS_ENVIRONMENT": place.environment,
        "CI_STEPS_SLOT": place.slot,
    }
    ended = outside.run(options.stop_command, env=told, timeout_seconds=options.command_seconds)
    _check(ended, f"{service} in {place.environment} was not ended")


def _seen(name: str, addresses: tuple[str, ...], options: Options) -> str:
    if options.proof == "exit":
        return f"{name} was deployed, by the command's exit status; nobody asked it"
    return without_credentials(f"{name} answers at {', '.join(addresses)}")


def _told(build: Build, place: Place) -> dict[str, str]:
    files = build.root / ".ci-steps" / "deploy" / f"{slug(place.environment)}-{slug(place.slot)}"
    return {
        **place.variables,
        "CI_STEPS_SERVICE": build.service,
        "CI_STEPS_VERSION": str(build.version),
        "CI_STEPS_COMMIT": build.commit,
        "CI_STEPS_IMAGE": build.image,
        "CI_STEPS_DIGEST": build.digest,
        "CI_STEPS_ENVIRONMENT": place.environment,
        "CI_STEPS_SLOT": place.slot,
        **({"CI_STEPS_IRREVERSIBLE": "1"} if build.is_irreversible else {}),
        "CI_STEPS_BUILD": str(files.with_name(files.name + ".json").absolute()),
        "CI_STEPS_ADDRESSES": str(files.with_name(files.name + ".addresses").absolute()),
    }


def _described(build: Build, place: Place) -> bytes:
    content = {
        "service": build.service,
        "version": str(build.version),
        "commit": build.commit,
        "image": build.image,
        "digest": build.digest,
        "environment": place.environment,
        "slot": place.slot,
        "variables": dict(place.variables),
    }
    return json.dumps(content, indent=2).encode() + b"\n"


def _roll_back(rollout: _Rollout, attempt: Attempt) -> None:
    """Bring back what ran before; until it is there, the attempt is marked as unfinished."""
    if not attempt.unfinished:
        return
    if not rollout.options.rollback_command:
        attempt.settle()
        raise NotBroughtBackError(
            "nothing brings back what ran before: the target has no rollback_command"
        )
    ended = rollout.roll_back()
    if not ended.ok:
        raise RefusedError(f"`{written(ended.command)}`: {ended.how}", hint=_printed(ended))
    attempt.settle()


def _check(ended: Finished, consequence: str) -> None:
    if not ended.ok:
        command = written(ended.command)
        raise RefusedError(f"{consequence}: `{command}`: {ended.how}", hint=_printed(ended))


def _printed(ended: Finished) -> str:
    return last_words(ended.output.splitlines())


def _given(address: str) -> tuple[str, ...]:
    return (address,) if address else ()


def _addresses(path: Path) -> tuple[str, ...]:
    """Return what the command wrote: a JSON list, or one address a line."""
    try:
        with path.open("rb") as file:
            text = file.read(_ADDRESSES_BYTES).decode("utf-8", "replace").strip()
    except OSError:
        return ()
    found: object = text.split("\n")
    if text.startswith("["):
        with suppress(ValueError, RecursionError):
            found = json.loads(text)
    if not isinstance(found, list):
        found = [text]
    addresses = [item.strip() if isinstance(item, str) else item for item in found]
    for address in addresses:
        if address != "" and not _is_address(address):
            raise RefusedError(
                f"{address!r} in CI_STEPS_ADDRESSES is not an address",
                hint="Write a JSON list of http or https addresses, or one a line.",
            )
    return tuple(address.rstrip("/") for address in addresses if address)


def _is_address(text: object) -> bool:
    with suppress(ValueError):
        return isinstance(text, str) and urlsplit(text).scheme in {"http", "https"}
    return False


def _prove(rollout: _Rollout, addresses: tuple[str, ...]) -> None:
    """Return when every address answers the new version and goes on doing so."""
    options = rollout.options
    if not addresses:
        raise RefusedError(
            f"nothing says where {rollout.name} answers",
            hint="Give the target an address, let the command write them to the file that "
            "CI_STEPS_ADDRESSES names, or set `proof: exit`, which proves less.",
        )
    expected = Expected(rollout.build.version, options.version, options.version_key)
    try:
        await_version(expected, addresses, rollout.outside, timeout_seconds=options.timeout_seconds)
        watch(expected, addresses, rollout.outside, seconds=options.steady_seconds)
    except RefusedError as refused:
        raise RefusedError(
            f"{rollout.name} was not deployed: {refused}",
            hint=f"The command ended well. {refused.hint}".strip(),
        ) from refused
