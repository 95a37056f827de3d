"""A change of the database that cannot be undone: for which deployments it counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.model import DatabaseChange

if TYPE_CHECKING:
    from ci_steps.model import Evidence
    from ci_steps.protocols import Job

KIND = "database"
IRREVERSIBLE = "this release changes its database in a way that cannot be undone"


def declared_change(job: Job) -> DatabaseChange | None:
    """Return what this release changes, unless a version that has it is live there already."""
    change = job.database
    if change is None:
        return None
    live = job.dictionary.live(job.environment_name, job.service)
    is_there = any(
        one.version.scheme == change.since.scheme and one.version >= change.since for one in live
    )
    return None if is_there else change


def standing_change(job: Job) -> DatabaseChange | None:
    """Return what keeps this deployment from being rolled back, or None.

    That is its own change, or that of one before it which has begun and was never proven: what
    is live by the dictionary has met a changed database by now.
    """
    return declared_change(job) or _begun(job)


def begin_change(job: Job, change: DatabaseChange) -> Evidence:
    """Return what is kept before anything is touched, so that a job that is killed leaves it."""
    return job.evidence(
        KIND,
        True,  # noqa: FBT003 (it has begun)
        environment=job.environment_name,
        text=f"changes its database since {change.since}, and cannot be undone",
        reason=change.note,
    )


def _begun(job: Job) -> DatabaseChange | None:
    from ci_steps.dictionary.questions import evidence_about
    from ci_steps.versions import parse_version

    with job.dictionary.reading() as connection:
        found = evidence_about(connection, job.service, kind=KIND)
    last = next((one for one in found if one.environment == job.environment_name), None)
    live = job.dictionary.live(job.environment_name, job.service)
    if last is None or any(one.at >= last.at for one in live):
        return None
    return DatabaseChange(parse_version(last.version), note=last.reason)
