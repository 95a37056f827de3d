"""The values that steps, plugs and the dictionary exchange; the words are those of the docs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ci_steps.versions import Requirement, Version


class Status(Enum):
    """What became of a step."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    REHEARSED = "would run"
    STANDS = "stands"  # it was proven before for just this build, and was not run again


class Verdict(Enum):
    """An answer that may be missing: what is not known is never a yes."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Table:
    """Rows a person reads in a terminal, a summary or a page."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""


@dataclass(frozen=True)
class Evidence:
    """A test, check or approval with its result, for exactly one service, version and commit.

    `kind` is the name of the step that produced it, or ``override`` and ``approval``.
    `digest` is that of the image, when there is one. `by` and `reason` are kept for what
    a person decided. The latest evidence of a kind counts. `options` is a digest of what the
    step was told: proof of something else does not stand.
    """

    kind: str
    passed: bool
    service: str
    version: str
    commit: str
    at: datetime
    environment: str = ""
    digest: str = ""
    text: str = ""
    by: str = ""
    reason: str = ""
    url: str = ""
    options: str = ""


@dataclass(frozen=True)
class Mark:
    """A place in a file of the service that the CI host shows beside its line."""

    level: str  # error or warning
    text: str
    file: str
    line: int


@dataclass(frozen=True)
class StepResult:
    """What a step reports: one line for people, outputs for later steps, evidence to keep.

    `facts` are what it found, by name and as JSON can hold it, for reports that machines read.
    """

    status: Status
    summary: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    tables: tuple[Table, ...] = ()
    warnings: tuple[str, ...] = ()
    hint: str = ""
    exit_code: int = 1
    marks: tuple[Mark, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Return whether the run must stop here."""
        return self.status is Status.FAILED


@dataclass(frozen=True)
class Contact:
    """Where an owner is reached: the name of a channel and an address in it."""

    channel: str
    address: str


@dataclass(frozen=True)
class Owner:
    """A team or person that owns services; what is empty is not known.

    `lead`, `deputies`, `members` and `parent`, the team that a team is a part of, are names of
    owners. `time_zone` is a name of the tz database: ``Europe/Berlin``.
    """

    name: str
    title: str = ""
    contacts: tuple[Contact, ...] = ()
    is_person: bool = False
    lead: str = ""
    time_zone: str = ""
    deputies: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    parent: str = ""


@dataclass(frozen=True)
class Service:
    """What a team owns; a service without an owner is listed as unowned."""

    name: str
    owner: str = ""
    repository: str = ""


@dataclass(frozen=True)
class Environment:
    """A place where services run; in a production environment the gates hold."""

    name: str
    production: bool = False


@dataclass(frozen=True)
class DatabaseChange:
    """A change of its database with which no version before `since` can work.

    `note` is how a person goes back all the same, from the file `source` if there is one;
    `problem` is why there is no note.
    """

    since: Version
    note: str = ""
    source: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Release:
    """A service at a version, with what it was built from and what it needs.

    Until production has it, a release is a candidate that a later commit may replace;
    from then on it is final and never changes. By provider, as far as it is known, `uses` has
    the digest of what it uses of it, and `places` where it declares that it needs it:
    ``ci-steps.yaml:7``. `database` is what it changes there for good, if anything.
    """

    service: str
    version: Version
    commit: str
    requirements: tuple[Requirement, ...] = ()
    contract_digest: str = ""
    final: bool = False
    recorded_at: datetime | None = None
    uses: Mapping[str, str] = field(default_factory=dict, hash=False)
    places: Mapping[str, str] = field(default_factory=dict, hash=False)
    database: DatabaseChange | None = None


@dataclass(frozen=True)
class Deployment:
    """A release that runs in a slot of an environment, since `at` and until it is replaced.

    A slot is one instance place: the line of the version, so that two lines stand side by
    side and a new version of a line replaces the one before it.
    """

    service: str
    version: Version
    commit: str
    environment: str
    slot: str
    at: datetime
    address: str = ""
    digest: str = ""
    by: str = ""
    url: str = ""


@dataclass(frozen=True)
class Line:
    """What callers address in an environment: the main version of a service."""

    service: str
    line: str
    environment: str


@dataclass(frozen=True)
class Dependent:
    """A live service that needs another one, who owns it, and whether it says what it uses."""

    service: str
    version: Version
    environment: str
    requirement: Requirement
    owner: str = ""
    says_uses: bool = False


@dataclass(frozen=True)
class Acknowledged:
    """Somebody has said until when a service moves, and why not before."""

    until: date
    reason: str
    by: str
    on_behalf_of: str = ""


@dataclass(frozen=True)
class Obligation:
    """A dependent service must move to `to` (``auth-2``) by a date.

    As far as it is known, its requirement is declared at `place` (``ci-steps.yaml:7``) of
    `commit` in `repository`. It `is_seen` when somebody has looked at what was said of it.
    """

    dependent: str
    requirement: str
    provider: str
    to: str
    environment: str
    due: date
    owner: str = ""
    done_at: datetime | None = None
    repository: str = ""
    acknowledged: Acknowledged | None = None
    place: str = ""
    commit: str = ""
    is_seen: bool = False


def passed(summary: str, *evidence: Evidence, **outputs: str) -> StepResult:
    """Return the result of a step that did what it was asked for."""
    return StepResult(Status.PASSED, summary, outputs, evidence)


def failed(
    summary: str, *evidence: Evidence, hint: str = "", exit_code: int = 1, **outputs: str
) -> StepResult:
    """Return the result of a step that says no; the hint says what to do."""
    return StepResult(Status.FAILED, summary, outputs, evidence, hint=hint, exit_code=exit_code)


def skipped(summary: str) -> StepResult:
    """Return the result of a step that had nothing to do, and why."""
    return StepResult(Status.SKIPPED, summary)


def rehearsed(summary: str, *evidence: Evidence, **outputs: str) -> StepResult:
    """Return the result of a step that would have touched the world.

    The evidence is that of a success: in a rehearsal it goes to a copy of the dictionary, so
    that the gates after it can be seen.
    """
    return StepResult(Status.REHEARSED, summary, outputs, evidence)
