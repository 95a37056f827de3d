"""A document says what the dictionary knows: nobody writes releases or plans into it by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ci_steps.changelog.document import ChangeLog, Item
from ci_steps.versions import parse_version

if TYPE_CHECKING:
    from ci_steps.changelog.history_rules import Wrong

_OF_RELEASE = ("commit", "digest", "contract", "requirements")
_OF_ITEM = ("by", "why", "promised", "retire_on", "deprecated", "amendments")


def agreement_problems(log: ChangeLog, known: ChangeLog) -> Wrong:
    """Yield what *log* says otherwise than the dictionary, as it is *known* to say it."""
    if log.service != known.service:
        yield ("service",), f"this is the change log of {log.service}, not of {known.service}"
        return
    releases = {parse_version(one.version): one for one in known.history}
    for at, one in enumerate(log.history):
        recorded = releases.get(parse_version(one.version))
        for name in _OF_RELEASE if recorded else ():
            said, right = getattr(one, name), getattr(recorded, name)
            if said and right and said != right:
                text = f"the dictionary knows {one.version} with {_text(right)}"
                yield ("history", at, name), f"{_text(said)}, and {text}"
    yield from _plan(log, known)


def _plan(log: ChangeLog, known: ChangeLog) -> Wrong:
    kept = {(one.identity, one.announced): one for one in known.plan}
    for at, item in enumerate(log.plan):
        right = kept.pop((item.identity, item.announced), None)
        if right is None:
            text = f"the dictionary knows no plan for the {item.kind.value} {item.subject}"
            yield ("plan", at), f"{text} of {item.announced}: add it with changelog plan add"
            continue
        as_it_was = _until(right, log)
        for name in _OF_ITEM:
            if getattr(item, name) != getattr(as_it_was, name):
                said = _text(getattr(as_it_was, name))
                yield ("plan", at, name), f"{_text(getattr(item, name))}; the dictionary: {said}"
    for missing in kept.values():
        if missing.announced <= log.at:
            yield ("plan",), f"the {missing.kind.value} {missing.subject} is missing: build it anew"


def _until(item: Item, log: ChangeLog) -> Item:
    """Return an item as it was when the document was gathered."""
    amendments = tuple(one for one in item.amendments if one.at <= log.at)
    later = item.amendments[len(amendments) :]
    day = later[0].before if later else item.retire_on
    promised = item.promised if day or amendments else None
    return replace(item, amendments=amendments, retire_on=day, promised=promised)


def _text(value: object) -> str:
    if isinstance(value, tuple):
        parts = [str(getattr(one, "retire_on", one)) for one in value]
        return ", ".join(parts) or "nothing"
    return str(value) if value else "nothing"
