"""`ci-steps may-retire`: whether an old line may go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ci_steps.cli import shell
from ci_steps.cli.retiring.ground import ground_of
from ci_steps.model import Line, Table, Verdict
from ci_steps.moments import iso_text
from ci_steps.usage import Guess

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ci_steps.lifecycle.decision import Answer
    from ci_steps.lifecycle.facts import Facts


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
    from ci_steps.lifecycle.stepping import look

    console = shell.console_of(as_json)
    outside = shell.outside_of(console)
    asked = Line(service, line.removeprefix("v"), environment)
    with ground_of(console, outside, asked, config, dictionary) as ground:
        facts = look(ground).facts
    answer = decide(facts)
    if as_json:
        console.answer(document(facts, answer))
    else:
        for table in tables(facts):
            console.table(table, result=True)
        console.result(sentence(answer))
    return 0 if answer.verdict is Verdict.YES else 1


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
        "step": facts.step,
        "usage": {
            "source": usage.source,
            "observed_since": _moment(usage.observed_since),
            "last_call": _moment(usage.last_call),
            "problem": usage.problem,
            "note": usage.note,
            "callers": [
                {
                    "name": one.name,
                    "calls": one.calls,
                    "last_call": _moment(one.last_call),
                    "service": _guess(facts, one.name).service,
                    "owner": _guess(facts, one.name).owner,
                }
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
        *((("step", facts.step),) if facts.step else ()),
    )
    name = f"{facts.service} line {facts.line} in {facts.environment}"
    yield Table(("what", "is known"), rows, name)
    if usage.callers:
        callers = tuple(
            (one.name, f"{one.calls:,}", _said_at(one.last_call), _probably(facts, one.name))
            for one in usage.callers
        )
        yield Table(("caller", "calls", "last call", "probably"), callers, "Who called")


def _guess(facts: Facts, name: str) -> Guess:
    return facts.guesses.get(name, Guess(""))


def _probably(facts: Facts, name: str) -> str:
    """Return who a caller probably is, and whether it says that it needs the line."""
    found = _guess(facts, name)
    if not found.service:
        return "nobody knows"
    how = "" if found.service in facts.needed_by else ", not declared"
    return f"{found.service} of {found.owner or 'nobody'}{how}"


def sentence(answer: Answer) -> str:
    """Return the answer for people, and when it is worth asking again."""
    again = f"; ask again after {_said_at(answer.again)}" if answer.again else ""
    said = f"{answer.verdict.value}, {answer.decision.value}: {answer.text}{again}"
    return f"{said} ({answer.reason.value})"


def _moment(moment: datetime | None) -> str | None:
    return iso_text(moment) if moment else None


def _said_at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "nobody knows"
