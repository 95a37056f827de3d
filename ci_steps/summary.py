"""A report as Markdown, for the page a CI host shows of a job."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ci_steps.model import Status

if TYPE_CHECKING:
    from ci_steps.report import Ran, Report

_SIGN = {
    Status.PASSED: "✅",
    Status.FAILED: "❌",
    Status.SKIPPED: "⏭️",
    Status.REHEARSED: "🔎",
    Status.STANDS: "☑️",
}


def summary(report: Report) -> str:
    """Return a heading, a table of the steps, and what each step wants people to see."""
    failure = report.failure
    verdict = f"{failure.step.title} failed" if failure else "passed"
    lines = [
        f"## {cell(report.service)} {cell(report.version)}: {cell(verdict)}",
        "",
        f"Commit `{report.commit[:12]}`",
        "",
        *_grid(
            ("", "step", "answer", "seconds"),
            (
                (_SIGN[one.result.status], one.step.title, one.result.summary, f"{one.seconds:.1f}")
                for one in report.ran
            ),
        ),
    ]
    for one in report.ran:
        lines += _details(one)
    return "\n".join(lines) + "\n"


def _details(ran: Ran) -> Iterator[str]:
    for table in ran.result.tables:
        if table.rows:
            yield from ("", f"### {cell(table.title or ran.step.title)}", "")
            yield from _grid(table.columns, table.rows)
    for warning in ran.result.warnings:
        yield from ("", f"> **Warning:** {cell(warning)}")
    if ran.result.hint:
        yield from ("", f"> {cell(ran.result.hint)}")


def _grid(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{' --- |' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(map(cell, row))} |"


def cell(text: str) -> str:
    """Return *text* so that it stays one cell and is no markup."""
    escaped = text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
    return " ".join(escaped.split())
