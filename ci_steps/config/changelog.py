"""What the file of a service says to its change log, for releases of any age."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ci_steps.config.partial import load_part
from ci_steps.config.retirement import rules_of
from ci_steps.config.settings import RetirementSettings, Settings
from ci_steps.config.sources import service_file
from ci_steps.config.version_source import read_version
from ci_steps.errors import CiStepsError

if TYPE_CHECKING:
    from ci_steps.config.plan import Plugged
    from ci_steps.config.sources import Flags
    from ci_steps.outside import Outside
    from ci_steps.usage import Rules
    from ci_steps.versions import Version


@dataclass(frozen=True)
class LogFolder:
    """The folder of a service: the version that is built there, and who sees its calls."""

    root: Path
    service: str
    dictionary: str
    rules: Rules
    usages: tuple[Plugged, ...] = ()
    version: Version | None = None
    tag_prefix: str = ""


def load_changelog(outside: Outside, flags: Flags) -> LogFolder:
    """Return it; ConfigError with what is wrong there. A version that nobody can read is none."""
    part = load_part(outside, flags, "service", "retirement", "version", "scheme")
    settings, root = part.settings, service_file(flags).parent
    source = settings.version
    return LogFolder(
        root,
        settings.service,
        part.dictionary,
        rules_of(settings.retirement or RetirementSettings()),
        part.planning.usages,
        _version(outside, part.settings, root),
        (source.git_tag or "") if source else "",
    )


def _version(outside: Outside, settings: Settings, root: Path) -> Version | None:
    try:
        return read_version(settings.version, settings.scheme, root, outside)[0]
    except CiStepsError:
        return None
