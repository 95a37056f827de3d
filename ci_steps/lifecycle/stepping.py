"""Taking the steps of an end: the world first, then the dictionary.

So nothing is said to be done that is not, and whoever was interrupted does it again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from ci_steps.dictionary import deployment_recording, questions, recording
from ci_steps.dictionary.tables import retired_line, service
from ci_steps.endings import Ending, headers_of
from ci_steps.errors import RefusedError
from ci_steps.lifecycle import ledger
from ci_steps.lifecycle.acts import Act, Kind, check, standing
from ci_steps.lifecycle.gathering import gather, with_usage
from ci_steps.lifecycle.retiring import May, brown_outs, known_usage, may_take
from ci_steps.protocols import Leaving

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from ci_steps.dictionary.store import Dictionary
    from ci_steps.endings import Window
    from ci_steps.lifecycle.acts import Standing
    from ci_steps.lifecycle.facts import Facts
    from ci_steps.lifecycle.retiring import Manner
    from ci_steps.model import Deployment, Line
    from ci_steps.outside import Outside
    from ci_steps.usage import Caller, Rules, Usage, UsageQuestion


@dataclass(frozen=True)
class Ground:
    """What a step is taken on: the line, its rules, and the ways to its callers.

    `tell` puts in the outbox whatever is to be told of what was done, in its transaction.
    """

    dictionary: Dictionary
    outside: Outside
    line: Line
    rules: Rules
    manner: Manner
    observe: Callable[[UsageQuestion], Usage]
    meet: Callable[[Leaving], str]
    callers: Callable[[Leaving], tuple[Caller, ...]]
    tell: Callable[[Connection], None] = lambda connection: None


@dataclass(frozen=True)
class Scene:
    """How the line stands now: what is known, what was decided, and who was refused."""

    facts: Facts
    stands: Standing
    leaving: Leaving
    is_live: bool
    refused: tuple[Caller, ...] = ()


@dataclass(frozen=True)
class Taken:
    """A step, whether it may be taken, and what was done; nothing where it was only asked."""

    kind: Kind
    may: May
    said: str = ""
    windows: tuple[Window, ...] = ()


def look(ground: Ground) -> Scene:
    """Return how the line stands; UsageError for one that nobody knows."""
    facts = gather(
        ground.dictionary, ground.outside.now(), ground.line, ground.rules, ground.observe
    )
    with ground.dictionary.reading() as connection:
        stands = standing(ledger.read(connection, ground.line))
        slots = tuple(one.slot for one in _places(connection, ground.line))
        is_live = bool(_live(connection, ground.line))
        successor = _successor(connection, ground.line, facts.successors)
    leaving = _leaving(ground, stands, slots, successor)
    is_refusing = stands.taken(Kind.DRAINED) is not None
    refused = ground.callers(leaving) if is_refusing else ()
    usage = known_usage(facts, stands, refused)
    known = facts if usage is facts.usage else with_usage(ground.dictionary, facts, usage)
    return Scene(known, stands, leaving, is_live, refused)


def ask(ground: Ground, kind: Kind, asked: Sequence[datetime] = ()) -> Taken:
    """Return whether a step may be taken now, and touch nothing."""
    return _asked(ground, look(ground), kind, asked)


def take(ground: Ground, kind: Kind, by: str, reason: str, asked: Sequence[datetime] = ()) -> Taken:
    """Take a step if everything allows it at this moment; RefusedError where it does not fit."""
    scene = look(ground)
    found = _asked(ground, scene, kind, asked)
    if not found.may.yes:
        return found
    because = f"{found.may.reason}: {found.may.text}"
    act = Act(kind, ground.outside.now(), by, reason, because=because, windows=found.windows)
    after = replace(scene.stands, steps=(*scene.stands.steps, act))
    said = ground.meet(_as_it_stands(scene.leaving, after))
    ground.dictionary.write(lambda connection: _record(connection, ground, act))
    return replace(found, said=said)


def ask_undo(ground: Ground) -> Taken:
    """Return which step would be undone; RefusedError where there is none."""
    stands = look(ground).stands
    check(stands, Act(Kind.UNDO, ground.outside.now(), "", ""))
    return Taken(stands.steps[-1].kind, May(yes=True, text="it is the last step"))


def undo(ground: Ground, by: str, reason: str) -> Taken:
    """Go back one step: callers meet again what they met before it."""
    scene = look(ground)
    act = Act(Kind.UNDO, ground.outside.now(), by, reason)
    check(scene.stands, act)
    _check_place(ground.line, scene)
    undone = scene.stands.steps[-1]
    before = replace(scene.stands, steps=scene.stands.steps[:-1])
    said = ground.meet(_as_it_stands(scene.leaving, before))
    ground.dictionary.write(lambda connection: _record(connection, ground, act, undone.kind))
    return Taken(undone.kind, May(yes=True, text="it is undone"), said)


def _asked(ground: Ground, scene: Scene, kind: Kind, asked: Sequence[datetime]) -> Taken:
    check(scene.stands, Act(kind, scene.facts.at, "", ""))
    may = may_take(kind, scene.facts, scene.stands, ground.manner, scene.refused)
    _check_place(ground.line, scene)
    windows: tuple[Window, ...] = ()
    if may.yes and kind is Kind.BROWN_OUT:
        told = scene.facts.announcement
        windows = brown_outs(told.retire_on, ground.manner, scene.facts.at, asked)
    return Taken(kind, may, windows=windows)


def _check_place(line: Line, scene: Scene) -> None:
    """Raise RefusedError where the line has no place of its own: never touch another one's."""
    is_over = scene.stands.taken(Kind.GONE) is not None
    if scene.leaving.slots and (scene.is_live or is_over):
        return
    where = f"line {line.line} of {line.service}"
    if is_over:
        raise RefusedError(
            f"something else runs where {where} was", hint="ci-steps dictionary live shows what."
        )
    raise RefusedError(
        f"{where} does not run in {line.environment}: there is nothing to take out of service",
        hint="ci-steps dictionary live shows what runs.",
    )


def _leaving(ground: Ground, stands: Standing, slots: tuple[str, ...], successor: str) -> Leaving:
    told = stands.announcement
    said = headers_of(Ending(told.announced, told.ends, ground.manner.link), successor)
    links = {"successor": successor, "more": ground.manner.link}
    known = {name: url for name, url in links.items() if url}
    return _as_it_stands(Leaving(ground.line, "", slots, said, links=known), stands)


def _as_it_stands(leaving: Leaving, stands: Standing) -> Leaving:
    step = stands.step.value if stands.step else ""
    return replace(leaving, step=step, windows=stands.windows)


def _places(connection: Connection, line: Line) -> tuple[Deployment, ...]:
    """Return what runs of a line, or what ran last where nothing else does now."""
    found = _live(connection, line)
    if found:
        return found
    taken = {one.slot for one in questions.live(connection, line.environment, line.service)}
    ended = (
        one
        for one in questions.history(connection, line.service)
        if (one.environment, one.version.line) == (line.environment, line.line)
    )
    return tuple(one for one in tuple(ended)[:1] if one.slot not in taken)


def _live(connection: Connection, line: Line) -> tuple[Deployment, ...]:
    live = questions.live(connection, line.environment, line.service)
    return tuple(one for one in live if one.version.line == line.line)


def _successor(connection: Connection, line: Line, successors: Sequence[str]) -> str:
    """Return where a newer line answers."""
    live = questions.live(connection, line.environment, line.service)
    return next((one.address for one in live if str(one.version) in successors), "")


def _record(connection: Connection, ground: Ground, act: Act, undone: Kind | None = None) -> None:
    places = _places(connection, ground.line)
    ledger.add(connection, ground.line, act)
    if act.kind is Kind.GONE:
        for one in places:
            deployment_recording.end_deployment(connection, one, act.at)
        _retire(connection, ground.line, act)
    if undone is Kind.GONE:
        _bring_back(connection, ground.line, places, act)
    ground.tell(connection)


def _retire(connection: Connection, line: Line, act: Act) -> None:
    """Let the line be deployed nowhere any more, once no production has it."""
    production = {one.name for one in questions.environments(connection) if one.production}
    still = questions.live(connection, "", line.service)
    if line.environment not in production or any(
        one.version.line == line.line and one.environment in production for one in still
    ):
        return
    number = recording.service_id(connection, line.service)
    _forget_retired(connection, line)
    connection.execute(
        insert(retired_line).values(
            service_id=number, line=line.line, reason=act.reason, by=act.by, at=act.at
        )
    )


def _forget_retired(connection: Connection, line: Line) -> None:
    number = select(service.c.id).where(service.c.name == line.service).scalar_subquery()
    mine = (retired_line.c.service_id == number, retired_line.c.line == line.line)
    connection.execute(delete(retired_line).where(*mine))


def _bring_back(connection: Connection, line: Line, places: Sequence[Deployment], act: Act) -> None:
    """Record again what runs again."""
    _forget_retired(connection, line)
    production = {one.name for one in questions.environments(connection) if one.production}
    for one in places:
        deployment_recording.record_deployment(
            connection,
            replace(one, at=act.at, by=act.by),
            production=one.environment in production,
        )
