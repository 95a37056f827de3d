"""A report as Markdown, for the page that a CI host shows of a job."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ci_steps.model import Status
from ci_steps.writing.markdown import folded, grid, picture, quoted, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci_steps.model import Table
    from ci_steps.reporting.report import Ran, Report

_SIGN = {
    Status.PASSED: "✅",
    Status.FAILED: "❌",
    Status.SKIPPED: "⏭️",
    Status.REHEARSED: "🔎",
    Status.STANDS: "☑️",
}
_STYLES = """\
  classDef passed fill:#dafbe1,stroke:#1a7f37,color:#1f2328
  classDef failed fill:#ffebe9,stroke:#cf222e,color:#1f2328
  classDef skipped fill:#f6f8fa,stroke:#8c959f,color:#59636e,stroke-dasharray:4
  classDef other fill:#ddf4ff,stroke:#0969da,color:#1f2328"""
_KIND = {Status.PASSED: "passed", Status.FAILED: "failed", Status.SKIPPED: "skipped"}
_MOST_DRAWN = 20
# What people look up when something is odd; where the step failed it is the reason, and open.
_FOLDED = ("Gates ", "Dependencies")
_MOVES = "Who must move"


def summary(report: Report) -> str:
    """Return what came of it, then why, then a picture and a table of the steps, then the rest."""
    failure = report.failure
    lines = [
        f"## {text(report.service)} {text(report.version)}: {text(_verdict(report))}",
        "",
        _facts(report),
    ]
    if failure:
        lines += _reason(failure)
    if len(report.ran) > 1:
        lines += _pipeline(report.ran)
    lines += _steps(report.ran)
    for one in report.ran:
        lines += _details(one, report)
    return "\n".join(lines) + "\n"


def _verdict(report: Report) -> str:
    if report.failure:
        return f"{report.failure.step.title} failed"
    return "rehearsed" if report.status is Status.REHEARSED else "passed"


def _facts(report: Report) -> str:
    """Return the bump, the verdict, the image and the place, where a step has found them."""
    found, parts = report.outputs, []
    if bump := found.get("bump"):
        parts.append(f"{text(bump.replace('_', ' '))}{_MAY_BREAK[found.get('breaking') == 'true']}")
    if verdict := found.get("verdict"):
        parts.append(f"what it needs is there: **{text(verdict)}**")
    if address := found.get("address"):
        parts.append(f"answers at {text(address)}")
    if told := found.get("told"):
        parts.append(f"owners told: {text(told)}")
    parts.append(f"commit `{report.commit[:12]}`")
    return " · ".join(parts)


_MAY_BREAK = {True: ", **may break callers**", False: ""}


def _reason(failure: Ran) -> Iterator[str]:
    said = f"> **{text(failure.step.title)}**: {text(failure.result.summary)}"
    yield from ("", "> [!CAUTION]", said)
    if failure.result.hint:
        yield ">"
        yield from quoted(failure.result.hint)


def _pipeline(ran: Sequence[Ran]) -> Iterator[str]:
    nodes = {
        f"s{number}": (
            f"{one.step.title} {_seconds(one)}".strip(),
            _KIND.get(one.result.status, "other"),
        )
        for number, one in enumerate(ran)
    }
    edges = [(f"s{number}", f"s{number + 1}", "") for number in range(len(ran) - 1)]
    yield from picture(nodes, edges, _STYLES)


def _steps(ran: Sequence[Ran]) -> Iterator[str]:
    yield ""
    rows = (
        (_SIGN[one.result.status], one.step.title, one.result.summary, _seconds(one)) for one in ran
    )
    yield from grid(("", "step", "answer", "time"), rows)


def _seconds(one: Ran) -> str:
    return "" if one.result.status is Status.SKIPPED else f"{one.seconds:.1f} s"


def _details(ran: Ran, report: Report) -> Iterator[str]:
    for table in ran.result.tables:
        if table.rows:
            yield from _table(table, ran, report)
    for warning in ran.result.warnings:
        yield from ("", "> [!WARNING]", f"> {text(warning)}")


def _table(table: Table, ran: Ran, report: Report) -> Iterator[str]:
    title = table.title or ran.step.title
    lines = list(grid(table.columns, table.rows))
    if title.startswith(_FOLDED) and not ran.result.failed:
        yield from folded(title, lines)
        return
    yield from ("", f"### {text(title)}", "")
    yield from lines
    if title == _MOVES:
        yield from _moves(table, report)


def _moves(table: Table, report: Report) -> Iterator[str]:
    """Draw who must move to what was deployed, and by when."""
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows[:_MOST_DRAWN]]
    nodes = {"new": (f"{report.service} {report.version}", "other")}
    nodes |= {
        f"d{number}": (f"{row['service']} needs {row['needs']}", "skipped")
        for number, row in enumerate(rows)
    }
    edges = [(f"d{number}", "new", f"by {row['by']}") for number, row in enumerate(rows)]
    yield from picture(nodes, edges, _STYLES)
