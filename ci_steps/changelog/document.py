"""What stands in the change log of a service: history, current and plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from ci_steps.changelog.forms import key
from ci_steps.errors import UsageError
from ci_steps.lifecycle.decision import Decision
from ci_steps.usage import Policy, Rules
from ci_steps.versions import parse_version

SCHEMA = "ci-steps/changelog/1"
BUMPS = (
    "first",
    "same",
    "bugfix",
    "feature",
    "may_break",
    "major",
    "rollback",
    "prerelease",
    "scheme_change",
)


class Sort(Enum):
    """What a change did."""

    ADDED = "added"
    CHANGED = "changed"
    DEPRECATED = "deprecated"
    REMOVED = "removed"
    FIXED = "fixed"
    SECURITY = "security"


class Severity(Enum):
    """What a change is to callers, where contracts were compared."""

    BREAKING = "breaking"
    WARNING = "warning"
    COMPATIBLE = "compatible"
    UNKNOWN = "unknown"


class Kind(Enum):
    """What will end."""

    LINE = "line"
    VERSION = "version"
    OPERATION = "operation"
    PARAMETER = "parameter"
    FIELD = "field"
    EVENT = "event"
    DEPENDENCY = "dependency"


class Status(Enum):
    """How far a plan has come; `due` is what is still there on the day it was to go."""

    ANNOUNCED = "announced"
    DEPRECATED = "deprecated"
    DUE = "due"
    RETIRED = "retired"
    WITHDRAWN = "withdrawn"


class Standing(Enum):
    """What a version that runs is to its callers."""

    LIVE = "live"
    DEPRECATED = "deprecated"
    DUE = "due"


def _check_schema(text: str) -> None:
    if text != SCHEMA:
        raise UsageError(f"{text!r} is not {SCHEMA!r}: it is of another program")


def _check_bump(text: str) -> None:
    if text not in BUMPS:
        raise UsageError(f"{text!r} is none of {', '.join(BUMPS)}")


def _check_text(text: str) -> None:
    if not text.strip():
        raise UsageError("is empty")


@dataclass(frozen=True)
class Change:
    """What one change did, and what whoever is concerned has to do."""

    sort: Sort = key("What it did.")
    what: str = key("What changed: DELETE /tokens, or nothing for the whole service.")
    text: str = key("A sentence about it.", check=_check_text)
    migration: str = key("What whoever used it does now.")
    severity: Severity = key("What it is to callers; unknown where no contracts were compared.")
    rule: str = key("The rule that found it between two contracts; nothing if people wrote it.")

    @property
    def removes(self) -> bool:
        """Whether something is gone that callers may have used."""
        return self.sort is Sort.REMOVED or self.severity is Severity.BREAKING

    @property
    def identity(self) -> tuple[Sort, str, str, str]:
        """What tells it from other changes; its words and what to do may be written later."""
        return self.sort, self.what, self.rule, "" if self.rule else self.text


@dataclass(frozen=True)
class Release:
    """A version that production had, or that a git tag names."""

    version: str = key("The version.", check=parse_version)
    at: datetime = key("When production had it first, or when it was tagged.")
    bump: str = key("What it is after the release before it.", check=_check_bump)
    commit: str = key("The commit it was built from.")
    digest: str = key("The digest of its image; nothing where there was none.")
    contract: str = key("The digest of its contract; nothing where it has none.")
    tag: str = key("The git tag; nothing where nobody tagged it.")
    requirements: tuple[str, ...] = key("What it needs of others.")
    changes: tuple[Change, ...] = key("What changed.")


@dataclass(frozen=True)
class Caller:
    """Who was seen calling."""

    name: str = key("The name, as it is seen there.")
    calls: int = key("How often; 0 where that is not counted.")
    last_call: datetime | None = key("When for the last time, if that is known.")


@dataclass(frozen=True)
class Deployed:
    """A dependent that runs."""

    service: str = key("The service.")
    version: str = key("The version of it that runs.")
    needs: str = key("Its requirement as it is written.")
    owner: str = key("Who owns it; nothing where nobody does.")
    since: datetime = key("Since when this version of it runs.")


@dataclass(frozen=True)
class Dependents:
    """Who needs a line: by what is deployed, declared elsewhere, and by calls."""

    deployed: tuple[Deployed, ...] = key("Who runs here and needs it.")
    declared: tuple[str, ...] = key("Who declares that it needs it, and does not run here.")
    called: tuple[Caller, ...] = key("Who was seen calling it.")


@dataclass(frozen=True)
class Calls:
    """What is seen of the calls of a line; that nobody looks does not mean that nobody calls."""

    source: str = key("What sees the calls.")
    observed_since: datetime | None = key("Since when every call would have been seen.")
    last_call: datetime | None = key("The last call that was seen.")
    problem: str = key("Why nothing is known; nothing where it is.")


@dataclass(frozen=True)
class End:
    """Whether a line may go, and what would have to happen first."""

    decision: Decision = key("What is to be done.")
    reason: str = key("Why, as may-retire says it.")
    text: str = key("Why, as a sentence.")
    ask_again: datetime | None = key("When another answer is possible, if that is known.")
    conditions: tuple[str, ...] = key("What would have to happen, all of it.")


@dataclass(frozen=True)
class Running:
    """A version that runs in an environment."""

    version: str = key("The version.", check=parse_version)
    line: str = key("The line that callers address.")
    status: Standing = key("Whether its end was announced.")
    since: datetime = key("Since when it runs.")
    dependents: Dependents = key("Who needs the line.")
    calls: Calls = key("What is seen of its calls.")
    end: End | None = key("May it go? Nothing for the newest line, which has no successor.")


@dataclass(frozen=True)
class Place:
    """An environment, and what runs there."""

    environment: str = key("The environment.")
    production: bool = key("Whether it is production.")
    versions: tuple[Running, ...] = key("What runs, the newest line first.")


@dataclass(frozen=True)
class Amendment:
    """A day that was moved."""

    at: datetime = key("When it was moved.")
    by: str = key("Who moved it.")
    reason: str = key("Why.", check=_check_text)
    before: date | None = key("The day before; nothing where none was named.")
    retire_on: date = key("The day since then.")
    urgent: bool = key("Whether it was urgent: only then does a day come earlier.")


@dataclass(frozen=True)
class Item:
    """Something that will end, as it was announced."""

    kind: Kind = key("What it is.")
    subject: str = key("Which one: 1, DELETE /tokens, tax-1.", check=_check_text)
    environment: str = key("Where a line ends; nothing for what ends everywhere.")
    announced: datetime = key("When it was announced.")
    by: str = key("Who announced it.")
    deprecated: date = key("Since which day nobody new should use it.")
    promised: date | None = key("The first day that was named for its end.")
    retire_on: date | None = key("The day it ends, from 00:00 UTC; nothing before one is named.")
    instead: str = key("What to use instead.")
    why: str = key("Why it ends.", check=_check_text)
    migration: str = key("What whoever uses it does.")
    status: Status = key("How far it has come.")
    amendments: tuple[Amendment, ...] = key("How the day was moved, the first time first.")

    @property
    def identity(self) -> tuple[Kind, str, str]:
        """What it is about: of two open items on one, nobody could say which day counts."""
        return self.kind, self.subject, self.environment

    @property
    def is_open(self) -> bool:
        """Whether it is still to come."""
        return self.status not in {Status.RETIRED, Status.WITHDRAWN}


@dataclass(frozen=True)
class Promises:
    """When a line of the service goes that nobody live needs."""

    policy: Policy = key("At once, after it was quiet, or by hand.")
    quiet_days: int = key("Days without a call before it may go.")
    notice_days: int = key("Days between the announcement of its end and its end.")
    callers_outside: bool = key("Whether somebody calls it who is in no dictionary.")

    @classmethod
    def of(cls, rules: Rules) -> Promises:
        """Return them as they are published."""
        days = rules.quiet.days, rules.notice.days
        return cls(rules.policy, *days, rules.callers_outside)

    @property
    def rules(self) -> Rules:
        """The rules that a decision goes by."""
        quiet, notice = (timedelta(days=one) for one in (self.quiet_days, self.notice_days))
        return Rules(self.policy, quiet, notice, self.callers_outside)


@dataclass(frozen=True)
class ChangeLog:
    """The change log of a service."""

    schema: str = key("The form of this document.", check=_check_schema)
    service: str = key("The service.", check=_check_text)
    owner: str = key("Who owns it; nothing where nobody does.")
    repository: str = key("Where its source is.")
    at: datetime = key("When this was gathered.")
    promises: Promises = key("When a line goes that nobody live needs.")
    history: tuple[Release, ...] = key("What was released, the newest first; it only grows.")
    unreleased: tuple[Change, ...] = key("What people wrote for a release that is to come.")
    current: tuple[Place, ...] = key("What runs, by environment.")
    plan: tuple[Item, ...] = key("What will end.")
