"""Say which old lines of the service may be switched off in production; none ever is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ci_steps.lifecycle.decision import Decision, decide
from ci_steps.model import Status, StepResult, Table, Verdict, skipped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ci_steps.lifecycle.decision import Answer
    from ci_steps.model import Line
    from ci_steps.protocols import Job


@attrs.frozen
class Options:
    """What may stand under `retire-check`: nothing, the rules are under `retirement`."""


def run(job: Job, options: Options) -> StepResult:  # noqa: ARG001 (the shape of a step)
    """Ask about every line that is live beside a newer one; no answer fails the step."""
    asked = [(line, _ask(job, line)) for line in _old_lines(job)]
    if not asked:
        return skipped("no old line is live in production")
    retirable = [line for line, answer in asked if answer.decision is Decision.RETIRE]
    names = ", ".join(f"line {one.line} in {one.environment}" for one in retirable)
    return StepResult(
        Status.PASSED,
        f"may be retired: {names}" if retirable else f"{_counted(len(asked))} must stay",
        {"retirable": " ".join(one.line for one in retirable)},
        tables=(_table(asked),),
        warnings=tuple(_doubts(asked)),
    )


def _ask(job: Job, line: Line) -> Answer:
    from ci_steps.lifecycle.gathering import gather

    now = job.outside.now()
    facts = gather(job.dictionary, now, line, job.retirement, job.observe)
    if facts.announcement.announced and facts.guesses:
        from ci_steps.notices.line_ends.telling import note_callers

        # Whom the next tick tells of the end: they call, and have not said so.
        job.dictionary.write(
            lambda connection: note_callers(connection, line, facts.usage, facts.guesses, now)
        )
    return decide(facts)


def _old_lines(job: Job) -> Iterator[Line]:
    from ci_steps.lifecycle.gathering import old_lines

    for place in job.environments:
        if place.production:
            yield from old_lines(job.dictionary, job.service, place.name)


def _counted(number: int) -> str:
    return "1 old line" if number == 1 else f"{number} old lines"


def _table(asked: Sequence[tuple[Line, Answer]]) -> Table:
    rows = tuple(
        (
            line.line,
            line.environment,
            answer.decision.value,
            answer.text,
            f"{answer.again:%Y-%m-%d}" if answer.again else "",
        )
        for line, answer in asked
    )
    return Table(("line", "where", "decision", "because", "ask again"), rows, "Old lines")


def _doubts(asked: Sequence[tuple[Line, Answer]]) -> Iterator[str]:
    """Yield what a person has to decide or to mend."""
    for line, answer in asked:
        if answer.verdict is Verdict.UNKNOWN:
            yield f"line {line.line} in {line.environment}: {answer.text}"
