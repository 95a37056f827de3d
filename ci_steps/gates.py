"""The gates before a deployment: what must be proven, and by what it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ci_steps.commits import is_dirty
from ci_steps.dependencies import check
from ci_steps.model import Evidence, Verdict
from ci_steps.places import Slot, build_of, needing
from ci_steps.protocols import Job

NAMES = ("commit", "unit-test", "version-check", "integration-test", "dependencies", "dependents")


@dataclass(frozen=True)
class Gate:
    """One question before a deployment, its answer and what would make it a yes."""

    name: str
    passed: bool
    reason: str
    hint: str = ""


def judge(job: Job, slot: Slot, *, strict: bool) -> tuple[Gate, ...]:
    """Return the gates of the job's environment; production has more of them."""
    gates = [_dependencies(job, strict=strict), _dependents(job, slot)]
    if job.environment and job.environment.production:
        gates = [_commit(job), _unit_test(job), _version_check(job), *_before(job), *gates]
    return tuple(gates)


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


def _dependencies(job: Job, *, strict: bool) -> Gate:
    """Ask whether what this version needs runs in the environment."""
    checked = check(job, job.environment_name)
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


def _dependents(job: Job, slot: Slot) -> Gate:
    """Ask whether anything that live dependents need is taken away."""
    old = slot.replaces
    if old is None or old.version.line == job.version.line:
        return _open("dependents", "takes no line away")
    names = needing(job, old)
    if names:
        text = f"replaces {job.service}-{old.version.line}, which {', '.join(names)} needs"
        hint = "Release it beside the old line: steps.deploy.lines: beside."
        return _closed("dependents", text, hint)
    return _open("dependents", f"nobody needs {job.service}-{old.version.line}")


def _proven(name: str, found: Evidence | None, what: str, hint: str) -> Gate:
    if found is None:
        return _closed(name, f"no {what} for this commit", hint)
    if not found.passed:
        return _closed(name, f"{what} failed: {found.text}", hint)
    return _open(name, found.text or f"{what} passed")
