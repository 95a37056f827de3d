"""The gates before a deployment: what must be proven, and by what it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ci_steps.commits import is_dirty
from ci_steps.deploying.places import Slot, build_of, choose_slot, verdict_of
from ci_steps.gates import end as end_gate
from ci_steps.gates import verdict as verdict_gates
from ci_steps.gates.approvals import approval
from ci_steps.gates.verdict import Gate
from ci_steps.model import Environment, Evidence
from ci_steps.protocols import Job

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_steps.dictionary.reasons import VerdictReport

MAY_DEPLOY = "may-deploy"
_ENDS = ("dependencies", "dependents")
NAMES = (
    *("commit", "unit-test", "version-check", "integration-test", "approval"),
    *(*_ENDS, end_gate.NAME),
)

# What may be passed on purpose: a gate, or both ends of the verdict by its name.
OVERRIDABLE = (*NAMES, MAY_DEPLOY)


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
    report = verdict or verdict_of(job, slot)
    gates = [
        verdict_gates.dependencies(job, report, strict=strict),
        verdict_gates.dependents(job, slot, report, strict=strict),
        *end_gate.end_gate(job, after_end),
    ]
    if job.approval != "never":
        gates.insert(0, approval(job))
    if job.environment and job.environment.production:
        gates = [_commit(job), _unit_test(job), _version_check(job), *_before(job), *gates]
    return tuple(gates)


def foresee(job: Job, environment: Environment) -> str:
    """Return why *environment* would refuse the job's version as things are, or nothing."""
    there = replace(job, environment=environment)
    report = verdict_of(there, choose_slot(there, "auto"))
    if report.verdict not in verdict_gates.stops(there):
        return ""
    return f"{environment.name} would refuse it: {report.text}"


def overridable(gates: Iterable[str]) -> tuple[str, ...]:
    """Return gates by the names of just one each."""
    return tuple(one for name in gates for one in (_ENDS if name == MAY_DEPLOY else (name,)))


def to_override(gate: str) -> str:
    """Return by which name one passes *gate* on purpose."""
    return MAY_DEPLOY if gate in _ENDS else gate


def _open(name: str, reason: str) -> Gate:
    return Gate(name, passed=True, reason=reason)


def _closed(name: str, reason: str, hint: str) -> Gate:
    return Gate(name, passed=False, reason=reason, hint=hint)


def _commit(job: Job) -> Gate:
    if is_dirty(job.commit):
        return _closed("commit", "there are changes that are not committed", "Commit them.")
    return _open("commit", job.commit[:12])


def _unit_test(job: Job) -> Gate:
    found = job.dictionary.evidence("unit-test", job.service, str(job.version), job.commit)
    return _proven("unit-test", found, "unit tests", "Run: ci-steps unit-test")


def _version_check(job: Job) -> Gate:
    found = job.dictionary.evidence("version-check", job.service, str(job.version), job.commit)
    return _proven("version-check", found, "version check", "Run: ci-steps version-check")


def _before(job: Job) -> Iterator[Gate]:
    digest = build_of(job).digest
    for environment in job.after:
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
