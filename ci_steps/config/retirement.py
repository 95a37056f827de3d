"""When a line of the service may go, for commands about lines of any age."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from typing import TYPE_CHECKING

from ci_steps import registry
from ci_steps.config.partial import load_part
from ci_steps.config.plan import Plugged
from ci_steps.config.settings import RetirementSettings
from ci_steps.lifecycle.retiring import Manner
from ci_steps.usage import Policy, Rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_steps.config.partial import Part
    from ci_steps.config.sources import Flags
    from ci_steps.outside import Outside

_PROCESS = "process"


@dataclass(frozen=True)
class Retirement:
    """What ci-steps.yaml says under `retirement`, of which service, and where the dictionary is.

    `fronts` has what stands between a line and its callers, by environment. Without a file
    there are neither fronts nor channels.
    """

    service: str
    dictionary: str
    rules: Rules
    usages: tuple[Plugged, ...] = ()
    manner: Manner = field(default_factory=Manner)
    fronts: Mapping[str, Plugged] = field(default_factory=dict)


def load_retirement(outside: Outside, flags: Flags) -> Retirement:
    """Return it; ConfigError with what is wrong there."""
    part = load_part(outside, flags, "retirement", "service")
    settings = part.settings.retirement or RetirementSettings()
    return Retirement(
        part.settings.service,
        part.dictionary,
        rules_of(settings),
        part.planning.usages,
        manner_of(settings),
        _fronts(part),
    )


def rules_of(settings: RetirementSettings) -> Rules:
    """Return what the settings promise."""
    return Rules(
        Policy(settings.policy),
        timedelta(days=settings.quiet_days),
        timedelta(days=settings.notice_days),
        settings.callers_outside,
    )


def manner_of(settings: RetirementSettings) -> Manner:
    """Return how a line ends, by settings in which nothing is wrong."""
    return Manner(
        settings.brown_out_days,
        time.fromisoformat(settings.brown_out_at),
        timedelta(minutes=settings.brown_out_minutes),
        410 if settings.brown_out_gone else 503,
        timedelta(days=settings.brown_out_notice_days),
        timedelta(days=settings.image_days),
        settings.link,
    )


def filled(manner: Manner, service: str, line: str) -> Manner:
    """Return it with the link of one line."""
    link = manner.link.replace("{service}", service).replace("{line}", line)
    return replace(manner, link=link)


def _fronts(part: Part) -> dict[str, Plugged]:
    """Return the front of each environment: the one that is configured, or that of its target."""
    planning = part.planning
    said = planning.fronts[0] if planning.fronts else None
    own = Plugged(_PROCESS, registry.FRONTS[_PROCESS], registry.FRONTS[_PROCESS].Options())
    found = {}
    for name, planned in planning.environments.items():
        if said or planned.target.name == _PROCESS:
            found[name] = said or own
    return found
