"""When a line of the service may go, for commands about lines of any age."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_steps.config.partial import load_part
from ci_steps.config.settings import RetirementSettings

if TYPE_CHECKING:
    from ci_steps.config.plan import Plugged
    from ci_steps.config.sources import Flags
    from ci_steps.outside import Outside


@dataclass(frozen=True)
class Retirement:
    """What ci-steps.yaml says under `retirement`, of which service, and where the dictionary is."""

    service: str
    dictionary: str
    settings: RetirementSettings
    usages: tuple[Plugged, ...]


def load_retirement(outside: Outside, flags: Flags) -> Retirement:
    """Return it; ConfigError with what is wrong there."""
    part = load_part(outside, flags, "retirement", "service")
    settings = part.settings.retirement or RetirementSettings()
    return Retirement(part.settings.service, part.dictionary, settings, part.planning.usages)
