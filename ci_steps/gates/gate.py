"""The gates before a deployment: what must be proven, and by what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ci_steps.commits import is_dirty
from ci_steps.deploying.database import IRREVERSIBLE, declared_change
from ci_steps.deploying.places import Slot, build_of, choose_slot, verdict_of
from ci_steps.gates import end as end_gate
from ci_steps.gates import verdict as verdict_gates
from ci_steps.gates.approvals import approval
from ci_steps.gates.names import APPROVAL
from ci_steps.gates.verdict import Gate
from ci_steps.model import Environment, Evidence
from ci_steps.protocols import Job, Overridden

if TYPE_CHECKING:
    from ci_steps.dictionary.verdicts.reasons import VerdictReport


@dataclass(frozen=True)
class Asking:
    """What every gate may look at before it answers."""

    job: Job
    slot: Slot
    report: VerdictReport
    strict: bool
    after_end: str

    @property
    def is_production(self) -> bool:
        """Return whether the gates of a production environment hold."""
        return bool(self.job.environment and self.job.environment.production)


def judge(
    job: Job,
    slot: Slot,
    *,
    strict: bool,
    verdict: VerdictReport | None = None,
    after_end: str = "refuse",
) -> tuple[Gate, ...]:
    """Return the gates of the job's environment; production has more of them.

    Whoever has asked for the *verdict* about the slot before hands it over.
    """
    asking = Asking(job, slot, verdict or verdict_of(job, slot), strict, after_end)
    return tuple(gate for ask in GATES.values() for gate in ask(asking))


def foresee(job: Job, environment: Environment) -> str:
    """Return why *environment* would refuse the job's version as things are, or nothing."""
    there = replace(job, environment=environment)
    report = verdict_of(there, choose_slot(there, "auto"))
    if report.verdict not in verdict_gates.stops(there):
        return ""
    return f"{environment.name} would refuse it: {report.text}"


def overridden(job: Job, gate: Gate) -> Overridden:
    """Return that the job passes a closed gate, for the reason that was given."""
    evidence = job.evidence(
        "override",
        True,  # noqa: FBT003 (the gate was passed, on purpose)
        environment=job.environment_name,
        text=f"{gate.name}: {gate.reason}",
        reason=job.overrides[gate.name],
        by=job.by or job.url,
    )
    return Overridden(evidence, gate.affected)


def _open(name: str, reason: str) -> Gate:
    return Gate(name, passed=True, reason=reason)


def _closed(name: str, reason: str, hint: str) -> Gate:
    return Gate(name, passed=False, reason=reason, hint=hint)


def _commit(asking: Asking) -> Iterator[Gate]:
    if not asking.is_production:
        return
    if is_dirty(asking.job.commit):
        yield _closed("commit", "there are changes that are not committed", "Commit them.")
    else:
        yield _open("commit", asking.job.commit[:12])


def _unit_test(asking: Asking) -> Iterator[Gate]:
    yield from _of_this_commit(asking, "unit-test", "unit tests")


def _version_check(asking: Asking) -> Iterator[Gate]:
    yield from _of_this_commit(asking, "version-check", "version check")


def _of_this_commit(asking: Asking, kind: str, what: str) -> Iterator[Gate]:
    if asking.is_production:
        job = asking.job
        found = job.dictionary.evidence(kind, job.service, str(job.version), job.commit)
        yield _proven(kind, found, what, f"Run: ci-steps {kind}")


def _integration_test(asking: Asking) -> Iterator[Gate]:
    job, digest = asking.job, build_of(asking.job).digest
    for environment in job.after if asking.is_production else ():
        found = job.dictionary.evidence(
            "integration-test", job.service, str(job.version), job.commit, environment
        )
        hint = f"Run: ci-steps deploy {environment} && ci-steps integration-test {environment}"
        if found and found.passed and found.digest != digest:
            text = f"the tests in {environment} ran with another image ({found.digest[:19]})"
            yield _closed("integration-test", text, hint)
        else:
            yield _proven("integration-test", found, f"integration tests in {environment}", hint)


def _proven(name: str, found: Evidence | None, what: str, hint: str) -> Gate:
    if found is None:
        return _closed(name, f"no {what} for this commit", hint)
    if not found.passed:
        return _closed(name, f"{what} failed: {found.text}", hint)
    return _open(name, found.text or f"{what} passed")


def _approval(asking: Asking) -> Iterator[Gate]:
    if asking.job.approval != "never":
        yield approval(asking.job)


def _dependencies(asking: Asking) -> Iterator[Gate]:
    yield verdict_gates.dependencies(asking.job, asking.report, strict=asking.strict)


def _dependents(asking: Asking) -> Iterator[Gate]:
    yield verdict_gates.dependents(asking.job, asking.slot, asking.report, strict=asking.strict)


def _retirement(asking: Asking) -> Iterator[Gate]:
    yield from end_gate.end_gate(asking.job, asking.after_end)


def _rollback_note(asking: Asking) -> Iterator[Gate]:
    """Ask of a release that cannot be rolled back how a person goes back."""
    change = declared_change(asking.job)
    if change is None:
        return
    if change.problem:
        hint = "Say under database.rollback how people go back: the name of a file, or the text."
        yield _closed("rollback-note", f"{change.problem}, and {IRREVERSIBLE}", hint)
    else:
        yield _open("rollback-note", f"in {change.source}" if change.source else change.note)


# In the order in which they are shown; each is asked of every deployment and says what concerns
# it: nothing, or one answer for each thing that it looks at.
GATES: Mapping[str, Callable[[Asking], Iterator[Gate]]] = {
    "commit": _commit,
    "unit-test": _unit_test,
    "version-check": _version_check,
    "integration-test": _integration_test,
    APPROVAL: _approval,
    "dependencies": _dependencies,
    "dependents": _dependents,
    end_gate.NAME: _retirement,
    "rollback-note": _rollback_note,
}
