"""`ci-steps retire`: take an old line out of service, in steps that can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from ci_steps.cli import shell
from ci_steps.cli.retiring.ground import ground_of
from ci_steps.model import Line
from ci_steps.moments import iso_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ci_steps.endings import Window
    from ci_steps.lifecycle.stepping import Ground, Taken

_STEPS = ("headers", "brown-out", "drained", "gone", "removed")
_NO_REASON = "Whoever reads it later must know why."


@click.command("retire")
@click.argument("service")
@click.argument("line")
@click.argument("environment", default="production")
@click.option("--to", type=click.Choice(_STEPS), help="Take the steps up to this one.")
@click.option("--undo", is_flag=True, help="Go back one step.")
@click.option(
    "--brown-out",
    "moments",
    multiple=True,
    metavar="MOMENT",
    help="When callers are refused for a while, as 2026-12-09T10:00Z; may be repeated.",
)
@click.option("--reason", default="", help="Why; it is kept.")
@click.option("--by", help="Who does it, where it is not the actor of the job.")
@click.option("--dry-run", is_flag=True, help="Say whether it may be done, and do nothing.")
@click.option("--config", default="", metavar="FILE", help="The file, instead of ci-steps.yaml.")
@shell.dictionary_option
@shell.json_option
def retire(
    service: str,
    line: str,
    environment: str,
    to: str | None,
    moments: tuple[str, ...],
    reason: str,
    by: str | None,
    config: str,
    dictionary: str,
    *,
    undo: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Take LINE of SERVICE out of service in ENVIRONMENT, production by default.

    One step each time, or all up to --to: headers (its answers say when it ends), brown-out
    (planned refusals of a few minutes, announced before), drained (nobody reaches it, and it
    is back at once), gone (stopped behind 410 Gone, which names the successor and counts who
    still calls), removed (its image as well, a while later). Everything that may-retire asks
    is asked again at the moment of each step. Run it in the folder of the service.

    Example: ci-steps retire auth 1 --reason 'nobody calls it'
    """
    from ci_steps.errors import UsageError

    console = shell.console_of(as_json)
    outside = shell.outside_of(console)
    if undo and (to or moments):
        raise UsageError("--undo goes back one step, and takes none")
    if not reason.strip() and not dry_run:
        raise UsageError("--reason is missing", hint=_NO_REASON)
    who = by or shell.host_of(outside, console).facts(outside.environ).actor
    asked = tuple(map(_moment, moments))
    of = Line(service, line.removeprefix("v"), environment)
    with ground_of(console, outside, of, config, dictionary) as ground:
        if undo:
            taken = [_undone(ground, who, reason.strip(), dry_run=dry_run)]
        else:
            taken = list(_take(ground, to, asked, who, reason.strip(), dry_run=dry_run))
    if as_json:
        console.answer(document(of, taken, undo=undo, dry_run=dry_run))
    else:
        for one in taken:
            console.result(sentence(one, undo=undo, dry_run=dry_run))
    return 0 if all(one.may.yes for one in taken) else 1


def _take(
    ground: Ground,
    to: str | None,
    asked: Sequence[datetime],
    by: str,
    reason: str,
    *,
    dry_run: bool,
) -> Iterator[Taken]:
    """Yield each step that is taken, and the first one that may not be."""
    from ci_steps.errors import RefusedError
    from ci_steps.lifecycle import stepping
    from ci_steps.lifecycle.acts import Kind
    from ci_steps.lifecycle.retiring import way_to

    way = way_to(stepping.look(ground).stands, Kind(to) if to else None)
    if not way:
        raise RefusedError(f"line {ground.line.line} of {ground.line.service} is {to or 'removed'}")
    for kind in way:
        is_on_the_way = kind is Kind.BROWN_OUT and kind is not way[-1] and not asked
        if is_on_the_way and not _has_brown_outs(ground):
            continue
        if dry_run:
            yield stepping.ask(ground, kind, asked)
            return
        taken = stepping.take(ground, kind, by, reason, asked)
        yield taken
        if not taken.may.yes:
            return


def _has_brown_outs(ground: Ground) -> bool:
    from ci_steps.errors import RefusedError
    from ci_steps.lifecycle import stepping
    from ci_steps.lifecycle.retiring import brown_outs

    told = stepping.look(ground).facts.announcement
    try:
        return bool(brown_outs(told.retire_on, ground.manner, ground.outside.now()))
    except RefusedError:
        return False


def _undone(ground: Ground, by: str, reason: str, *, dry_run: bool) -> Taken:
    from ci_steps.lifecycle import stepping

    return stepping.ask_undo(ground) if dry_run else stepping.undo(ground, by, reason)


def sentence(taken: Taken, *, undo: bool, dry_run: bool) -> str:
    """Return what became of a step, for people."""
    may, name = taken.may, taken.kind.value
    if not may.yes:
        again = f"; ask again after {may.again:%Y-%m-%d %H:%M} UTC" if may.again else ""
        return f"no, not {name}: {may.text}{again} ({may.reason})"
    if undo:
        return f"would undo {name}" if dry_run else f"{name} is undone: {taken.said}"
    windows = f"; callers are refused {', '.join(map(str, taken.windows))}" if taken.windows else ""
    if dry_run:
        return f"yes, {name}: {may.text}{windows}; nothing was done"
    return f"{name}: {taken.said}{windows}"


def document(of: Line, taken: Sequence[Taken], *, undo: bool, dry_run: bool) -> dict[str, Any]:
    """Return the answer of ``--json``."""
    return {
        "schema": "ci-steps/retire/1",
        "service": of.service,
        "line": of.line,
        "environment": of.environment,
        "dry_run": dry_run,
        "steps": [
            {
                "step": one.kind.value,
                "taken": one.may.yes and not dry_run and not undo,
                "undone": undo and not dry_run,
                "allowed": one.may.yes,
                "reason": one.may.reason,
                "text": one.may.text,
                "ask_again": iso_text(one.may.again) if one.may.again else None,
                "said": one.said,
                "brown_outs": [window_document(window) for window in one.windows],
            }
            for one in taken
        ],
    }


def window_document(window: Window) -> dict[str, Any]:
    """Return a planned refusal for scripts."""
    begin, end = map(iso_text, (window.begin, window.end))
    return {"begin": begin, "end": end, "status": window.status}


def _moment(text: str) -> datetime:
    from datetime import timezone

    from ci_steps.errors import UsageError
    from ci_steps.moments import iso_moment

    try:
        moment = iso_moment(text)
    except ValueError:
        raise UsageError(f"--brown-out {text!r} is no moment, such as 2026-12-09T10:00Z") from None
    if moment.tzinfo is None:
        raise UsageError(f"--brown-out {text!r} has no time zone", hint="Write a Z for UTC.")
    return moment.astimezone(timezone.utc)
