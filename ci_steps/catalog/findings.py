"""What the files of an import say, each thing with its place."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from ci_steps.dictionary.worlds.document import Document, KeyPath
from ci_steps.errors import Problem, UsageError
from ci_steps.writing.nearest import did_you_mean

if TYPE_CHECKING:
    from ci_steps.model import Owner, Service
    from ci_steps.versions import Requirement, Version

_OWNER_NAME = re.compile(r"[^\s\x00-\x1f]{1,63}")
_EMAIL = re.compile(r"[^\s\x00-\x1f@,;<>]+@[^\s\x00-\x1f@,;<>]+")

EMAIL = "email"
SLACK = "slack"


class YamlDocument(Protocol):
    """A document of a YAML file, with the lines of its values."""

    @property
    def file(self) -> str:
        """Return how messages name the file."""

    @property
    def content(self) -> Any:
        """Return the value of the document."""

    @property
    def lines(self) -> Mapping[KeyPath, int]:
        """Return the line of every value by its path of keys."""


@dataclass(frozen=True)
class Known:
    """The names that the dictionary knows already."""

    owners: Collection[str] = ()
    services: Collection[str] = ()


@dataclass(frozen=True)
class Listed:
    """A release as a file lists it; `commit` and `requirements` may not be said.

    `runs` has the environments it runs in, each with a slot or, for that of its line, without.
    """

    service: str
    version: Version
    commit: str = ""
    requirements: tuple[Requirement, ...] | None = None
    runs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Edge:
    """A service needs another one, in no version that anybody wrote."""

    dependent: str
    provider: str
    place: Problem


@dataclass
class Catalog:
    """What the files say. `places` has where, by ``("owner", name)`` or ``("service", name)``.

    Contacts are the whole list, or for owners in `partial` only all of the channels they have.
    `production` has the environments that a file calls so.
    """

    owners: dict[str, Owner] = field(default_factory=dict)
    partial: set[str] = field(default_factory=set)
    services: dict[str, Service] = field(default_factory=dict)
    releases: list[tuple[Problem, Listed]] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    production: set[str] = field(default_factory=set)
    places: dict[tuple[str, str], Problem] = field(default_factory=dict)
    notes: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def document(self, yaml: YamlDocument) -> Document:
        """Return a document whose problems are those of the catalog."""
        return Document(yaml.file, yaml.lines, self.problems)

    def unversioned(self) -> dict[str, set[str]]:
        """Return by service the providers of which no file says a version."""
        found: dict[str, set[str]] = {}
        for edge in self.edges:
            found.setdefault(edge.dependent, set()).add(edge.provider)
        for _, one in self.releases:
            needed = {need.provider for need in one.requirements or ()}
            found[one.service] = found.get(one.service, set()) - needed
        return found

    def note(self, place: Problem, text: str) -> None:
        """Say something that the import does not stop for."""
        self.notes.append(replace(place, text=text))

    def wrong(self, place: Problem, text: str) -> None:
        """Say what is wrong; nothing will be recorded."""
        self.problems.append(replace(place, text=text))


def place_of(document: Document, path: KeyPath) -> Problem:
    """Return where *path* is, as a problem that says nothing yet."""
    probe = Document(document.file, document.lines)
    probe.wrong(path, "")
    return probe.problems[0]


def check_owner_name(text: str) -> str:
    """Return *text* if an owner may be called so."""
    if not _OWNER_NAME.fullmatch(text):
        raise UsageError(f"{text!r} is not the name of an owner: at most 63 signs, no blanks")
    return text


def check_email(text: str) -> str:
    """Return *text* if it is an e-mail address."""
    if not is_email(text):
        raise UsageError(f"{text!r} is not an e-mail address")
    return text


def is_email(text: str) -> bool:
    """Return whether *text* has the form of an e-mail address."""
    return _EMAIL.fullmatch(text) is not None


def check_time_zone(text: str) -> str:
    """Return *text* if it is a name of the tz database, such as ``Europe/Berlin``."""
    # A slim machine may have no tz database: then nobody can say that a name is wrong.
    if text and (known := _time_zones()) and text not in known:
        raise UsageError(f"unknown time zone {text!r}{did_you_mean(text, known)}")
    return text


@lru_cache(maxsize=1)
def _time_zones() -> set[str]:
    """Return the names of the tz database, which are looked for in hundreds of files."""
    from zoneinfo import available_timezones

    return available_timezones()
