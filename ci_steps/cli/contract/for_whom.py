"""For whom `ci-steps contract diff` narrows: a live service, a pact, or a folder's own file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ci_steps.cli import shell
from ci_steps.errors import ConfigError, Problem, UsageError
from ci_steps.uses.values import Uses

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ci_steps.dictionary.store import Dictionary
    from ci_steps.uses.narrowed import Narrowed

_PACT = "pact:"
_MOST_DOUBTS = 5


@dataclass(frozen=True)
class Dependent:
    """Who is asked about; `uses` is None where nobody says what they use of *provider*."""

    name: str
    provider: str
    uses: Uses | None


@dataclass(frozen=True)
class NarrowedFor:
    """What was found for a dependent."""

    dependent: Dependent
    narrowed: Narrowed

    @property
    def sentences(self) -> list[str]:
        """What people are told beside the changes that are left."""
        who, found = self.dependent, self.narrowed
        if who.uses is None:
            of = f" of {who.provider}" if who.provider else ""
            return [f"what {who.name} uses{of} is not known: every change is listed"]
        count = len(found.untouched)
        said = "1 change does not touch" if count == 1 else f"{count:,} changes do not touch"
        doubts = list(found.doubts[:_MOST_DOUBTS])
        more = len(found.doubts) - len(doubts)
        return [
            f"{said} {who.name}",
            *(f"not known: {doubt}" for doubt in doubts),
            *([f"not known: and {more:,} more"] if more else []),
            *(["in doubt a change is listed"] if doubts else []),
        ]

    @property
    def document(self) -> dict[str, Any]:
        """What scripts are told."""
        return {
            "dependent": self.dependent.name,
            "provider": self.dependent.provider,
            "known": self.dependent.uses is not None,
            "untouched": len(self.narrowed.untouched),
            "doubts": list(self.narrowed.doubts),
        }


def dependent_of(written: str, provider: str, compared: Sequence[str], place: str) -> Dependent:
    """Return whom *written* names, and what they use of *provider*.

    Without a provider it is the service of which a release is *compared*, else the only one that
    the dependent says anything about. *place* is that of the dictionary.
    """
    for one in compared:
        service, at, _ = one.partition("@")
        provider = provider or (service if at and "/" not in one and ":" not in one else "")
    if written.startswith(_PACT):
        return _of_pact(written.removeprefix(_PACT), provider)
    if "/" in written or written.endswith((".yaml", ".yml")):
        return _of_file(Path(written), provider)
    with shell.dictionary_of(place) as dictionary:
        return _of_dictionary(dictionary, written, provider)


def _of_pact(name: str, provider: str) -> Dependent:
    from ci_steps.uses.files import read_text
    from ci_steps.uses.pact import read_pact

    return Dependent(
        f"the consumer of {name}", provider, read_pact(read_text(Path(name), name), name)
    )


def _of_file(file: Path, provider: str) -> Dependent:
    from ci_steps.config import document
    from ci_steps.config.reading import read_partly
    from ci_steps.config.settings import Settings
    from ci_steps.jobs.own_uses import OwnUses

    if file.is_dir():
        file /= "ci-steps.yaml"
    read = document.read(file)
    settings, wrong = read_partly(Settings, read.content)
    problems = [
        Problem(str(file), read.lines.get(path, 0), document.written_path(path), text)
        for path, text in wrong
        if path[:1] == ("uses",)
    ]
    if problems:
        raise ConfigError(problems)
    own = OwnUses(file, settings.uses)
    name = settings.service or str(file)
    provider = provider or _only(name, settings.uses)
    return Dependent(name, provider, own.read.get(provider))


def _of_dictionary(dictionary: Dictionary, name: str, provider: str) -> Dependent:
    from ci_steps.dictionary.aliases import names_of
    from ci_steps.dictionary.contracts.uses import kept_uses, live_uses

    name = dictionary.known_service(name).name
    needs = dictionary.dependencies(name)
    provider = provider or _only(name, {one.requirement.provider: one for one in needs})
    with dictionary.reading() as connection:
        named = names_of(connection, provider)
        of_provider = [one for one in needs if one.requirement.provider in named]
        if not of_provider:
            raise UsageError(
                f"no live version of {name} needs {provider}",
                hint=f"ci-steps dictionary dependencies {name} lists what it needs.",
            )
        used = live_uses(connection, provider, dependent=name)
        kept = kept_uses(connection, used.values())
    live = {(name, str(one.version), one.environment) for one in of_provider}
    digests = {used.get(one, "") for one in live}
    is_known = all(digest in kept for digest in digests)
    return Dependent(name, provider, sum(kept.values(), Uses()) if is_known else None)


def _only(name: str, providers: Mapping[str, object]) -> str:
    """Return the one provider there is; UsageError if several might be meant."""
    if len(providers) > 1:
        raise UsageError(
            f"{name} needs {', '.join(sorted(providers))}: which of them is compared is not known",
            hint="Say it with --provider.",
        )
    return next(iter(providers), "")
