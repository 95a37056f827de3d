"""The gates before a deployment: what must be proven, and by what it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ci_steps.commits import is_dirty
from ci_steps.dependencies import Checked, check
from ci_steps.dictionary.reasons import Reason, some
from ci_steps.model import Environment, Evidence, Verdict
from ci_steps.places import Slot, build_of, choose_slot, verdict_of
from ci_steps.protocols import Job

if TYPE_CHECKING:
    from ci_steps.dictionary.reasons import Edge, VerdictReport

_BY_EVIDENCE = frozenset(
    {
        Reason.SAME_CONTRACT,
        Reason.COMPATIBLE_CONTRACT,
        Reason.CONTRACT_BREAKS,
        Reason.VERIFIED,
        Reason.VERIFICATION_FAILED,
    }
)

NAMES = ("commit", "unit-test", "version-check", "integration-test", "dependencies", "dependents")


@dataclass(frozen=True)
class Gate:
    """One question before a deployment, its answer and what would make it a yes."""

    name: str
    passed: bool
    reason: str
    hint: str = ""


def judge(
    job: Job, slot: Slot, *, strict: bool, verdict: VerdictReport | None = None
) -> tuple[Gate, ...]:
    """Return the gates of the job's environment; production has more of them.

    Whoever has asked for the *verdict* about the slot before hands it over.
    """
    report = verdict or verdict_of(job, slot)
    gates = [
        _dependencies(job, report, strict=strict),
        _dependents(job, slot, report, strict=strict),
    ]
    if job.environment and job.environment.production:
        gates = [_commit(job), _unit_test(job), _version_check(job), *_before(job), *gates]
    return tuple(gates)


def foresee(job: Job, environment: Environment) -> str:
    """Return why *environment* would refuse the job's version as things are, or nothing."""
    there = replace(job, environment=environment)
    report = verdict_of(there, choose_slot(there, "auto"))
    return f"{environment.name} would refuse it: {report.text}" if _is_no(report) else ""


def _is_no(report: VerdictReport) -> bool:
    return report.verdict is Verdict.NO


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


def _dependencies(job: Job, report: VerdictReport, *, strict: bool) -> Gate:
    """Ask whether what this version needs runs in the environment."""
    known = {edge.required: edge for edge in report.as_dependent}
    checked = [
        _with_evidence(one, known[one.requirement.written])
        for one in check(job, job.environment_name)
    ]
    stops = {Verdict.NO, Verdict.UNKNOWN} if strict else {Verdict.NO}
    wrong = [one for one in checked if one.verdict in stops]
    if wrong:
        reasons = "; ".join(f"{one.requirement.written}: {one.reason}" for one in wrong)
        return _closed("dependencies", reasons, "Deploy what it needs first.")
    unknown = [one for one in checked if one.verdict is Verdict.UNKNOWN]
    if unknown:
        names = ", ".join(one.requirement.written for one in unknown)
        return _open("dependencies", f"not known, and not strict: {names}")
    return _open("dependencies", f"{len(checked)} satisfied" if checked else "needs nothing")


def _with_evidence(one: Checked, edge: Edge) -> Checked:
    """Add to what runs what the dictionary knows of it beyond its number."""
    if edge.reason is Reason.IGNORED:
        return replace(one, verdict=Verdict.YES, reason=edge.text)
    if edge.provider != one.requirement.provider:  # nothing answers to its old name
        return replace(one, verdict=edge.verdict or Verdict.YES, reason=edge.text)
    if {str(found.version) for found in one.found if found.version} != set(edge.found):
        return one  # proof of another version than the one that answers
    if edge.reason is Reason.NOT_VERIFIED:  # the policy asks, whether the step is strict or not
        return replace(one, verdict=Verdict.NO, reason=edge.text)
    if edge.reason in _BY_EVIDENCE and edge.verdict:
        return replace(one, verdict=edge.verdict, reason=edge.text)
    return one


def _dependents(job: Job, slot: Slot, report: VerdictReport, *, strict: bool) -> Gate:
    """Ask whether what is live and needs this service would still have what it needs."""
    gate = "dependents"
    refusal = next((one.text for one in report.candidates if one.reason), "")
    if refusal:
        return _closed(gate, refusal, "Choose a version of another line.")
    edges = report.as_provider
    stops = {Verdict.NO, Verdict.UNKNOWN} if strict else {Verdict.NO}
    wrong = [e for e in edges if e.verdict in stops or e.reason is Reason.NOT_VERIFIED]
    if wrong:
        reasons = some((f"{edge.who} needs {edge.required}: {edge.text}" for edge in wrong), 3)
        return _closed(gate, reasons, _way_out(job, slot, report))
    unknown = [edge.who for edge in edges if edge.verdict is Verdict.UNKNOWN]
    if unknown:
        return _open(gate, f"not known, and not strict: {some(unknown)}")
    return _open(gate, f"{len(edges):,} have what they need" if edges else "nobody live needs it")


def _way_out(job: Job, slot: Slot, report: VerdictReport) -> str:
    """Return what to do about dependents; the way that the step itself offers comes first."""
    old = slot.replaces
    if old and old.version.line != job.version.line:
        return "Release it beside the old line: steps.deploy.lines: beside."
    way = next(iter(report.ways_out), "")
    return f"{way[:1].upper()}{way[1:]}."


def _proven(name: str, found: Evidence | None, what: str, hint: str) -> Gate:
    if found is None:
        return _closed(name, f"no {what} for this commit", hint)
    if not found.passed:
        return _closed(name, f"{what} failed: {found.text}", hint)
    return _open(name, found.text or f"{what} passed")
