"""When a line of the service may go, for commands about lines of any age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ci_steps.config.partial import load_part
from ci_steps.config.settings import RetirementSettings
from ci_steps.usage import Policy, Rules

if TYPE_CHECKING:
    from ci_steps.config.plan import Plugged
    from ci_steps.config.sources import Flags
    from ci_steps.outside import Outside


@dataclass(frozen=True)
class Retirement:
    """What ci-steps.yaml says under `retirement`, of which service, and where the dictionary is."""

    service: str
    dictionary: str
    rules: Rules
    usages: tuple[Plugged, ...] = ()


def load_retirement(outside: Outside, flags: Flags) -> Retirement:
    """Return it; ConfigError with what is wrong there."""
    part = load_part(outside, flags, "retirement", "service")
    rules = rules_of(part.settings.retirement or RetirementSettings())
    return Retirement(part.settings.service, part.dictionary, rules, part.planning.usages)


def rules_of(settings: RetirementSettings) -> Rules:
    """Return what the settings promise."""
    return Rules(
        Policy(settings.policy),
        timedelta(days=settings.quiet_days),
        timedelta(days=settings.notice_days),
        settings.callers_outside,
    )
