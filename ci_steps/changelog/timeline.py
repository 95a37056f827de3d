"""The lines of a service over time, who needs them, and when they end: a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING

from ci_steps.changelog.document import Kind
from ci_steps.changelog.timeline_axis import Axis
from ci_steps.changelog.words import day, some
from ci_steps.versions import parse_version
from ci_steps.writing.page_parts import text

if TYPE_CHECKING:
    from ci_steps.changelog.document import ChangeLog, Deployed, Item, Place, Release, Running

_WIDTH, _GUTTER, _RIGHT = 960.0, 190.0, 34.0
_TOP, _FOOT = 34.0, 40.0
_LINE, _NEED = 40.0, 22.0
_MOST_DEPENDENTS = 10
_MOST_LINES = 20
_LETTERS = 24
_AHEAD = timedelta(days=30)
_MOST_AHEAD = timedelta(days=3650)


@dataclass(frozen=True)
class Row:
    """A line as it is drawn: from its first release on, and to the day of its end."""

    line: str
    version: str
    begins: datetime
    ends: datetime | None
    releases: tuple[datetime, ...]
    item: Item | None
    dependents: tuple[Deployed, ...]
    is_live: bool

    @property
    def shown(self) -> tuple[Deployed, ...]:
        """The dependents that have a row of their own."""
        return self.dependents[:_MOST_DEPENDENTS]

    @property
    def height(self) -> float:
        """How much room it takes."""
        more = len(self.dependents) > _MOST_DEPENDENTS
        return _LINE + _NEED * (len(self.shown) + more)


def timeline(log: ChangeLog) -> str:
    """Return the picture as SVG, in the colours of the page it is in; nothing without lines."""
    rows = _rows(log)
    if not rows:
        return ""
    return "\n".join(_Picture(log, rows).lines()) + "\n"


def _rows(log: ChangeLog) -> list[Row]:
    place = next((one for one in reversed(log.current)), None)
    live = {one.line: one for one in place.versions} if place else {}
    released: dict[str, list[Release]] = {}
    for one in log.history:
        released.setdefault(parse_version(one.version).line, []).append(one)
    lines = list(dict.fromkeys([*live, *released]))[:_MOST_LINES]
    return [_row(log, place, line, live.get(line), released.get(line, [])) for line in lines]


def _row(
    log: ChangeLog,
    place: Place | None,
    line: str,
    running: Running | None,
    released: Sequence[Release],
) -> Row:
    times = sorted(one.at for one in released)
    since = running.since if running else times[-1]
    item = _item(log, line, place.environment if place else "")
    return Row(
        line=line,
        version=running.version if running else released[0].version,
        begins=min([since, *times]),
        ends=_midnight(item.retire_on) if item and item.retire_on else None,
        releases=tuple(times),
        item=item,
        dependents=running.dependents.deployed if running else (),
        is_live=running is not None,
    )


def _item(log: ChangeLog, line: str, environment: str) -> Item | None:
    return next(
        (
            one
            for one in log.plan
            if one.kind is Kind.LINE
            and one.is_open
            and (one.subject, one.environment) == (line, environment)
        ),
        None,
    )


def _midnight(of: date) -> datetime:
    return datetime.combine(of, time(), timezone.utc)


class _Picture:
    """The rows with their places on an axis of time."""

    def __init__(self, log: ChangeLog, rows: Sequence[Row]) -> None:
        self._log, self._rows = log, rows
        ends = [one.ends for one in rows if one.ends]
        needs = [need.since for one in rows for need in one.shown]
        begin = min([*(one.begins for one in rows), *needs])
        end = max([log.at, *(min(one, log.at + _MOST_AHEAD) for one in ends)])
        ahead = max(_AHEAD, (end - begin) / 12)
        self._axis = Axis(begin, end + ahead, _GUTTER, _WIDTH - _RIGHT)
        self._height = _TOP + sum(one.height for one in rows) + _FOOT

    def lines(self) -> Iterator[str]:
        """Yield the lines of the picture."""
        yield (
            f'<svg class="timeline" viewBox="0 0 {_WIDTH:.0f} {self._height:.0f}" role="img" '
            f'aria-labelledby="timeline-title timeline-about">'
        )
        yield f'<title id="timeline-title">{text(f"Lines of {self._log.service}")}</title>'
        yield f'<desc id="timeline-about">{text(self._about())}</desc>'
        yield from self._ticks()
        top = _TOP
        for row in self._rows:
            yield from self._row(row, top)
            top += row.height
        yield from self._now()
        yield "</svg>"

    def _about(self) -> str:
        return " ".join(_sentence(one) for one in self._rows)

    def _ticks(self) -> Iterator[str]:
        bottom = self._height - _FOOT
        for at, label in self._axis.ticks():
            x = self._axis.x(at)
            yield _upright("tick", x, _TOP - 8, bottom)
            yield (
                f'<text class="soft" x="{x:.1f}" y="{bottom + 20:.1f}" '
                f'text-anchor="middle">{label}</text>'
            )

    def _now(self) -> Iterator[str]:
        x = self._axis.x(self._log.at)
        bottom = self._height - _FOOT
        yield _upright("now", x, _TOP - 8, bottom)
        yield (
            f'<text class="now" x="{x:.1f}" y="{_TOP - 14}" text-anchor="middle">'
            f"{day(self._log.at)}</text>"
        )

    def _row(self, row: Row, top: float) -> Iterator[str]:
        middle = top + _LINE / 2
        kind = "live" if row.is_live else "gone"
        kind = "ending" if row.item and row.is_live else kind
        yield f'<g class="{kind}"><title>{text(_sentence(row))}</title>'
        yield f'<text class="name" x="0" y="{middle - 2:.1f}">{text(_called(row.line))}</text>'
        yield f'<text class="soft" x="0" y="{middle + 13:.1f}">{_short(_state(row))}</text>'
        start = self._axis.x(row.begins)
        until = self._axis.x(self._log.at if row.is_live else row.releases[-1])
        yield self._bar("lived", start, until, middle, 14)
        if row.ends and row.is_live:
            yield from self._end(row, row.ends, middle)
        for at in row.releases:
            yield f'<circle class="dot" cx="{self._axis.x(at):.1f}" cy="{middle:.1f}" r="4"/>'
        yield "</g>"
        yield from self._needs(row, top + _LINE)

    def _end(self, row: Row, ends: datetime, middle: float) -> Iterator[str]:
        now, end = self._axis.x(self._log.at), self._axis.x(ends)
        if end > now:
            yield self._bar("ahead", now, end, middle, 14)
        yield _upright("end", end, middle - 13, middle + 13)
        side, shift = ("end", -6) if end > (_GUTTER + _WIDTH) / 2 else ("start", 6)
        yield (
            f'<text class="end" x="{end + shift:.1f}" y="{middle - 11:.1f}" '
            f'text-anchor="{side}">ends {ends:%Y-%m-%d}</text>'
        )

    def _needs(self, row: Row, top: float) -> Iterator[str]:
        now = self._axis.x(self._log.at)
        for need in row.shown:
            middle = top + _NEED / 2 - 4
            said = f"{need.service} {need.version} needs {need.needs} since {day(need.since)}"
            yield f'<g class="need"><title>{text(said)}</title>'
            yield f'<text class="soft" x="14" y="{middle + 4:.1f}">{_short(need.service)}</text>'
            yield self._bar("dependent", self._axis.x(need.since), now, middle, 5)
            yield "</g>"
            top += _NEED
        more = len(row.dependents) - len(row.shown)
        if more:
            yield f'<text class="soft" x="14" y="{top + 11:.1f}">and {more:,} more</text>'

    def _bar(self, kind: str, start: float, end: float, middle: float, height: float) -> str:
        return (
            f'<rect class="{kind}" x="{start:.1f}" y="{middle - height / 2:.1f}" '
            f'width="{max(end - start, 2):.1f}" height="{height}" rx="{height / 2}"/>'
        )


def _upright(kind: str, x: float, top: float, bottom: float) -> str:
    return f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{bottom:.1f}"/>'


def _state(row: Row) -> str:
    return row.version if row.is_live else f"{row.version}, not running"


def _sentence(row: Row) -> str:
    state = f"runs as {row.version}" if row.is_live else f"does not run; its last was {row.version}"
    said = f"{_called(row.line).capitalize()} {state}, since {day(row.begins)}"
    if row.dependents:
        said += f", needed by {some(one.service for one in row.dependents)}"
    return f"{said}, ends {day(row.ends)}." if row.ends and row.is_live else f"{said}."


def _called(line: str) -> str:
    # A service with dated versions has one line, named by how they are written.
    return "releases" if line == "calver" else f"line {line}"


def _short(content: str) -> str:
    return text(content if len(content) <= _LETTERS else f"{content[: _LETTERS - 1]}…")
