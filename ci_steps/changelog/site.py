"""Static pages: one for each service and an index, written one after the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from ci_steps.changelog.building import Sources, build, nobody_looks
from ci_steps.changelog.page import Links, page
from ci_steps.changelog.site_index import Entry, index_page
from ci_steps.changelog.words import item_name
from ci_steps.changelog.writing import as_text
from ci_steps.usage import Caller, Usage, UsageQuestion

if TYPE_CHECKING:
    from ci_steps.changelog.document import ChangeLog, Running
    from ci_steps.dictionary.store import Dictionary

INDEX = "index.html"
FOLDER = "services"

_FILE_NAME = re.compile(r"[a-z0-9-]{1,63}")


@dataclass(frozen=True)
class Site:
    """What pages are made of: the dictionary, and the documents that services published."""

    dictionary: Dictionary
    at: datetime
    published: Callable[[str], ChangeLog | None] = lambda service: None

    def files(self) -> Iterator[tuple[str, str]]:
        """Yield each file with its content, a service at a time and the index last."""
        names = [one.name for one in self.dictionary.services() if _FILE_NAME.fullmatch(one.name)]
        entries = []
        links = Links(frozenset(names), f"../{INDEX}")
        for name in names:
            log = self.log(name)
            entries.append(_entry(log))
            yield f"{FOLDER}/{name}.json", as_text(log)
            yield f"{FOLDER}/{name}.html", page(log, replace(links, document=f"{name}.json"))
        yield INDEX, index_page(entries, self.at)

    def log(self, name: str) -> ChangeLog:
        """Return the change log of a service, with what it published itself."""
        published = self.published(name)
        sources = Sources(published=published)
        if published:
            observe = _observer(published)
            sources = replace(sources, rules=published.promises.rules, observe=observe)
        with self.dictionary.reading():
            log = build(self.dictionary, name, self.at, sources)
        return replace(log, unreleased=published.unreleased) if published else log


def _observer(published: ChangeLog) -> Callable[[UsageQuestion], Usage]:
    """Return what the service itself saw of its calls, when it published that."""

    def observe(question: UsageQuestion) -> Usage:
        for place in published.current:
            for one in place.versions:
                if (place.environment, one.line) == (question.environment, question.line):
                    return _seen(one)
        return nobody_looks(question)

    return observe


def _seen(one: Running) -> Usage:
    return Usage(
        one.calls.source,
        one.calls.observed_since,
        one.calls.last_call,
        tuple(Caller(who.name, who.calls, who.last_call) for who in one.dependents.called),
        one.calls.problem,
    )


def _entry(log: ChangeLog) -> Entry:
    place = log.current[-1] if log.current else None
    coming = [one for one in log.plan if one.is_open]
    return Entry(
        log.service,
        log.owner,
        tuple(one.version for one in place.versions) if place else (),
        place.environment if place else "",
        len(log.history),
        len(coming),
        tuple((one.retire_on, item_name(one)) for one in coming if one.retire_on),
    )
