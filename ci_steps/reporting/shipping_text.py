"""If this ships: for a terminal, and as Markdown for a comment or the page of a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.deploying.database import IRREVERSIBLE
from ci_steps.model import Table, Verdict
from ci_steps.writing.markdown import grid, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ci_steps.model import DatabaseChange
    from ci_steps.reporting.shipping import Shipping

_SIGN = {Verdict.YES: "✅", Verdict.NO: "❌", Verdict.UNKNOWN: "❔"}
_MOST_CHANGES = 20
_MOST_SERVICES = 50


def tables(shipping: Shipping) -> tuple[Table, ...]:
    """Return what people look at; a table without a row is left out."""
    found = (_changes(shipping), _places(shipping), _hits(shipping), _told(shipping))
    return tuple(table for table in found if table.rows)


def lines(shipping: Shipping) -> Iterator[str]:
    """Yield the sentences around the tables: the answer, what to do, what is odd."""
    yield f"{shipping.verdict.value}: {shipping.text}"
    if shipping.own and shipping.own.hint:
        yield f"  {shipping.own.hint}"
    for warning in shipping.own.warnings if shipping.own else ():
        yield f"  {warning}"
    if shipping.database and shipping.irreversible:
        yield f"  {_irreversible(shipping.database, shipping.irreversible)}"
    for report in shipping.verdicts:
        yield from (f"  {report.environment}, way out: {way}" for way in report.ways_out)


def _irreversible(change: DatabaseChange, environments: Sequence[str]) -> str:
    """Return what cannot be brought back, where, and how people go back."""
    how = f"the rollback note is {change.source}" if change.source else "it has a rollback note"
    note = f"{change.problem}, so that the gate rollback-note refuses it" if change.problem else how
    return f"{' and '.join(environments)}: {IRREVERSIBLE}, and is not rolled back; {note}"


def markdown(shipping: Shipping) -> str:
    """Return it as Markdown; nothing that somebody wrote is markup."""
    what = f"{shipping.service} {shipping.version}"
    first, *more = lines(shipping)
    shown = [f"### If {text(what)} ships", "", f"{_SIGN[shipping.verdict]} {text(first)}"]
    shown += [line for one in more for line in ("", f"> {text(one)}")]
    for table in tables(shipping):
        shown += ["", f"**{text(table.title)}**", "", *grid(table.columns, table.rows)]
    return "\n".join([*shown, "", f"Commit `{shipping.commit[:12]}`", ""])


def _changes(shipping: Shipping) -> Table:
    changes = shipping.own.judged.changes if shipping.own else ()
    rows = [
        (one.level.word, one.text, str(one.new or one.old or "")) for one in changes[:_MOST_CHANGES]
    ]
    title = _counted("What callers notice", len(changes), _MOST_CHANGES)
    return Table(("level", "change", "place"), tuple(rows), title)


def _places(shipping: Shipping) -> Table:
    rows = ((one.environment, one.verdict.value, one.text) for one in shipping.verdicts)
    return Table(("environment", "may it go there", "because"), tuple(rows), "Environments")


def _hits(shipping: Shipping) -> Table:
    rows = [
        (one["service"], one["version"], one["environment"], one["needs"], one["owner"] or "nobody")
        for one in shipping.hits[:_MOST_SERVICES]
    ]
    title = _counted("Who must move", len(shipping.hits), _MOST_SERVICES)
    return Table(("service", "version", "in", "needs", "owner"), tuple(rows), title)


def _told(shipping: Shipping) -> Table:
    rows = [
        (
            one["owner"] or "nobody",
            ", ".join(one["contacts"]) or "no contact",
            _some(one["services"]),
        )
        for one in shipping.document()["told"]
    ]
    return Table(("owner", "told at", "about"), tuple(rows[:_MOST_SERVICES]), "Who is told")


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5:,} more"  # noqa: PLR2004


def _counted(title: str, count: int, most: int) -> str:
    return title if count <= most else f"{title} (the first {most} of {count:,})"
