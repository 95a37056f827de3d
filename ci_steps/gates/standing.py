"""Proof that stands: what was tested before for just this build need not be tested again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.commits import is_dirty
from ci_steps.deploying.places import build_of, deployed
from ci_steps.model import Status, StepResult
from ci_steps.moments import iso_text

if TYPE_CHECKING:
    from ci_steps.model import Evidence
    from ci_steps.protocols import Job


def proven(job: Job, kind: str) -> Evidence | None:
    """Return the proof of *kind* for just this build and these options, or None.

    The latest proof counts, whichever agent recorded it. A folder with changes that are not
    committed proves nothing for later: what git does not track may have changed as well.
    """
    if is_dirty(job.commit) or not job.options_digest:
        return None
    found = job.dictionary.evidence(
        kind, job.service, str(job.version), job.commit, job.environment_name
    )
    stands = found and found.passed and found.options == job.options_digest
    return found if stands else None


def proven_in_place(job: Job, kind: str) -> Evidence | None:
    """Return the proof that stands for the very deployment that is there now, or None.

    One of another image, or from before it was deployed there anew, is none.
    """
    found, live = proven(job, kind), deployed(job)
    if not (found and live):
        return None
    return found if found.digest == build_of(job).digest and found.at >= live.at else None


def standing_result(evidence: Evidence) -> StepResult:
    """Return the result of a step that is not run, because *evidence* stands."""
    by = f" by {evidence.by}" if evidence.by else ""
    summary = f"{evidence.text or 'passed'}; proven {evidence.at:%Y-%m-%d %H:%M} UTC{by}"
    facts = {
        "stands": {
            "at": iso_text(evidence.at),
            "by": evidence.by,
            "reason": evidence.reason,
            "url": evidence.url,
        }
    }
    return StepResult(Status.STANDS, summary, facts=facts)
