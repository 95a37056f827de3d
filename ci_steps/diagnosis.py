"""What is missing here, for which step, and how to get it; nothing is touched."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ci_steps import registry
from ci_steps.errors import CiStepsError, DictionaryError, NoDictionaryError
from ci_steps.options import secret_names
from ci_steps.outside.databases.addresses import refuse_workspace, shown, sqlite_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ci_steps.config.plan import Plan, PlannedStep, Plugged
    from ci_steps.outside import Outside

WELL, WARNING, MISSING = "well", "warning", "missing"
_MOST_SKEW_SECONDS = 5
# The steps that ask what a service depends on.
_ASKING = frozenset({"version-check", "deploy", "integration-test"})


@dataclass(frozen=True)
class Finding:
    """One thing that steps need: whether it is there, and what to do where it is not.

    `outside` tells what only the world can mend, such as a server that is away.
    """

    what: str
    status: str
    text: str
    needed_by: tuple[str, ...] = ()
    hint: str = ""
    outside: bool = False


def examine(
    plan: Plan, steps: Sequence[PlannedStep], outside: Outside, *, online: bool = False
) -> tuple[Finding, ...]:
    """Return what *steps* need and whether it is there, what is missing first."""
    found = [
        _python(),
        _git(outside),
        *_programs(plan, steps, outside),
        *_engine(steps, outside),
        *_targets(plan, steps, outside),
        *_secrets(plan, steps, outside),
        *_dictionary(plan, outside),
        *(_channels(plan, steps, outside) if online else ()),
    ]
    order = {MISSING: 0, WARNING: 1, WELL: 2}
    return tuple(sorted(found, key=lambda one: order[one.status]))


def _python() -> Finding:
    return Finding("python", WELL, sys.version.split()[0])


def _git(outside: Outside) -> Finding:
    place = outside.which("git")
    if place:
        return Finding("git", WELL, place)
    hint = "Install git, or name the commit of each build in CI_STEPS_COMMIT."
    return Finding("git", WARNING, "git is not here", hint=hint)


def _programs(plan: Plan, steps: Iterable[PlannedStep], outside: Outside) -> Iterator[Finding]:
    """Yield every program that a command of a step, or of its target, begins with."""
    needed: dict[str, list[str]] = {}
    for step in steps:
        options = [step.options]
        if step.name == "deploy":
            options.append(plan.environments[step.environment].target.options)
        for command in (getattr(one, "command", None) for one in options):
            if command:
                needed.setdefault(command[0], []).append(step.title)
    for program, by in needed.items():
        place = _program(program, plan.root, outside)
        if place:
            yield Finding(program, WELL, place, tuple(by))
        else:
            hint = f"Install {program}, or name another command in ci-steps.yaml."
            yield Finding(program, MISSING, f"no program {program!r}", tuple(by), hint)


def _program(program: str, root: Path, outside: Outside) -> str:
    if "/" not in program:
        return outside.which(program) or ""
    path = root / program
    return str(path) if path.is_file() and os.access(path, os.X_OK) else ""


def _engine(steps: Iterable[PlannedStep], outside: Outside) -> Iterator[Finding]:
    for step in steps:
        if step.name != "container-build" or step.options.when == "never":
            continue
        wanted = step.options.engine
        names = tuple(registry.BUILDERS) if wanted == "auto" else (wanted,)
        reasons = {name: registry.BUILDERS[name].missing(outside) for name in names}
        usable = next((name for name, reason in reasons.items() if not reason), "")
        if usable:
            yield Finding("container engine", WELL, usable, (step.title,))
            continue
        status = WARNING if step.options.when == "engine" else MISSING
        hint = "Start docker, or install podman or buildah; `when: engine` does without."
        yield Finding("container engine", status, "; ".join(reasons.values()), (step.title,), hint)


def _targets(plan: Plan, steps: Iterable[PlannedStep], outside: Outside) -> Iterator[Finding]:
    """Yield whether each target that needs a tool of its own has it."""
    needed: dict[str, list[str]] = {}
    found: dict[str, str] = {}
    for step in steps:
        target = plan.environments[step.environment].target if step.name == "deploy" else None
        if target and hasattr(target.module, "missing"):
            found[target.name] = target.module.missing(outside)
            needed.setdefault(target.name, []).append(step.title)
    for name, problem in found.items():
        status, text = (MISSING, problem) if problem else (WELL, "its tool is here")
        hint = "It is needed on the agent that deploys." if problem else ""
        yield Finding(f"target {name}", status, text, tuple(needed[name]), hint)


def _secrets(plan: Plan, steps: Iterable[PlannedStep], outside: Outside) -> Iterator[Finding]:
    needed: dict[str, list[str]] = {}
    for step in steps:
        for name in _secret_names(plan, step):
            needed.setdefault(name, []).append(step.title)
    for name, by in needed.items():
        if outside.environ.get(name):
            yield Finding(name, WELL, "it is set", tuple(by))
        else:
            hint = f"Give {name} to the job as a credential."
            yield Finding(name, MISSING, "the variable is not set", tuple(by), hint)


def _secret_names(plan: Plan, step: PlannedStep) -> Iterator[str]:
    """Yield the names of variables with secrets that a step reads, or a plug that it uses."""
    options: list[Any] = [step.options]
    if step.name == "deploy":
        options.append(plan.environments[step.environment].target.options)
    if step.name in _ASKING:
        options += [probe.options for probes in plan.probes.values() for probe in probes]
    if step.name == "notify-owners":
        options += [channel.options for channel in plan.channels]
    for one in options:
        yield from secret_names(one)


def _channels(plan: Plan, steps: Sequence[PlannedStep], outside: Outside) -> list[Finding]:
    """Ask every receiver of messages whether it would take ours, all at once."""
    by = tuple(step.title for step in steps if step.name == "notify-owners")

    def ask(channel: Plugged) -> Finding:
        text = channel.module.trouble(channel.options, outside)
        what = f"channel {channel.name}"
        if not text:
            return Finding(what, WELL, "it would take our messages; none was sent", by)
        hint = (
            f"See notify.channels.{channel.name} in ci-steps.yaml, and the network of this machine."
        )
        return Finding(what, MISSING, text, by, hint, outside=True)

    asked = [one for one in plan.channels if hasattr(one.module, "trouble")]
    ready = [one for one in asked if _has_secrets(one, outside)]
    return outside.parallel(ask, ready) if by else []


def _has_secrets(channel: Plugged, outside: Outside) -> bool:
    """Return whether a channel can be asked; a variable that is not set is said already."""
    return all(outside.environ.get(name) for name in channel.module.secrets(channel.options))


def _dictionary(plan: Plan, outside: Outside) -> Iterator[Finding]:
    where = shown(plan.dictionary)
    try:
        refuse_workspace(plan.dictionary, outside.environ)
        yield from _opened(plan.dictionary, outside)
    except NoDictionaryError:
        yield Finding("dictionary", *_unmade(Path(where)))
    except DictionaryError as error:
        yield Finding("dictionary", MISSING, str(error), hint=error.hint, outside=True)
    except CiStepsError as error:
        yield Finding("dictionary", MISSING, str(error), hint=error.hint)


def _opened(url: str, outside: Outside) -> Iterator[Finding]:
    from sqlalchemy import func, select

    from ci_steps.dictionary.store import Dictionary

    path = sqlite_path(url)
    with Dictionary.open_to_read(outside.database_to_read(url)) as dictionary:
        if path is not None:
            yield _writable(path)
            return
        with dictionary.reading() as connection:
            there = connection.execute(select(func.now())).scalar_one()
    yield Finding("dictionary", WELL, shown(url))
    skew = abs((there - outside.now()).total_seconds())
    status = WARNING if skew > _MOST_SKEW_SECONDS else WELL
    hint = "Let both keep their clocks by NTP: what is the latest proof is decided by time."
    text = f"{skew:.0f} s apart from the server of the dictionary"
    yield Finding("clock", status, text, hint=hint if status == WARNING else "")


def _writable(path: Path) -> Finding:
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        return Finding("dictionary", WELL, str(path))
    hint = "SQLite writes beside the file as well: give this user the folder."
    return Finding("dictionary", MISSING, f"{path} cannot be written", hint=hint)


def _unmade(path: Path) -> tuple[str, str, tuple[str, ...], str]:
    """Return what is to be said of a file that is not there yet."""
    parent = next(folder for folder in path.absolute().parents if folder.exists())
    if os.access(parent, os.W_OK):
        hint = "The first step makes it; a team names one for all in CI_STEPS_DICTIONARY."
        return WARNING, f"there is none yet at {path}", (), hint
    hint = "Name another place in CI_STEPS_DICTIONARY."
    return MISSING, f"there is none at {path}, and it cannot be made there", (), hint
