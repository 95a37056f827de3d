"""If this ships: the bump it needs, the services it hits, and the owners who are told.

Asked of the dictionary and of nothing else, read and never written: for a pull request.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ci_steps.deploying.database import declared_change
from ci_steps.deploying.places import choose_slot, verdict_of
from ci_steps.dictionary.verdicts.reasons import worst
from ci_steps.model import DatabaseChange, Verdict
from ci_steps.step_facts import change_facts, database_facts, verdict_facts
from ci_steps.steps.version_check import own_version
from ci_steps.versions import Bump

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_steps.dictionary.verdicts.reasons import VerdictReport
    from ci_steps.notices.moving.obligations import Told
    from ci_steps.protocols import Job
    from ci_steps.steps.version_check import Own


@dataclass(frozen=True)
class Shipping:
    """What a version would mean to others. `unknown` says why an answer is missing.

    `told` are the owners of those who must move, by environment, and `irreversible` is where its
    change of the `database` is made, which cannot be undone.
    """

    service: str
    version: str
    commit: str
    own: Own | None = None
    verdicts: tuple[VerdictReport, ...] = ()
    told: tuple[tuple[str, Told], ...] = ()
    database: DatabaseChange | None = None
    irreversible: tuple[str, ...] = ()
    unknown: str = ""

    @property
    def verdict(self) -> Verdict:
        """Return no if the bump is not honest or an environment refuses; unknown is no yes."""
        if self.own is None:
            return Verdict.UNKNOWN
        if self.own.refusal:
            return Verdict.NO
        return worst(one.verdict for one in self.verdicts)

    @property
    def text(self) -> str:
        """Return it in one sentence."""
        what = f"{self.service} {self.version}"
        if self.own is None:
            return f"{what}: not known, {self.unknown}"
        if self.own.refusal:
            return f"{what}: {self.own.refusal}"
        refused = next((one for one in self.verdicts if one.verdict is not Verdict.YES), None)
        hits = len(self.hits)
        hit = f"{hits} must move" if hits else "nobody has to move"
        place = f"; {refused.environment}: {refused.text}" if refused else ""
        return f"{what}: {self.own.judged.text}; {hit}{place}"

    @property
    def hits(self) -> tuple[dict[str, Any], ...]:
        """Return the services that must move, each in its environment."""
        return tuple(
            {
                "service": one.dependent.service,
                "version": str(one.dependent.version),
                "environment": environment,
                "needs": one.dependent.requirement.written,
                "why": one.why,
                "owner": told.owner.name if told.owner else "",
            }
            for environment, told in self.told
            for one in told.affected
        )

    def document(self) -> dict[str, Any]:
        """Return it as the answer of ``--json``."""
        judged = self.own.judged if self.own else None
        return {
            "schema": "ci-steps/shipping/1",
            "service": self.service,
            "version": self.version,
            "commit": self.commit,
            "verdict": self.verdict.value,
            "text": self.text,
            "unknown": self.unknown,
            "bump": judged.word if judged else "",
            "after": str(self.own.before or "") if self.own else "",
            "breaking": judged.breaking if judged else None,
            "refusal": self.own.refusal if self.own else "",
            "hint": self.own.hint if self.own else "",
            "warnings": list(self.own.warnings) if self.own else [],
            "changes": change_facts(judged.changes) if judged else [],
            "database": database_facts(self.database)
            if self.database and self.irreversible
            else None,
            "irreversible": list(self.irreversible),
            "environments": [verdict_facts(one) for one in self.verdicts],
            "hit": list(self.hits),
            "told": _owners(self.told),
        }


def foresee_shipping(job: Job) -> Shipping:
    """Return what the job's version would mean; the dictionary is only read."""
    own = own_version(job)
    return Shipping(
        job.service,
        str(job.version),
        job.commit,
        own,
        tuple(_verdicts(job)),
        () if _is_compatible(own) else tuple(_told(job)),
        job.database,
        tuple(_irreversible(job)),
    )


def _verdicts(job: Job) -> Iterable[VerdictReport]:
    for environment in job.environments:
        there = replace(job, environment=environment)
        yield verdict_of(there, choose_slot(there, "auto"))


def _irreversible(job: Job) -> Iterable[str]:
    """Yield the environments that do not have its change of the database yet."""
    for environment in job.environments:
        if declared_change(replace(job, environment=environment)):
            yield environment.name


def _told(job: Job) -> Iterable[tuple[str, Told]]:
    from ci_steps.notices.moving import obligations

    for environment in job.environments:
        if environment.production:
            with job.dictionary.reading() as connection:
                found = obligations.who(connection, job.service, job.version, environment.name)
            yield from ((environment.name, one) for one in found)


def _is_compatible(own: Own) -> bool:
    """Return whether a version that may break is known not to, so that nobody has to move."""
    return own.judged.bump is Bump.MAY_BREAK and not own.judged.breaking


def _owners(told: Iterable[tuple[str, Told]]) -> list[dict[str, Any]]:
    return [
        {
            "owner": one.owner.name if one.owner else "",
            "contacts": [f"{to.channel} {to.address}" for to in one.owner.contacts]
            if one.owner
            else [],
            "environment": environment,
            "services": [affected.dependent.service for affected in one.affected],
        }
        for environment, one in told
    ]
