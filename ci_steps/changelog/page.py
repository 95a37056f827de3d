"""A change log as one page: what will end, who needs what, what was released."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ci_steps.changelog.document import Severity
from ci_steps.changelog.page_style import STYLE
from ci_steps.changelog.timeline import timeline
from ci_steps.changelog.words import day, item_name, last_call, moment, moves
from ci_steps.writing.page_parts import code, html_page, link, mark, section, table, text

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from ci_steps.changelog.document import (
        Change,
        ChangeLog,
        Dependents,
        End,
        Item,
        Place,
        Release,
    )

_OPEN_RELEASES = 10
_MOST_RELEASES = 200
_MOST_CHANGES = 200
_MOST_DEPENDENTS = 50


@dataclass(frozen=True)
class Links:
    """What the page can lead to: pages of *services* beside it, an index, the document."""

    services: Collection[str] = field(default_factory=frozenset)
    index: str = ""
    document: str = ""

    def service(self, name: str) -> str:
        """Return the name of a service, with a link where it has a page."""
        if name not in self.services:
            return text(name)
        return f'<a href="{text(name)}.html">{text(name)}</a>'


def page(log: ChangeLog, links: Links | None = None) -> str:
    """Return the page; it needs nothing else, and follows light and dark."""
    to = links or Links()
    body = "".join(
        [
            _navigation(to),
            _head(log, to),
            section("What will end", _plan(log.plan)),
            section("Lines and who needs them", _picture(log)),
            section("What would have to happen", _ends(log)),
            section("What runs", (_place(one, to) for one in log.current)),
            section("To come", _changes(log.unreleased)),
            section("What was released", _history(log)),
        ]
    )
    return html_page(f"{log.service}: change log", STYLE, body)


def _navigation(links: Links) -> str:
    return f'<nav><a href="{text(links.index)}">All services</a></nav>\n' if links.index else ""


def _head(log: ChangeLog, links: Links) -> str:
    facts = [f"owned by {text(log.owner)}" if log.owner else "owned by nobody"]
    facts += [link(log.repository, "source")] if log.repository.startswith("http") else []
    facts += [f'<a href="{text(links.document)}">as JSON</a>'] if links.document else []
    facts += [f"as of {moment(log.at)}"]
    listed = "".join(f"<span>{one}</span>" for one in facts)
    return (
        f"<header>\n<h1>{text(log.service)}</h1>\n<p>{text(_summary(log))}</p>\n"
        f'<div class="facts soft">{listed}</div>\n</header>\n'
    )


def _summary(log: ChangeLog) -> str:
    if not log.current:
        return "It runs nowhere."
    place = log.current[-1]
    said = " and ".join(one.version for one in place.versions)
    verb = "runs" if len(place.versions) == 1 else "run"
    return f"{said} {verb} in {place.environment}.{_next_end(log)}"


def _next_end(log: ChangeLog) -> str:
    coming = next((one for one in log.plan if one.is_open and one.retire_on), None)
    return f" Next ends {item_name(coming)}, on {coming.retire_on}." if coming else ""


def _plan(plan: Sequence[Item]) -> Iterator[str]:
    if not plan:
        return
    yield '<div class="cards">\n'
    for one in plan:
        ends = f"ends {one.retire_on}" if one.retire_on else "no day yet"
        rows = [
            one.why,
            f"Instead: {one.instead}" if one.instead else "",
            one.migration,
            *moves(one),
        ]
        told = "".join(f"<p>{text(row)}</p>" for row in rows if row)
        by = f" by {text(one.by)}" if one.by else ""
        yield (
            f'<article class="card"><h3>{text(item_name(one))}</h3>'
            f'<p class="when">{text(ends)}</p><p>{mark(one.status.value)}</p>{told}'
            f'<p class="soft">announced {_time(one.announced)}{by}, deprecated '
            f"<time>{one.deprecated}</time></p>"
            "</article>\n"
        )
    yield "</div>\n"


def _time(at: datetime) -> str:
    return f"<time>{day(at)}</time>"


def _picture(log: ChangeLog) -> Iterator[str]:
    if drawn := timeline(log):
        yield '<div class="picture" tabindex="0" role="group" aria-label="Timeline">\n'
        yield f"{drawn}</div>\n"


def _ends(log: ChangeLog) -> Iterator[str]:
    for place in log.current:
        for one in place.versions:
            if one.end:
                yield f"<h3>For line {text(one.line)} to go in {text(place.environment)}</h3>\n"
                yield _conditions(one.end)


def _conditions(end: End) -> str:
    if not end.conditions:
        return f'<p class="may-go">It may go now: {text(end.text)}.</p>\n'
    listed = "".join(f"<li>{text(condition)}</li>\n" for condition in end.conditions)
    again = f'<p class="soft">Ask again after {moment(end.ask_again)}.</p>\n'
    return f'<ul class="conditions">\n{listed}</ul>\n' + (again if end.ask_again else "")


def _place(place: Place, links: Links) -> str:
    rows = (
        (
            text(one.version),
            mark(one.status.value),
            _time(one.since),
            f"<div>{_dependents(one.dependents, links)}</div>",
            text(last_call(one.calls)),
        )
        for one in place.versions
    )
    return table(place.environment, ("version", "status", "since", "needed by", "last call"), rows)


def _dependents(dependents: Dependents, links: Links) -> str:
    deployed = [
        f"{links.service(one.service)} <span class='soft'>{text(one.version)}, "
        f"needs {text(one.needs)}</span>"
        for one in dependents.deployed
    ]
    known = {one.service for one in dependents.deployed}
    declared = [f"{text(one)} <span class='soft'>declares it</span>" for one in dependents.declared]
    called = [
        f"{links.service(one.name)} <span class='soft'>calls it, {moment(one.last_call)}</span>"
        for one in dependents.called
        if one.name not in known
    ]
    return _folded([*deployed, *declared, *called]) or "<span class='soft'>nobody</span>"


def _folded(entries: Sequence[str]) -> str:
    more = len(entries) - _MOST_DEPENDENTS
    rest = f"<br><span class='soft'>and {more:,} more</span>" if more > 0 else ""
    return "<br>".join(entries[:_MOST_DEPENDENTS]) + rest


def _history(log: ChangeLog) -> Iterator[str]:
    newest, older = log.history[:_OPEN_RELEASES], log.history[_OPEN_RELEASES:_MOST_RELEASES]
    yield from (_release(one) for one in newest)
    if older:
        yield f"<details><summary>{len(older):,} earlier releases</summary>\n"
        yield from (_release(one) for one in older)
        yield "</details>\n"
    if (more := len(log.history) - _MOST_RELEASES) > 0:
        yield f'<p class="soft">and {more:,} more, in the document</p>\n'


def _release(one: Release) -> str:
    facts = [_time(one.at), text(one.bump.replace("_", " "))]
    facts += [f"commit {code(one.commit[:12])}"] if one.commit else []
    facts += [f"image {code(one.digest[:19])}"] if one.digest else []
    facts += [f"needs {text(', '.join(one.requirements))}"] if one.requirements else []
    listed = "".join(f"<span class='soft'>{fact}</span>" for fact in facts)
    return (
        f'<article class="release"><div class="head"><h3>{text(one.version)}</h3>{listed}</div>'
        f"{''.join(_changes(one.changes))}</article>\n"
    )


def _changes(changes: Sequence[Change]) -> Iterator[str]:
    if not changes:
        return
    yield '<ul class="changes">\n'
    yield from map(_change, changes[:_MOST_CHANGES])
    yield "</ul>\n"
    if len(changes) > _MOST_CHANGES:
        yield f'<p class="soft">and {len(changes) - _MOST_CHANGES:,} more, in the document</p>\n'


def _change(one: Change) -> str:
    what = f"{code(one.what)} " if one.what else ""
    notes = "".join(f'<p class="hint">{text(note)}</p>' for note in [one.migration] if note)
    breaks = "<span class='soft'>breaks callers</span>" * (one.severity is Severity.BREAKING)
    said = f"{what}{text(one.text)} {breaks}{notes}"
    return f"<li><span>{mark(one.sort.value)}</span><div>{said}</div></li>\n"
