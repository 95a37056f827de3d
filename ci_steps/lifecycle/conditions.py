"""What would have to happen for a line to go: every row that stands against it, not the first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ci_steps.lifecycle.decision import ROWS, Reason, named_some

if TYPE_CHECKING:
    from ci_steps.lifecycle.decision import Answer
    from ci_steps.lifecycle.facts import Facts


def conditions(facts: Facts) -> tuple[str, ...]:
    """Return what has to happen, all of it; nothing where the line may go now."""
    found = {answer.reason: answer for _, row in ROWS if (answer := row(facts)) is not None}
    found.pop(Reason.NOTHING_AGAINST, None)
    if Reason.URGENT in found:
        # What is urgent waits for nothing but a hold and an approval.
        waits = () if facts.approval else (Reason.URGENT,)
        found = {one: found[one] for one in found if one in {*_BEFORE_URGENT, *waits}}
    return tuple(_CONDITIONS[reason](facts, answer) for reason, answer in found.items())


_BEFORE_URGENT = (Reason.DATES_CONTRADICT, Reason.ON_HOLD)
_Said = Callable[["Facts", "Answer"], str]


def _until(answer: Answer) -> str:
    return f"{answer.again:%Y-%m-%d %H:%M} UTC" if answer.again else "then"


def _moves(facts: Facts, _: Answer) -> str:
    verb = "needs" if len(facts.needed_by) == 1 else "need"
    return f"{named_some(facts.needed_by)} no longer {verb} it"


def _stops_declaring(facts: Facts, _: Answer) -> str:
    return f"{named_some(facts.declared_by)} no longer declared as needing it"


def _is_observed(facts: Facts, _: Answer) -> str:
    return f"its calls are observed (now: {facts.usage.problem or 'nothing observes them'})"


_CONDITIONS: dict[Reason, _Said] = {
    Reason.DATES_CONTRADICT: lambda _, answer: f"the dates are put right: {answer.text}",
    Reason.ON_HOLD: lambda facts, _: f"the hold ends: {facts.hold}",
    Reason.URGENT: lambda facts, _: f"somebody approves what is urgent: {facts.urgent}",
    Reason.NO_SUCCESSOR: lambda facts, _: f"a newer line goes live in {facts.environment}",
    Reason.NEEDED: _moves,
    Reason.USAGE_UNKNOWN: _is_observed,
    Reason.CALL_IN_FUTURE: lambda _, answer: f"the clocks agree: {answer.text}",
    Reason.CALLED: lambda _, answer: f"nobody calls it until {_until(answer)}; {answer.text}",
    Reason.OBSERVED_TOO_SHORT: (
        lambda _, answer: f"its calls are observed until {_until(answer)}; {answer.text}"
    ),
    Reason.DECLARED: _stops_declaring,
    Reason.DATE_NOT_REACHED: (
        lambda facts, _: f"{facts.announcement.retire_on} comes, the day that was promised"
    ),
    Reason.NOT_ANNOUNCED: (
        lambda facts, _: f"its end is announced, {facts.rules.notice.days} days ahead"
    ),
    Reason.NO_DATE: lambda _, answer: f"the announcement names a day: {answer.text}",
    Reason.NOTICE_TOO_SHORT: (
        lambda _, answer: f"callers outside had their notice, at {_until(answer)}"
    ),
    Reason.NOT_APPROVED: lambda *_: "somebody approves it",
}
