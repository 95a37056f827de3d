"""The index of all services: what ends next, and where each stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ci_steps.changelog.page_style import STYLE
from ci_steps.changelog.words import moment
from ci_steps.writing.page_parts import html_page, section, table, text

_MOST_ENDS = 30
# Rows whose words do not hold what is typed are hidden; without scripts all are shown.
_SCRIPT = """
const field = document.querySelector('input[type="search"]');
const rows = [...document.querySelectorAll('#services tr')].slice(1);
field.hidden = false;
field.addEventListener('input', () => {
  const words = field.value.toLowerCase().split(/\\s+/).filter(Boolean);
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
  }
});
"""


@dataclass(frozen=True)
class Entry:
    """A service in the index, and what of it ends, the nearest day first."""

    service: str
    owner: str
    running: tuple[str, ...]
    environment: str
    releases: int
    coming: int
    ends: tuple[tuple[date, str], ...]


def index_page(entries: Sequence[Entry], at: datetime) -> str:
    """Return the index; its links lead into the folder of services."""
    coming = sum(one.coming for one in entries)
    head = (
        "<header>\n<h1>Change logs</h1>\n"
        f"<p>{_counted(len(entries), 'service')}, {_counted(coming, 'planned end')}.</p>\n"
        f'<div class="facts soft"><span>as of {moment(at)}</span></div>\n</header>\n'
    )
    ends = section("What ends next", [_ends(entries)])
    body = [head, ends, section("Services", _services(entries))]
    return html_page("Change logs", STYLE, "".join(body), _SCRIPT if entries else "")


def _ends(entries: Iterable[Entry]) -> str:
    dated = sorted((day, one.service, what, one.owner) for one in entries for day, what in one.ends)
    rows = (
        (f"<time>{day}</time>", _linked(service), text(what), text(owner or "nobody"))
        for day, service, what, owner in dated[:_MOST_ENDS]
    )
    return table("", ("day", "service", "ends", "owner"), rows)


def _services(entries: Iterable[Entry]) -> Iterator[str]:
    rows = (
        (
            _linked(one.service),
            text(one.owner) or '<span class="soft">nobody</span>',
            text(", ".join(one.running)) or '<span class="soft">nothing</span>',
            text(one.environment),
            f"{one.releases:,}",
            f"<time>{one.ends[0][0]}</time>" if one.ends else "",
        )
        for one in entries
    )
    listed = table("", ("service", "owner", "runs", "in", "releases", "next end"), rows)
    if listed:
        yield '<input type="search" hidden placeholder="Name, owner, version" '
        yield f'aria-label="Search services">\n<div id="services">{listed}</div>\n'


def _linked(service: str) -> str:
    return f'<a href="services/{text(service)}.html">{text(service)}</a>'


def _counted(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number:,} {what}s"
