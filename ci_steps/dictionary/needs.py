"""What live services need, beside what is live of it: by numbers alone, without evidence."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_steps.dictionary import questions
from ci_steps.dictionary.aliases import aliases
from ci_steps.model import Dependent, Verdict
from ci_steps.versions import Satisfaction, Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from ci_steps.model import Deployment

_VERDICTS = {
    Satisfaction.YES: Verdict.YES,
    Satisfaction.NO: Verdict.NO,
    Satisfaction.MAY_BREAK: Verdict.UNKNOWN,
}


@dataclass(frozen=True)
class Need:
    """What a live service needs, what runs of it, and whether that will do.

    `provider` is what the provider is called now; the requirement of the dependent stays as
    it was written. `found` are the live versions that decided.
    """

    dependent: Dependent
    provider: str
    found: tuple[Version, ...]
    verdict: Verdict
    reason: str = ""


def needs(connection: Connection, service: str = "", environment: str = "") -> tuple[Need, ...]:
    """Return what a service needs where it is live; empty names stand for all.

    Cost: three or four statements, through what is live.
    """
    wanted = questions.dependencies(connection, service, environment)
    renamed = aliases(connection)
    providers = {renamed.get(one.requirement.provider, one.requirement.provider) for one in wanted}
    if service:
        live = questions.live_of(connection, providers)
    else:
        live = questions.live(connection, environment)
    return judged(wanted, live, renamed)


def judged(
    wanted: Iterable[Dependent], live: Iterable[Deployment], renamed: Mapping[str, str]
) -> tuple[Need, ...]:
    """Compare requirements with what is *live*; *renamed* says what providers are called now."""
    versions: dict[tuple[str, str], list[Version]] = defaultdict(list)
    for one in live:
        versions[one.service, one.environment].append(one.version)
    return tuple(
        _judge(one, provider, versions.get((provider, one.environment), []))
        for one in wanted
        for provider in [renamed.get(one.requirement.provider, one.requirement.provider)]
    )


def _judge(one: Dependent, provider: str, live: Sequence[Version]) -> Need:
    """Judge as a verdict does without evidence: every live version of the line must satisfy."""
    needed = one.requirement
    if not live:
        return Need(one, provider, (), Verdict.UNKNOWN, f"{provider} is not live there")
    of_line = [version for version in live if version.line == needed.line]
    if not of_line:
        reason = f"line {needed.line} is not live"
        return Need(one, provider, tuple(live), Verdict.NO, reason)
    verdicts = [_VERDICTS[needed.satisfied_by(version)] for version in of_line]
    worst = next((v for v in (Verdict.NO, Verdict.UNKNOWN) if v in verdicts), Verdict.YES)
    doubts = [
        f"{version}: {needed.why_not(version)}"
        for version, verdict in zip(of_line, verdicts, strict=True)
        if verdict is worst is not Verdict.YES
    ]
    return Need(one, provider, tuple(of_line), worst, "; ".join(dict.fromkeys(doubts)))
