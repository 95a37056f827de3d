"""ci-steps.yaml -> Plan. Everything that is wrong is reported at once, before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ci_steps.commits import read_commit
from ci_steps.config.database import change_of
from ci_steps.config.dictionary_place import any_dictionary_url, dictionary_url
from ci_steps.config.layers import Layers, Origin
from ci_steps.config.plan import Plan
from ci_steps.config.planning import Planning
from ci_steps.config.reading import Wrong, read_partly
from ci_steps.config.settings import NotifySettings, RetirementSettings, Settings
from ci_steps.config.sources import FILE, Flags, read_layers, shown
from ci_steps.config.version_source import read_version
from ci_steps.errors import CiStepsError, ConfigError
from ci_steps.outside import Outside
from ci_steps.versions import Version

if TYPE_CHECKING:
    from ci_steps.config.notifying import Notifying

__all__ = [
    "FILE",
    "Flags",
    "any_dictionary_url",
    "dictionary_url",
    "load",
    "load_with_layers",
]


def load(outside: Outside, flags: Flags | None = None) -> Plan:
    """Return the plan; ConfigError holds every problem of every layer."""
    return load_with_layers(outside, flags)[0]


def load_with_layers(outside: Outside, flags: Flags | None = None) -> tuple[Plan, Layers]:
    """Return the plan, and the layers its values came from."""
    given = flags or Flags()
    layers, file = read_layers(outside, given)
    settings, wrong = read_partly(Settings, layers.content)
    planning = Planning(settings, given.step)
    wrong += [*layers.wrong, *_consequences(planning.wrong, wrong)]
    notifying = notifying_of(settings, file.parent, wrong)
    contract = _contract(settings, file, wrong)
    version, where = _version(outside, settings, layers, file, wrong)
    commit = _commit(outside, given, layers, file, wrong)
    database = change_of(settings.database, version, file.parent, wrong) if version else None
    if wrong or version is None:
        raise ConfigError(layers.problems(wrong, shown(file)))
    plan = Plan(
        file=file,
        service=settings.service,
        owner=settings.owner,
        repository=settings.repository,
        version=version,
        version_origin=where,
        commit=commit,
        requirements=settings.depends_on,
        places=_places(settings, layers, file),
        contract=contract,
        dictionary=dictionary_url(outside, given.dictionary, settings.dictionary, file.parent),
        steps=planning.steps,
        environments=planning.environments,
        probes=planning.probes,
        channels=planning.channels,
        notify=settings.notify or NotifySettings(),
        notifying=notifying,
        options=planning.options,
        formats=planning.formats,
        retirement=settings.retirement or RetirementSettings(),
        usages=planning.usages,
        fronts=planning.fronts,
        uses=settings.uses,
        database=database,
    )
    return plan, layers


def _places(settings: Settings, layers: Layers, file: Path) -> dict[str, str]:
    """Return where each requirement is declared, by provider: ``ci-steps.yaml:7``."""
    found = {}
    for index, needed in enumerate(settings.depends_on):
        origin = layers.origin(("depends_on", index))
        if origin and origin.name == shown(file):
            found[needed.provider] = f"{file.name}:{origin.line}"
    return found


def notifying_of(settings: Settings, folder: Path, wrong: list[Wrong]) -> Notifying | None:
    """Return what `notify` says about days and words, or note what is wrong there."""
    if settings.notify is None or any(path[:1] == ("notify",) for path, _ in wrong):
        return None
    from ci_steps.config.notifying import Notifying

    notifying = Notifying(settings.notify, folder)
    wrong += notifying.wrong
    return notifying


def _consequences(found: Iterable[Wrong], known: list[Wrong]) -> Iterator[Wrong]:
    """Yield what is not a mere consequence of something that is known to be wrong."""
    paths = {path for path, _ in known}
    for one in found:
        if not any(one.path[:length] in paths for length in range(1, len(one.path) + 1)):
            yield one


def _version(
    outside: Outside, settings: Settings, layers: Layers, file: Path, wrong: list[Wrong]
) -> tuple[Version | None, str]:
    """Return the version of the build and where it was found, or note why there is none."""
    if any(path[0] in ("version", "scheme") for path, _ in wrong if path):
        return None, ""
    try:
        version, where = read_version(settings.version, settings.scheme, file.parent, outside)
    except CiStepsError as error:
        wrong.append(Wrong(("version",), _sentence(error)))
        return None, ""
    return version, where or str(layers.origin(("version",)))


def _commit(outside: Outside, flags: Flags, layers: Layers, file: Path, wrong: list[Wrong]) -> str:
    try:
        commit, where = read_commit(flags.commit, file.parent, outside)
    except CiStepsError as error:
        layers.origins[("commit",)] = Origin(shown(file))
        wrong.append(Wrong(("commit",), _sentence(error)))
        return ""
    layers.origins[("commit",)] = Origin(where)
    return commit


def _contract(settings: Settings, file: Path, wrong: list[Wrong]) -> Path | None:
    if not settings.contract:
        return None
    path = file.parent / settings.contract
    if not path.exists():
        wrong.append(Wrong(("contract",), f"{settings.contract}: no such file or folder"))
    return path


def _sentence(error: CiStepsError) -> str:
    return f"{error}. {error.hint}" if error.hint else str(error)
