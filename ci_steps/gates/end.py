"""The gate of a line whose end was announced: what is promised to end is not deployed anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.gates.verdict import Gate
from ci_steps.model import Line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_steps.protocols import Job

NAME = "retirement"
WARN = "warn"
_REFUSING = frozenset({"drained", "gone", "removed"})


def end_gate(job: Job, after_end: str) -> Iterator[Gate]:
    """Yield the gate, where anything was decided about the end of the job's line."""
    from ci_steps.lifecycle.acts import standing
    from ci_steps.lifecycle.ledger import read

    line = Line(job.service, job.version.line, job.environment_name)
    with job.dictionary.reading() as connection:
        stands = standing(read(connection, line))
    name, told = f"line {line.line} of {line.service}", stands.announcement
    if stands.step and stands.step.value in _REFUSING:
        undo = f"ci-steps retire {line.service} {line.line} {line.environment} --undo"
        reason = f"{name} is {stands.step.value} in {line.environment}"
        yield Gate(NAME, passed=False, reason=reason, hint=f"Release a newer line, or: {undo}.")
    elif told.ends and told.ends <= job.outside.now():
        reason = f"{name} was to end on {told.retire_on}"
        if after_end == WARN:
            yield Gate(NAME, passed=True, reason=reason, warning=reason)
        else:
            amend = f"ci-steps retirement amend {line.service} {line.line} --on DATE"
            yield Gate(
                NAME, passed=False, reason=reason, hint=f"Release a newer line, or: {amend}."
            )
    elif told.announced:
        on = f" on {told.retire_on}" if told.retire_on else ""
        yield Gate(NAME, passed=True, reason=f"{name} will end{on}")
