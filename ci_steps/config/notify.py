"""How owners are told, for commands that need neither a version nor a pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_steps.config.dictionary_place import dictionary_url
from ci_steps.config.planning import Planning
from ci_steps.config.reading import read_partly
from ci_steps.config.settings import NotifySettings, Settings
from ci_steps.config.sources import Flags, read_layers, shown
from ci_steps.errors import ConfigError

if TYPE_CHECKING:
    from ci_steps.config.plan import Plugged
    from ci_steps.outside import Outside

_READ = ("notify", "dictionary")


@dataclass(frozen=True)
class Notify:
    """What ci-steps.yaml says under `notify`, and where the dictionary is."""

    dictionary: str
    channels: tuple[Plugged, ...]
    settings: NotifySettings


def load_notify(outside: Outside, flags: Flags) -> Notify:
    """Return it; ConfigError with what is wrong there, whatever else is in the file.

    A version that cannot be read, as in a later stage of a job that failed, is no reason to
    leave owners untold.
    """
    layers, file = read_layers(outside, flags)
    settings, wrong = read_partly(Settings, layers.content)
    planning = Planning(settings)
    concerned = [one for one in (*wrong, *planning.wrong) if one.path and one.path[0] in _READ]
    if concerned:
        raise ConfigError(layers.problems(concerned, shown(file)))
    return Notify(
        dictionary_url(outside, flags.dictionary, settings.dictionary, file.parent),
        planning.channels,
        settings.notify or NotifySettings(),
    )
