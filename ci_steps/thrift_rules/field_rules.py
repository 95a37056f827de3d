"""Fields of structs, arguments of methods and exceptions, which Thrift knows by their ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ci_steps.comparisons.changes import Change, Level, Location
from ci_steps.thrift_rules.interface import Field

_Fields = Mapping[int, Field]

_REMOVED = {"throws": Level.WARNING}
_ADDED = {"union-field": Level.WARNING, "throws": Level.WARNING}


def compare_fields(
    what: str, owner: str, old: _Fields, new: _Fields, owners: tuple[Location, Location]
) -> Iterator[Change]:
    """Yield what changed; *what* is ``field``, ``union-field``, ``argument`` or ``throws``.

    *owners* are where the owner of the fields is, in the old and in the new contract.
    """
    moved = {one.name: one for key, one in new.items() if key not in old}
    stayed = {one.name for key, one in old.items() if key in new}
    for key, one in old.items():
        subject = f"{owner}.{one.name}"
        if key in new:
            yield from _same_id(what, owner, one, new[key])
        elif one.name in moved and one.name not in stayed:
            other = moved[one.name]
            text = f"the id of {subject} changed from {key} to {other.id}"
            yield _change(what, "id-changed", Level.BREAKING, subject, text, one.place, other.place)
        else:
            level = _REMOVED.get(what, Level.BREAKING)
            yield _change(
                what, "removed", level, subject, f"{subject} was removed", one.place, owners[1]
            )
    gone = {one.name for key, one in old.items() if key not in new}
    for key, one in new.items():
        if key not in old and one.name not in gone:
            yield _added(what, f"{owner}.{one.name}", one, owners[0])


def _added(what: str, subject: str, one: Field, owner: Location) -> Change:
    if one.is_required:
        text = f"{subject} was added and is required, which callers of before do not send"
        return _change(what, "required-added", Level.BREAKING, subject, text, owner, one.place)
    level = _ADDED.get(what, Level.COMPATIBLE)
    return _change(what, "added", level, subject, f"{subject} was added", owner, one.place)


def _same_id(what: str, owner: str, old: Field, new: Field) -> Iterator[Change]:
    subject = f"{owner}.{old.name}"
    places = old.place, new.place
    if old.name != new.name and old.type != new.type:
        text = (
            f"id {old.id} of {owner} was {old.name} ({old.type}) and is now {new.name} ({new.type})"
        )
        yield _change(what, "id-reused", Level.BREAKING, subject, text, *places)
        return
    if old.name != new.name:
        text = f"{subject} is now called {new.name}"
        yield _change(what, "renamed", Level.WARNING, subject, text, *places)
    if old.type != new.type:
        text = f"the type of {subject} changed from {old.type} to {new.type}"
        yield _change(what, "type-changed", Level.BREAKING, subject, text, *places)
    if old.is_required != new.is_required:
        rule = "became-required" if new.is_required else "became-optional"
        text = f"{subject} {rule.replace('-', ' ')}"
        yield _change(what, rule, Level.BREAKING, subject, text, *places)
    if old.default != new.default:
        text = (
            f"the default of {subject} changed from {old.default or 'none'}"
            f" to {new.default or 'none'}"
        )
        yield _change(what, "default-changed", Level.WARNING, subject, text, *places)


def _change(
    what: str, rule: str, level: Level, subject: str, text: str, old: Location, new: Location
) -> Change:
    kind = "exception" if what == "throws" else what
    return Change(f"thrift-{kind}-{rule}", level, subject, text, old, new)
