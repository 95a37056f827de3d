"""Which of the lines that a service needs will end, as far as anybody said so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ci_steps.dependencies import Checked
    from ci_steps.endings import Ending
    from ci_steps.protocols import Job
    from ci_steps.versions import Requirement


@dataclass(frozen=True)
class Deprecated:
    """A requirement on what will end; one that `is_new` the release before did not have."""

    text: str
    is_new: bool


def deprecations(job: Job, checked: Iterable[Checked]) -> Iterator[Deprecated]:
    """Yield each requirement on what will end, with a sentence about that.

    What a running service says about itself comes before what the dictionary was told.
    """
    needed = [(one.requirement, _said(one)) for one in checked]
    if not needed:
        return
    from ci_steps.lifecycle.ledger import announced_ends

    announced = announced_ends(job.dictionary, job.environment_name)
    before = _needed_before(job)
    for need, said in needed:
        ending = said or announced.get((need.provider, need.line))
        if ending:
            is_new = before is not None and (need.provider, need.line) not in before
            also = "; nothing needed it before" if is_new else ""
            yield Deprecated(f"{_sentence(need, ending)}{also}", is_new)


def _needed_before(job: Job) -> set[tuple[str, str]] | None:
    """Return what the release before needs, None where there is none."""
    found = job.dictionary.releases(job.service)
    before = next((one for one in found if one.final and one.version != job.version), None)
    return {(one.provider, one.line) for one in before.requirements} if before else None


def _said(one: Checked) -> Ending | None:
    return next((found.ending for found in one.found if found.ending), None)


def _sentence(need: Requirement, ending: Ending) -> str:
    if ending.problem:
        return f"{need.written}: {ending.problem}"
    when = f"will be switched off on {ending.ends.date()}" if ending.ends else "is deprecated"
    more = f", see {ending.link}" if ending.link else ""
    return f"{need.written}: line {need.line} of {need.provider} {when}{more}"
