"""How owners are told, for commands that need neither a version nor a pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_steps.config.database import BREAKING
from ci_steps.config.partial import load_part
from ci_steps.config.settings import NotifySettings

if TYPE_CHECKING:
    from ci_steps.config.notifying import Notifying
    from ci_steps.config.plan import Plugged
    from ci_steps.config.sources import Flags
    from ci_steps.outside import Outside


@dataclass(frozen=True)
class Notify:
    """What ci-steps.yaml says under `notify`, and where the dictionary is.

    The database `is_irreversible` of the *service* whose file it is, and of no other one.
    """

    dictionary: str
    channels: tuple[Plugged, ...]
    settings: NotifySettings
    notifying: Notifying | None = None
    service: str = ""
    is_irreversible: bool = False


def load_notify(outside: Outside, flags: Flags) -> Notify:
    """Return it; ConfigError with what is wrong there."""
    part = load_part(outside, flags, "notify")
    settings = part.settings.notify or NotifySettings()
    database = part.settings.database
    is_irreversible = database is not None and database.change == BREAKING
    channels = part.planning.channels
    service = part.settings.service
    return Notify(part.dictionary, channels, settings, part.notifying, service, is_irreversible)
