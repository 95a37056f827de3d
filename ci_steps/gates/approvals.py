"""Who answers for a deployment: one build, one environment, a name and a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.commits import author_of
from ci_steps.deploying.places import build_of
from ci_steps.gates.names import APPROVAL
from ci_steps.gates.verdict import Gate

if TYPE_CHECKING:
    from ci_steps.model import Evidence
    from ci_steps.protocols import Job


def approve(job: Job, by: str, reason: str, *, given: bool) -> Evidence:
    """Return the evidence of an approval, or of one that is taken back."""
    return job.evidence(
        APPROVAL,
        given,
        environment=job.environment_name,
        digest=build_of(job).digest,
        text=f"approved by {by}" if given else f"taken back by {by}",
        by=by,
        reason=reason,
    )


def approval(job: Job) -> Gate:
    """Return the gate: whether somebody who may has approved just this build."""
    found = job.dictionary.evidence(
        APPROVAL, job.service, str(job.version), job.commit, job.environment_name
    )
    refusal = _refusal(job, found)
    if refusal:
        hint = f"Run: ci-steps approve {job.environment_name} --by NAME --reason TEXT"
        return Gate(APPROVAL, passed=False, reason=refusal, hint=hint)
    assert found is not None  # noqa: S101 (without one there is a refusal)
    return Gate(APPROVAL, passed=True, reason=f"by {found.by}: {found.reason}")


def _refusal(job: Job, found: Evidence | None) -> str:
    if found is None:
        return "nobody has approved this commit"
    if not found.passed:
        return f"{found.text}: {found.reason}"
    if found.digest != build_of(job).digest:
        return f"{found.by} approved another image ({found.digest[:19] or 'none'})"
    if job.approval == "other" and is_author(job, found.by):
        return f"{found.by} is the author of the commit, and somebody else has to approve"
    return ""


def is_author(job: Job, name: str) -> bool:
    """Return whether *name* is how git calls the author: by name, e-mail, or what begins it."""
    known = author_of(job.commit, job.root, job.outside)
    return name.strip().casefold() in {one.casefold() for one in known}
