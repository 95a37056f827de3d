"""`ci-steps may-retire`: whether an old line may go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ci_steps.cli import shell
from ci_steps.model import Line, Table, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ci_steps.config.retirement import Retirement
    from ci_steps.lifecycle.decision import Answer
    from ci_steps.lifecycle.facts import Facts
    from ci_steps.outside import Outside


@click.command("may-retire")
@click.argument("service")
@click.argument("line")
@click.argument("environment", default="production")
@click.option("--config", default="", metavar="FILE", help="The file, instead of ci-steps.yaml.")
@shell.dictionary_option
@shell.json_option
def may_retire(
    service: str, line: str, environment: str, config: str, dictionary: str, *, as_json: bool
) -> int:
    """Say whether LINE of SERVICE may be switched off in ENVIRONMENT, production by default.

    Run it in the folder of the service: its ci-steps.yaml says under retirement how long a line
    must be quiet, and where it is seen who calls it. The exit status is 0 only for yes.

    Example: ci-steps may-retire auth 1
    """
    from ci_steps.lifecycle.decision import decide

    console = shell.console_of(as_json)
    outside = shell.outside_of(console)
    asked = Line(service, line.removeprefix("v"), environment)
    facts = known_facts(outside, asked, config, dictionary)
    answer = decide(facts)
    if as_json:
        console.answer(document(facts, answer))
    else:
        for table in tables(facts):
            console.table(table, result=True)
        console.result(sentence(answer))
    return 0 if answer.verdict is Verdict.YES else 1


def known_facts(outside: Outside, line: Line, config: str, dictionary: str) -> Facts:
    """Return what the dictionary and those who see calls know about a line."""
    from ci_steps.lifecycle.gathering import gather
    from ci_steps.lifecycle.observing import observer

    said = _said(outside, line.service, config, dictionary)
    observe = observer([(one.module, one.options) for one in said.usages], outside)
    with shell.opened(outside, said.dictionary) as opened:
        return gather(opened, outside.now(), line, said.rules, observe)


def document(facts: Facts, answer: Answer) -> dict[str, Any]:
    """Return the answer of ``--json``."""
    usage, told = facts.usage, facts.announcement
    return {
        "schema": "ci-steps/may-retire/1",
        "verdict": answer.verdict.value,
        "decision": answer.decision.value,
        "reason": answer.reason.value,
        "text": answer.text,
        "ask_again": _moment(answer.again),
        "service": facts.service,
        "line": facts.line,
        "environment": facts.environment,
        "policy": facts.rules.policy.value,
        "quiet_days": facts.rules.window.days,
        "notice_days": facts.rules.notice.days,
        "successors": list(facts.successors),
        "needed_by": list(facts.needed_by),
        "declared_by": list(facts.declared_by),
        "announced": _moment(told.announced),
        "retire_on": told.retire_on.isoformat() if told.retire_on else None,
        "usage": {
            "source": usage.source,
            "observed_since": _moment(usage.observed_since),
            "last_call": _moment(usage.last_call),
            "problem": usage.problem,
            "note": usage.note,
            "callers": [
                {"name": one.name, "calls": one.calls, "last_call": _moment(one.last_call)}
                for one in usage.callers
            ],
        },
    }


def tables(facts: Facts) -> Iterator[Table]:
    """Yield what the answer rests on, and who calls, for people."""
    usage, told = facts.usage, facts.announcement
    rows = (
        ("newer lines live", ", ".join(facts.successors) or "none"),
        ("needed by", ", ".join(facts.needed_by) or "nobody live"),
        ("declared by", ", ".join(facts.declared_by) or "nobody"),
        ("calls observed", usage.problem or f"since {_said_at(usage.observed_since)}"),
        ("last call", _said_at(usage.last_call) if usage.last_call else "none that was seen"),
        ("announced", _said_at(told.announced) if told.announced else "no"),
        ("to go on", str(told.retire_on) if told.retire_on else "no day was named"),
    )
    name = f"{facts.service} line {facts.line} in {facts.environment}"
    yield Table(("what", "is known"), rows, name)
    if usage.callers:
        callers = tuple(
            (one.name, f"{one.calls:,}", _said_at(one.last_call)) for one in usage.callers
        )
        yield Table(("caller", "calls", "last call"), callers, "Who called")


def sentence(answer: Answer) -> str:
    """Return the answer for people, and when it is worth asking again."""
    again = f"; ask again after {_said_at(answer.again)}" if answer.again else ""
    said = f"{answer.verdict.value}, {answer.decision.value}: {answer.text}{again}"
    return f"{said} ({answer.reason.value})"


def _said(outside: Outside, service: str, config: str, dictionary: str) -> Retirement:
    """Return what the file of the service says; another service's says only where to ask."""
    from ci_steps.config.dictionary_place import any_dictionary_url
    from ci_steps.config.retirement import Retirement, load_retirement
    from ci_steps.config.sources import FILE, Flags
    from ci_steps.usage import Rules

    if config or Path(FILE).is_file():
        found = load_retirement(outside, Flags(config=config, dictionary=dictionary))
        if found.service == service:
            return found
    url = any_dictionary_url(outside, dictionary, Path.cwd())
    return Retirement(service, url, Rules())


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def _said_at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "nobody knows"
