"""The last line of a run: where the version is now, who was told, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ci_steps.model import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Step = Mapping[str, Any]  # as the report of a job holds it

_MINUTE = 60
_HOUR = 3600
_LONGEST_REASON = 160


def last_line(what: str, steps: Sequence[Step], seconds: float, again: str = "") -> str:
    """Return what came of a run of *what*, in one line; *again* is the command for the rest."""
    failure = next((step for step in steps if _is(step, Status.FAILED)), None)
    rehearsed = any(_is(step, Status.REHEARSED) for step in steps)
    if failure:
        ends = ["nothing was touched"] if rehearsed else _ends(what, steps, failure, seconds)
        more = [f"run again with {again}"] if again and not rehearsed else []
        return "; ".join([f"{what} {_stopped(failure)}", *ends, *more])
    places, told = _places(steps), list(_told(steps, "would be told" if rehearsed else "told"))
    if rehearsed:
        would = [f"it would be in {places[0]}"] if places else []
        said = ", ".join([*would, *told])
        end = f"; {said}" if said else ""
        return f"{what}: rehearsed in {duration(seconds)}, nothing was touched{end}"
    done = f"is in {places[0]}" if places else _count(steps)
    return ", ".join([f"{what} {done}", *told, duration(seconds)])


def duration(seconds: float) -> str:
    """Return how long something took, as people say it: ``0.4 s``, ``41 s``, ``3 min 5 s``."""
    if seconds < 9.95:  # noqa: PLR2004 (from ten on nobody cares for tenths)
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"


def _is(step: Step, *statuses: Status) -> bool:
    return step["status"] in {one.value for one in statuses}


def _stopped(failure: Step) -> str:
    reason = " ".join(failure["summary"].split())
    shown = reason if len(reason) <= _LONGEST_REASON else f"{reason[: _LONGEST_REASON - 1]}…"
    return f"stopped at {failure['step']} {failure['environment']}".rstrip() + f": {shown}"


def _ends(what: str, steps: Sequence[Step], failure: Step, seconds: float) -> list[str]:
    """Return where the version is, and which one runs on where it was rolled back."""
    places, before = _places(steps), failure["facts"].get("runs_on")
    found = [f"it is in {' and '.join(places)}"] if places else []
    if before:
        service = what.partition(" ")[0]
        found.append(f"{service} {before['version']} runs on in {before['environment']}")
    if found:
        return found
    wanted = any(step["step"] == "deploy" for step in steps)
    return ["nothing was deployed" if wanted else f"after {duration(seconds)}"]


def _count(steps: Iterable[Step]) -> str:
    count = sum(_is(step, Status.PASSED, Status.STANDS) for step in steps)
    return f"passed {count} {'step' if count == 1 else 'steps'}"


def _places(steps: Iterable[Step]) -> list[str]:
    """Return the environments that this run has brought the version to, the last one first."""
    found = [step["environment"] for step in steps if "deployment" in step["facts"]]
    return list(dict.fromkeys(reversed(found)))


def _told(steps: Iterable[Step], verb: str) -> Iterator[str]:
    """Yield how many were told, and how many could not be."""
    notices = [one for step in steps for one in step["facts"].get("notices", ())]
    sent = sum(one["state"] == "sent" for one in notices)
    if sent:
        yield f"{sent} {'owner' if sent == 1 else 'owners'} {verb}"
    if len(notices) > sent:
        yield f"{len(notices) - sent} not told yet"
