"""Whom the changes of the service's own contract touch: a line for each live dependent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.model import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_steps.protocols import Job, Touched


def for_whom(job: Job) -> tuple[Table, ...]:
    """Return what breaks for whom, in the environment of the job or in each production.

    Called where the contract was compared. Nothing if nobody needs the service.
    """
    job.narrow()
    here = [job.environment] if job.environment else []
    asked = here or [one for one in job.environments if one.production]
    rows = tuple(row for one in asked for row in _rows(job, one.name))
    columns = ("dependent", "environment", "touched by", "not by")
    return (Table(columns, rows, "For whom"),) if rows else ()


def _rows(job: Job, environment: str) -> Iterator[tuple[str, ...]]:
    from ci_steps.notices.moving.touching import touched_by

    contract = job.contract.digest if job.contract else ""
    with job.dictionary.reading() as connection:
        touched = touched_by(connection, job.service, contract, environment)
    found = job.dictionary.dependents(job.service, environment=environment)
    for name in dict.fromkeys(one.service for one in found):
        yield (name, environment, *_said(touched.get(name)))


def _said(touched: Touched | None) -> tuple[str, str]:
    if touched is None:
        return "not known what it uses", ""
    return _counted(len(touched.breaks)), _counted(touched.untouched)


def _counted(number: int) -> str:
    return "1 change" if number == 1 else f"{number:,} changes" if number else "none"
