"""May a step of an end be taken now? Everything is asked again at the moment of the act."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING

from ci_steps.endings import Window
from ci_steps.errors import RefusedError
from ci_steps.lifecycle.acts import STEPS, Kind
from ci_steps.lifecycle.decision import Decision, Reason, decide
from ci_steps.lifecycle.observing import together
from ci_steps.usage import Policy, Usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ci_steps.lifecycle.acts import Standing
    from ci_steps.lifecycle.facts import Facts
    from ci_steps.usage import Caller

# What a short refusal does not have to wait for: it finds out who still calls.
_MAY_BE_FELT = frozenset(
    {
        Reason.USAGE_UNKNOWN,
        Reason.CALLED,
        Reason.OBSERVED_TOO_SHORT,
        Reason.DECLARED,
        Reason.DATE_NOT_REACHED,
        Reason.NOTICE_TOO_SHORT,
        Reason.NOT_APPROVED,
        Reason.NOTHING_AGAINST,
    }
)
_NEVER = frozenset({Reason.DATES_CONTRADICT, Reason.ON_HOLD})


@dataclass(frozen=True)
class Manner:
    """How a line ends: on which days before it callers are refused, and what comes after."""

    brown_out_days: tuple[int, ...] = (14, 7, 3, 1)
    brown_out_at: time = time(10)
    brown_out: timedelta = timedelta(minutes=10)
    brown_out_status: int = 503
    brown_out_notice: timedelta = timedelta(days=3)
    image: timedelta = timedelta(days=30)
    link: str = ""


@dataclass(frozen=True)
class May:
    """Whether a step may be taken, why or why not, and when it is worth asking again."""

    yes: bool
    text: str
    reason: str = ""
    again: datetime | None = None


def may_take(
    kind: Kind, facts: Facts, stands: Standing, manner: Manner, refused: Sequence[Caller] = ()
) -> May:
    """Return whether a step may be taken; *refused* are those who called since it was drained."""
    answer = decide(facts)
    may = May(answer.decision is Decision.RETIRE, answer.text, answer.reason.value, answer.again)
    if kind in (Kind.HEADERS, Kind.BROWN_OUT):
        return _early(kind, facts, may)
    if kind is Kind.REMOVED and may.yes:
        return _after_a_while(may, facts.at, stands, manner, refused)
    return may


def _early(kind: Kind, facts: Facts, may: May) -> May:
    """Callers may be told as soon as it is announced, and refused for a while if none is known."""
    reason = Reason(may.reason)
    if reason in _NEVER or may.yes:
        return may
    if facts.announcement.announced is None:
        text = "it was not announced: callers would not know of what"
        return replace(may, text=text, reason=Reason.NOT_ANNOUNCED.value, again=None)
    if kind is Kind.HEADERS:
        return May(yes=True, text="it was announced", reason=may.reason)
    if facts.rules.policy is Policy.MANUAL and facts.approval is None:
        text = "callers are to be refused, and somebody has to approve it"
        return replace(may, text=text, reason=Reason.NOT_APPROVED.value, again=None)
    return replace(may, yes=reason in _MAY_BE_FELT)


def _after_a_while(
    may: May, at: datetime, stands: Standing, manner: Manner, refused: Iterable[Caller]
) -> May:
    gone = stands.taken(Kind.GONE)
    calls = [(one.last_call, one.name) for one in refused if one.last_call]
    last, name = max(calls, default=(None, ""))
    since = max(filter(None, [last, gone.at if gone else at]))
    if since + manner.image <= at:
        return may
    days = manner.image.days
    who = f"{name} called behind it" if last and since == last else "it is gone"
    text = f"{who} since {since:%Y-%m-%d %H:%M} UTC: its image is kept for {days} days"
    return May(yes=False, text=text, reason="IMAGE_KEPT", again=since + manner.image)


def known_usage(facts: Facts, stands: Standing, refused: Sequence[Caller]) -> Usage:
    """Return who calls: of a line that was drained its front knows, and no more the line itself.

    Until then it was quiet for as long as it had to be, or it had not been drained; but what
    was urgent was never asked.
    """
    drained = stands.taken(Kind.DRAINED)
    if drained is None or drained.because.startswith(Reason.URGENT.value):
        return facts.usage
    since = drained.at - facts.rules.window
    last = max((one.last_call for one in refused if one.last_call), default=None)
    seen = Usage("refused since it was drained", since, last, tuple(refused))
    if facts.usage.observed_since is None or facts.usage.problem:
        return seen
    return together([facts.usage, seen])


def brown_outs(
    retire_on: date | None, manner: Manner, now: datetime, asked: Sequence[datetime] = ()
) -> tuple[Window, ...]:
    """Return when callers are refused: as *asked*, or on days before the end.

    What cannot be announced early enough is left out; RefusedError where nothing is left.
    """
    begins = sorted(asked) or _days_before(retire_on, manner)
    earliest = now + manner.brown_out_notice
    late = [one for one in begins if one < earliest]
    if asked and late:
        raise RefusedError(
            f"{late[0]:%Y-%m-%d %H:%M} UTC is too early",
            hint=f"Callers hear of it {manner.brown_out_notice.days} days before: "
            f"from {earliest:%Y-%m-%d %H:%M} UTC on.",
        )
    status = manner.brown_out_status
    found = [Window(one, one + manner.brown_out, status) for one in begins if one >= earliest]
    if not found:
        raise RefusedError(
            "no day is left before the end that could be announced",
            hint="Go on with --to drained, or name a moment with --brown-out.",
        )
    return tuple(found)


def _days_before(retire_on: date | None, manner: Manner) -> list[datetime]:
    if retire_on is None:
        return []
    days = sorted(retire_on - timedelta(days=one) for one in manner.brown_out_days)
    return [datetime.combine(day, manner.brown_out_at, timezone.utc) for day in days]


def way_to(stands: Standing, to: Kind | None) -> tuple[Kind, ...]:
    """Return the steps from where a line stands up to *to*, or the one that is next."""
    done = STEPS.index(stands.step) + 1 if stands.step else 0
    if to is None:
        return STEPS[done : done + 1]
    return STEPS[done : STEPS.index(to) + 1]
