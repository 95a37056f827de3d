"""The report of a job as one page: what ran, the verdict, who was told, and where things lie."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from ci_steps.reporting.closing import duration
from ci_steps.reporting.style import STYLE
from ci_steps.writing.page_parts import code, html_page, link, mark, section, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Step = dict[str, Any]


def page(report: dict[str, Any]) -> str:
    """Return the report as HTML that needs nothing else; *report* is that of `job_reports`."""
    title = f"{report['service']} {report['version']}"
    steps: list[Step] = report["steps"]
    tested, placed = (_steps, _version, _cuts), (_verdicts, _overrides, _databases, _deployments)
    sections = (*tested, *placed, _told, _outputs)
    body = [_head(title, report), *(section(steps) for section in sections)]
    return html_page(f"{title}: {report['status']}", STYLE, "".join(body))


def _head(title: str, report: dict[str, Any]) -> str:
    job = report["job"]
    facts = [f"commit <code>{escape(report['commit'][:12])}</code>"]
    facts += [f"branch <code>{escape(job['branch'])}</code>"] if job["branch"] else []
    facts += [f"by {escape(job['by'])}"] if job["by"] else []
    facts += [link(job["url"], "the job")] if job["url"] else []
    facts += [f"took {duration(report['seconds'])}"]
    listed = "".join(f"<span>{one}</span>" for one in facts)
    return (
        f'<header class="{_word(report["status"])}">\n<h1>{escape(title)} '
        f'<span class="mark">{escape(report["status"])}</span></h1>\n'
        f'<p>{escape(report["last_line"])}</p>\n<div class="facts soft">{listed}</div>\n</header>\n'
    )


def _steps(steps: Sequence[Step]) -> str:
    longest = max((step["seconds"] for step in steps), default=0.0)
    listed = "".join(_step(step, longest) for step in steps)
    return f'<section>\n<h2>What ran</h2>\n<ol class="steps">\n{listed}</ol>\n</section>\n'


def _step(step: Step, longest: float) -> str:
    share = 100 * step["seconds"] / longest if longest else 0
    notes = [f'<p class="note">{escape(text)}</p>' for text in step["warnings"]]
    notes += [f'<p class="hint">{escape(step["hint"])}</p>'] if step["hint"] else []
    return (
        f'<li class="{_word(step["status"])}"><div class="row">'
        f'<span><span class="mark">{escape(step["status"])}</span></span>'
        f'<span class="name">{escape(_title(step))}</span>'
        f'<span class="said">{escape(step["summary"])}{"".join(notes)}</span>'
        f'<span class="took soft">{duration(step["seconds"])}</span></div>'
        f'<div class="bar"><i style="width: {share:.1f}%"></i></div></li>\n'
    )


def _version(steps: Sequence[Step]) -> str:
    parts = []
    for step in steps:
        facts = step["facts"]
        if bump := facts.get("bump"):
            parts.append(f"<p>{escape(bump['version'])}: {escape(bump['text'])}</p>")
        parts.append(_changes(facts.get("changes", ())))
        rows = (
            (escape(one["required"]), _seen(one["found"]), mark(one["verdict"]), one["reason"])
            for one in facts.get("dependencies", ())
        )
        shown = ((need, seen, mark, escape(why)) for need, seen, mark, why in rows)
        parts.append(table("What it needs", ("needs", "found", "verdict", "because"), shown))
    return section("Version", parts)


def _changes(changes: Iterable[dict[str, Any]]) -> str:
    rows = (
        (
            mark(one["level"]),
            f"{escape(one['text'])}<br><span class='soft mono'>{escape(one['rule'])}</span>",
            f"<span class='mono'>{_place(one['new'] or one['old'])}</span>",
        )
        for one in changes
    )
    return table("What callers notice", ("level", "change", "place"), rows)


def _verdicts(steps: Sequence[Step]) -> str:
    parts = []
    for step in steps:
        if verdict := step["facts"].get("verdict"):
            said = f"<p>{mark(verdict['verdict'])} {escape(verdict['text'])}</p>"
            parts.append(f"<h3>{escape(verdict['environment'])}</h3>{said}")
            parts.append(_edges(verdict["edges"]))
            parts += [f'<p class="hint">{escape(way)}</p>' for way in verdict["ways_out"]]
            parts.append(_gates(step["facts"].get("gates", ())))
    return section("May it go there?", parts)


def _edges(edges: Iterable[dict[str, Any]]) -> str:
    rows = (
        (
            escape(f"{one['dependent']} {one['dependent_version']}"),
            escape(one["required"]),
            escape(", ".join(one["found"]) or "nothing"),
            mark(one["verdict"] or "ignored"),
            escape(one["text"]),
        )
        for one in edges
    )
    return table("", ("dependent", "needs", "found", "verdict", "because"), rows)


def _gates(gates: Iterable[dict[str, str]]) -> str:
    rows = ((escape(one["gate"]), mark(one["open"]), escape(one["because"])) for one in gates)
    return table("", ("gate", "open", "because"), rows)


def _overrides(steps: Sequence[Step]) -> str:
    rows = [
        (
            escape(step["environment"]),
            escape(gate["gate"]),
            escape(gate["because"]),
            escape(gate["override_reason"]),
        )
        for step in steps
        for gate in step["facts"].get("gates", ())
        if gate["open"] == "overridden"
    ]
    columns = ("environment", "gate", "it said", "passed because")
    return section("Passed on purpose", [table("", columns, rows)])


def _cuts(steps: Sequence[Step]) -> str:
    rows = [
        (
            escape(step["environment"]),
            escape(one["dependency"]),
            escape(one["how"]),
            mark("yes" if one["passed"] else "no"),
            escape(one["text"]),
        )
        for step in steps
        for one in step["facts"].get("cuts", ())
    ]
    columns = ("environment", "dependency", "cut", "passed", "test")
    return section("Tested with dependencies cut", [table("", columns, rows)])


def _databases(steps: Sequence[Step]) -> str:
    rows = [
        (
            escape(step["environment"]),
            escape(change["since"]),
            mark("no" if step["status"] == "failed" else "yes"),
            f"{escape(change['source'])}<br>{escape(change['note'])}",
        )
        for step in steps
        if (change := step["facts"].get("database"))
    ]
    columns = ("environment", "since", "proven", "rollback note")
    return section("Not rolled back: the database cannot be", [table("", columns, rows)])


def _deployments(steps: Sequence[Step]) -> str:
    images = [step["facts"]["image"] for step in steps if "image" in step["facts"]]
    found = [step["facts"]["deployment"] for step in steps if "deployment" in step["facts"]]
    built = ((code(one["reference"]), code(one["digest"]), escape(one["engine"])) for one in images)
    placed = (
        (
            escape(one["environment"]),
            escape(f"{one['version']} in slot {one['slot']}"),
            link(one["address"], one["address"]),
            escape(_instead(one)),
        )
        for one in found
    )
    columns = ("environment", "version", "address", "instead of")
    return section(
        "Images and deployments",
        [
            table("", ("image", "digest", "built by"), built),
            table("", columns, placed),
        ],
    )


def _instead(deployment: dict[str, Any]) -> str:
    beside = f"beside {', '.join(deployment['beside'])}" if deployment["beside"] else ""
    return " ".join(filter(None, [deployment["replaces"], beside])) or "nothing"


def _told(steps: Sequence[Step]) -> str:
    parts = []
    for step in steps:
        obliged = step["facts"].get("obligations", {})
        rows = (
            (escape(one["service"]), escape(one["needs"]), escape(one["to"]), escape(one["due"]),
             escape(one["owner"] or "nobody"))
            for one in obliged.get("services", ())
        )  # fmt: skip
        parts.append(table("Who must move", ("service", "needs", "to", "by", "owner"), rows))
        notices = (
            (mark(one["state"]), escape(one["who"])) for one in step["facts"].get("notices", ())
        )
        parts.append(table("Who was told", ("state", "who"), notices))
    return section("Owners", parts)


def _outputs(steps: Sequence[Step]) -> str:
    rows = (
        (escape(_title(step)), code(step["outputs_file"]), _pairs(step["outputs"]))
        for step in steps
        if step["outputs"]
    )
    return section("Outputs", [table("", ("step", "file", "values"), rows)])


def _pairs(outputs: dict[str, str]) -> str:
    return "<br>".join(f"{escape(key)} = {code(value)}" for key, value in outputs.items())


def _seen(found: Iterable[dict[str, str]]) -> str:
    return "<br>".join(
        f"{escape(one['version'] or one['problem'] or 'nothing')} "
        f'<span class="soft">{escape(one["where"])}</span>'
        for one in found
    )


def _title(step: Step) -> str:
    return f"{step['step']} {step['environment']}".strip()


def _word(status: str) -> str:
    return escape(status.partition(" ")[0])


def _place(place: dict[str, Any] | None) -> str:
    if not place:
        return ""
    return escape(f"{place['file']}:{place['line']}" if place["line"] else place["file"])
