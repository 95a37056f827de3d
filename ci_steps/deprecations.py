"""Which of the lines that a service needs will end, as far as anybody said so."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ci_steps.dependencies import Checked
    from ci_steps.endings import Ending
    from ci_steps.protocols import Job
    from ci_steps.versions import Requirement


def deprecations(job: Job, checked: Iterable[Checked]) -> Iterator[str]:
    """Yield a sentence for each requirement on what will end.

    What a running service says about itself comes before what the dictionary was told.
    """
    needed = [(one.requirement, _said(one)) for one in checked]
    if not needed:
        return
    from ci_steps.lifecycle.ledger import announced_ends

    announced = announced_ends(job.dictionary, job.environment_name)
    for need, said in needed:
        ending = said or announced.get((need.provider, need.line))
        if ending:
            yield _sentence(need, ending)


def _said(one: Checked) -> Ending | None:
    return next((found.ending for found in one.found if found.ending), None)


def _sentence(need: Requirement, ending: Ending) -> str:
    if ending.problem:
        return f"{need.written}: {ending.problem}"
    when = f"will be switched off on {ending.ends.date()}" if ending.ends else "is deprecated"
    more = f", see {ending.link}" if ending.link else ""
    return f"{need.written}: line {need.line} of {need.provider} {when}{more}"
