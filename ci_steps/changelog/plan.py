"""What will end: acts that people made -> the items of the plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from ci_steps.changelog.document import Amendment, Item, Kind, Status
from ci_steps.lifecycle.acts import Act
from ci_steps.lifecycle.acts import Kind as ActKind


@dataclass(frozen=True)
class Subject:
    """What a plan is about; a line has an environment, anything else ends everywhere."""

    kind: Kind
    name: str
    environment: str = ""


@dataclass(frozen=True)
class Words:
    """What an announcement says beside its day."""

    deprecated: date | None = None
    instead: str = ""
    migration: str = ""


@dataclass(frozen=True)
class Told:
    """An act, and what it says where it announces."""

    act: Act
    words: Words = Words()


def items(subject: Subject, told: Iterable[Told], at: datetime, *, retired: bool) -> list[Item]:
    """Return what was announced about a subject, the first time first; *retired*: it is gone."""
    found: list[Item] = []
    urgent = False
    for one in told:
        act = one.act
        if act.kind in {ActKind.URGENT, ActKind.CALM}:
            urgent = act.kind is ActKind.URGENT
        elif act.kind is ActKind.ANNOUNCE:
            found.append(_announced(subject, act, one.words))
        elif found and act.kind is ActKind.AMEND:
            found[-1] = _amended(found[-1], act, urgent=urgent)
        elif found and act.kind is ActKind.WITHDRAW:
            found[-1] = replace(found[-1], status=Status.WITHDRAWN)
    return [_standing(one, at.date(), retired=retired) for one in found]


def _announced(subject: Subject, act: Act, words: Words) -> Item:
    return Item(
        kind=subject.kind,
        subject=subject.name,
        environment=subject.environment,
        announced=act.at,
        by=act.by,
        deprecated=words.deprecated or act.at.date(),
        promised=act.retire_on,
        retire_on=act.retire_on,
        instead=words.instead,
        why=act.reason,
        migration=words.migration,
        status=Status.ANNOUNCED,
        amendments=(),
    )


def _amended(item: Item, act: Act, *, urgent: bool) -> Item:
    if act.retire_on is None:
        return item
    moved = Amendment(act.at, act.by, act.reason, item.retire_on, act.retire_on, urgent)
    promised = item.promised or act.retire_on
    amendments = (*item.amendments, moved)
    return replace(item, promised=promised, retire_on=act.retire_on, amendments=amendments)


def _standing(item: Item, today: date, *, retired: bool) -> Item:
    return replace(item, status=status_on(item, today, retired=retired))


def status_on(item: Item, today: date, *, retired: bool) -> Status:
    """Return how far an item has come on a day."""
    if item.status is Status.WITHDRAWN:
        return item.status
    if retired:
        return Status.RETIRED
    if item.retire_on and item.retire_on <= today:
        return Status.DUE
    return Status.DEPRECATED if item.deprecated <= today else Status.ANNOUNCED
