"""May a line go? One ordered decision: the first row that holds answers.

Every answer carries its reason, what it rests on, and when it is worth asking again. Bounds
are inclusive: a call exactly one quiet window ago is quiet. Missing data is never a yes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import Enum
from typing import TypeAlias

from ci_steps.lifecycle.facts import Facts
from ci_steps.model import Verdict
from ci_steps.usage import Caller, Policy

_MOST_SKEW = timedelta(minutes=5)
_NAMED = 5


class Decision(Enum):
    """What is to be done with the line."""

    RETIRE = "retire"
    KEEP = "keep"
    WAIT = "wait"
    ANNOUNCE = "announce"
    ASK = "ask"
    CONTRADICTION = "contradiction"


_VERDICTS = {
    Decision.RETIRE: Verdict.YES,
    Decision.ASK: Verdict.UNKNOWN,
    Decision.CONTRADICTION: Verdict.UNKNOWN,
}


class Reason(Enum):
    """Why: one for each row of the decision, in their order."""

    DATES_CONTRADICT = "DATES_CONTRADICT"
    ON_HOLD = "ON_HOLD"
    URGENT = "URGENT"
    NO_SUCCESSOR = "NO_SUCCESSOR"
    NEEDED = "NEEDED"
    USAGE_UNKNOWN = "USAGE_UNKNOWN"
    CALL_IN_FUTURE = "CALL_IN_FUTURE"
    CALLED = "CALLED"
    OBSERVED_TOO_SHORT = "OBSERVED_TOO_SHORT"
    DECLARED = "DECLARED"
    DATE_NOT_REACHED = "DATE_NOT_REACHED"
    NOT_ANNOUNCED = "NOT_ANNOUNCED"
    NO_DATE = "NO_DATE"
    NOTICE_TOO_SHORT = "NOTICE_TOO_SHORT"
    NOT_APPROVED = "NOT_APPROVED"
    NOTHING_AGAINST = "NOTHING_AGAINST"


@dataclass(frozen=True)
class Answer:
    """What is to be done and why; `again` is when another answer is possible, if known."""

    decision: Decision
    reason: Reason
    text: str
    again: datetime | None = None

    @property
    def verdict(self) -> Verdict:
        """Return yes only where the line may go now, unknown where a person must decide."""
        return _VERDICTS.get(self.decision, Verdict.NO)


Row: TypeAlias = Callable[[Facts], "Answer | None"]


def decide(facts: Facts) -> Answer:
    """Return what is to be done with a line."""
    return next(answer for _, row in ROWS if (answer := row(facts)) is not None)


def _dates_contradict(facts: Facts) -> Answer | None:
    told = facts.announcement
    if told.retire_on and told.announced is None:
        text = f"it is to go on {told.retire_on}, and that was never announced"
    elif told.announced and told.announced > facts.at:
        text = f"it was announced at {_at(told.announced)}, which is still to come"
    elif told.announced and told.retire_on and told.retire_on < told.announced.date():
        text = f"it is to go on {told.retire_on}, before it was announced"
    else:
        return None
    return Answer(Decision.CONTRADICTION, Reason.DATES_CONTRADICT, text)


def _on_hold(facts: Facts) -> Answer | None:
    if not facts.hold:
        return None
    return Answer(Decision.KEEP, Reason.ON_HOLD, f"it is on hold: {facts.hold}")


def _urgent(facts: Facts) -> Answer | None:
    if not facts.urgent:
        return None
    broken = facts.needed_by or tuple(caller.name for caller in facts.usage.callers)
    whom = f"; it breaks {named_some(broken)}" if broken else "; nobody is known to need it"
    if facts.approval is None:
        text = f"it is urgent ({facts.urgent}), and nobody has approved it{whom}"
        return Answer(Decision.ASK, Reason.URGENT, text)
    text = f"it is urgent ({facts.urgent}), approved by {facts.approval.by}{whom}"
    return Answer(Decision.RETIRE, Reason.URGENT, text)


def _no_successor(facts: Facts) -> Answer | None:
    if facts.successors:
        return None
    text = f"no newer line of {facts.service} is live in {facts.environment}"
    return Answer(Decision.KEEP, Reason.NO_SUCCESSOR, text)


def _needed(facts: Facts) -> Answer | None:
    if not facts.needed_by:
        return None
    return Answer(
        Decision.KEEP, Reason.NEEDED, f"live dependents need it: {named_some(facts.needed_by)}"
    )


def _usage_unknown(facts: Facts) -> Answer | None:
    if facts.usage.observed_since is not None and not facts.usage.problem:
        return None
    why = facts.usage.problem or "nothing observes its calls"
    text = f"whether anybody calls it is not known: {why}"
    return Answer(Decision.ASK, Reason.USAGE_UNKNOWN, text)


def _call_in_future(facts: Facts) -> Answer | None:
    last = facts.usage.last_call
    if last is None or last <= facts.at + _MOST_SKEW:
        return None
    text = f"the last call was at {_at(last)}, which is still to come: compare the clocks"
    return Answer(Decision.ASK, Reason.CALL_IN_FUTURE, text)


def _called(facts: Facts) -> Answer | None:
    last = facts.usage.last_call
    if last is None or last + facts.rules.window <= facts.at:
        return None
    names = [caller.name for caller in facts.usage.callers if _is_recent(caller, facts)]
    who = f" by {named_some(names)}" if names else ""
    text = f"it was called{who}, the last time at {_at(last)}"
    return Answer(Decision.WAIT, Reason.CALLED, text, last + facts.rules.window)


def _observed_too_short(facts: Facts) -> Answer | None:
    since = facts.usage.observed_since
    if since is None or since + facts.rules.window <= facts.at:
        return None
    text = f"its calls are observed only since {_at(since)}"
    return Answer(Decision.WAIT, Reason.OBSERVED_TOO_SHORT, text, since + facts.rules.window)


def _declared(facts: Facts) -> Answer | None:
    if not facts.declared_by:
        return None
    text = f"declared by what is not live: {named_some(facts.declared_by)}"
    return Answer(Decision.ASK, Reason.DECLARED, text)


def _date_not_reached(facts: Facts) -> Answer | None:
    day, ends = facts.announcement.retire_on, facts.announcement.ends
    if ends is None or ends <= facts.at:
        return None
    return Answer(Decision.WAIT, Reason.DATE_NOT_REACHED, f"it was promised until {day}", ends)


def _not_announced(facts: Facts) -> Answer | None:
    is_free = facts.rules.policy is Policy.AT_ONCE and not facts.rules.callers_outside
    if facts.announcement.announced is not None or is_free:
        return None
    earliest = facts.at + facts.rules.notice
    text = f"it was not announced; announced now, it may go on {_first_day(earliest)}"
    return Answer(Decision.ANNOUNCE, Reason.NOT_ANNOUNCED, text, earliest)


def _no_date(facts: Facts) -> Answer | None:
    told = facts.announcement
    if told.announced is None or told.retire_on is not None:
        return None
    earliest = max(told.announced + facts.rules.notice, facts.at)
    text = f"it was announced on {told.announced.date()} without a date to go"
    return Answer(Decision.ANNOUNCE, Reason.NO_DATE, text, earliest)


def _notice_too_short(facts: Facts) -> Answer | None:
    told = facts.announcement.announced
    if not facts.rules.callers_outside or told is None or told + facts.rules.notice <= facts.at:
        return None
    days = facts.rules.notice.days
    text = f"callers outside are promised {days} days, and were told on {told.date()}"
    return Answer(Decision.ASK, Reason.NOTICE_TOO_SHORT, text, told + facts.rules.notice)


def _not_approved(facts: Facts) -> Answer | None:
    if facts.rules.policy is not Policy.MANUAL or facts.approval is not None:
        return None
    text = "nothing is against it, and somebody has to approve it"
    return Answer(Decision.ASK, Reason.NOT_APPROVED, text)


def _nothing_against(facts: Facts) -> Answer:
    days = facts.rules.window.days
    quiet = f"nobody has called it for {days} days" if days else "nobody live needs it"
    return Answer(Decision.RETIRE, Reason.NOTHING_AGAINST, quiet)


def _is_recent(caller: Caller, facts: Facts) -> bool:
    return caller.last_call is None or caller.last_call + facts.rules.window > facts.at


def _first_day(moment: datetime) -> date:
    """Return the first day that begins at *moment* or later."""
    day = moment.astimezone(timezone.utc)
    begin = day.replace(hour=0, minute=0, second=0, microsecond=0)
    return day.date() if begin == day else day.date() + timedelta(days=1)


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC"


def named_some(names: Iterable[str]) -> str:
    """Return names for a sentence: the first few, and how many more there are."""
    listed = sorted(names)
    more = len(listed) - _NAMED
    return ", ".join(listed[:_NAMED]) + (f" and {more} more" if more > 0 else "")


# What holds, as the docs say it, and who looks.
ROWS: tuple[tuple[str, Row], ...] = (
    ("The dates contradict each other", _dates_contradict),
    ("It is on hold, for a law or an audit", _on_hold),
    ("It is urgent", _urgent),
    ("No successor is live", _no_successor),
    ("A live dependent needs it", _needed),
    ("Nothing was observed: no data is not no calls", _usage_unknown),
    ("The last call lies more than five minutes in the future: clocks differ", _call_in_future),
    ("Somebody called within the quiet window", _called),
    ("Its calls were observed for less than the quiet window", _observed_too_short),
    ("A service declares that it needs it, and is not live", _declared),
    ("The announced date is not reached: only what is urgent breaks a promise", _date_not_reached),
    (
        "It was not announced, unless the policy is at_once and nobody outside calls it",
        _not_announced,
    ),
    ("It was announced without a date", _no_date),
    ("Somebody outside calls it, and had less notice than was promised", _notice_too_short),
    ("The policy is manual, and nobody has approved it", _not_approved),
    ("Nothing is against it", _nothing_against),
)
