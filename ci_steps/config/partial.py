"""A part of ci-steps.yaml, for commands that need neither a version nor a pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_steps.config import notifying_of
from ci_steps.config.dictionary_place import dictionary_url
from ci_steps.config.planning import Planning
from ci_steps.config.reading import read_partly
from ci_steps.config.settings import Settings
from ci_steps.config.sources import Flags, read_layers, shown
from ci_steps.errors import ConfigError

if TYPE_CHECKING:
    from ci_steps.config.notifying import Notifying
    from ci_steps.outside import Outside


@dataclass(frozen=True)
class Part:
    """What the file says, as far as it was asked for, and where the dictionary is."""

    settings: Settings
    planning: Planning
    dictionary: str
    notifying: Notifying | None = None


def load_part(outside: Outside, flags: Flags, *keys: str) -> Part:
    """Return it; ConfigError with what is wrong under *keys*, whatever else is in the file.

    A version that cannot be read, as in a later stage of a job that failed, is no reason to
    leave owners untold.
    """
    layers, file = read_layers(outside, flags)
    settings, wrong = read_partly(Settings, layers.content)
    planning = Planning(settings)
    notifying = notifying_of(settings, file.parent, wrong) if "notify" in keys else None
    read = {*keys, "dictionary"}
    concerned = [one for one in (*wrong, *planning.wrong) if one.path and one.path[0] in read]
    if concerned:
        raise ConfigError(layers.problems(concerned, shown(file)))
    url = dictionary_url(outside, flags.dictionary, settings.dictionary, file.parent)
    return Part(settings, planning, url, notifying)
