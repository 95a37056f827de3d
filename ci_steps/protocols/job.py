"""One run as a step sees it, and the shape of a step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ci_steps.model import (
    DatabaseChange,
    Deployment,
    Environment,
    Evidence,
    Obligation,
    StepResult,
)
from ci_steps.protocols.balancer import Traffic
from ci_steps.protocols.builder import Builder
from ci_steps.protocols.contract import OwnContract, OwnUses
from ci_steps.protocols.probe import Found
from ci_steps.protocols.progress import Progress
from ci_steps.protocols.target import Build, Place, Placement
from ci_steps.usage import Rules, Usage, UsageQuestion
from ci_steps.versions import Requirement, Version

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary
    from ci_steps.outside import Outside


@dataclass(frozen=True)
class Overridden:
    """A gate that was passed on purpose; `affected` are the services that it would protect."""

    evidence: Evidence
    affected: tuple[str, ...] = ()


@dataclass(frozen=True)
class Announced:
    """What a deployment obliges others to do, and who cannot be told of it, a line each.

    `to` is what they must move to (``auth-2``). `told` are owners with the contact where
    they are told. When it was announced before, `is_new` is false.
    """

    to: str
    due: date | None = None
    obligations: tuple[Obligation, ...] = ()
    unreachable: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    is_new: bool = True


@dataclass(frozen=True)
class Sent:
    """What became of the notices that were waiting; warnings are about the sending as such."""

    delivered: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    undelivered: tuple[str, ...] = ()
    previews: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """One run, as a step sees it. Effects go through it; a step imports no plug.

    `find` answers which versions of a provider are there, asked once per job. `deploy`,
    `record` and `send` are bound to the plugs that the configuration names; `builders` are
    all there are, in the order in which ``auto`` tries them.
    `traffic` is there where the environment has a balancer. `move_line` lets the tag of a line
    in the registry mean a build, and says what is wrong with that, or nothing.
    `keep_overridden` keeps and tells which gates were passed where nothing is recorded with them.
    `narrow` learns which changes of contracts touch whom. `overrides` maps gates to the
    reason somebody gave for passing them. `options_digest` tells
    what the step was told from anything else it could have been told. `meanwhile` is what may
    be done while a long command of the step runs: the dictionary is opened.
    """

    service: str
    owner: str
    version: Version
    commit: str
    root: Path
    requirements: tuple[Requirement, ...]
    outside: Outside
    dictionary: Dictionary
    progress: Progress
    find: Callable[[str, str], Sequence[Found]]
    environments: tuple[Environment, ...] = ()
    environment: Environment | None = None
    after: tuple[str, ...] = ()
    approval: str = "never"
    contract: OwnContract | None = None
    uses: OwnUses | None = None
    database: DatabaseChange | None = None
    narrow: Callable[[], None] = lambda: None
    by: str = ""
    url: str = ""
    overrides: Mapping[str, str] = field(default_factory=dict)
    options_digest: str = ""
    builders: Mapping[str, Builder] = field(default_factory=dict)
    deploy: Callable[[Build, Place], Placement] | None = None
    record: Callable[[Deployment, Sequence[Overridden]], Announced] | None = None
    keep_overridden: Callable[[Sequence[Overridden]], None] = lambda overridden: None
    traffic: Traffic | None = None
    move_line: Callable[[Build], str] = lambda build: ""
    send: Callable[[float], Sent] | None = None
    observe: Callable[[UsageQuestion], Usage] = lambda question: Usage()
    retirement: Rules = field(default_factory=Rules)
    tests_failed: Callable[[str], None] = lambda text: None
    tests_passed: Callable[[], None] = lambda: None
    ask: Callable[[str], str] = lambda question: ""
    meanwhile: Callable[[], object] = lambda: None

    @property
    def environment_name(self) -> str:
        """Return the environment of this step, or nothing."""
        return self.environment.name if self.environment else ""

    @property
    def used(self) -> Mapping[str, str]:
        """Return the digests of what the service uses, by provider."""
        return self.uses.digests if self.uses else {}

    def evidence(self, kind: str, passed: bool, **more: str) -> Evidence:  # noqa: FBT001
        """Return evidence for exactly this service, version and commit, as of now."""
        return Evidence(
            kind,
            passed,
            self.service,
            str(self.version),
            self.commit,
            self.outside.now(),
            **{"by": self.by, "url": self.url, "options": self.options_digest, **more},
        )


class Step(Protocol):
    """One step of a pipeline: ``steps/unit_test.py``.

    A step whose proof can stand has ``standing(job) -> Evidence | None`` as well: what proves
    that this very build need not be tested again. Any other step asks the world each time.
    """

    @property
    def Options(self) -> type[Any]:  # noqa: N802
        """What ci-steps.yaml may say under the step's name."""

    def run(self, job: Job, options: Any) -> StepResult:
        """Do it and report; raise only what is wrong outside."""
