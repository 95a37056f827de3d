"""What a run came to, step by step."""

from __future__ import annotations

from dataclasses import dataclass

from ci_steps.config.plan import PlannedStep
from ci_steps.model import Status, StepResult, Table


@dataclass(frozen=True)
class Ran:
    """A step that was visited, what it answered, and how long it took."""

    step: PlannedStep
    result: StepResult
    seconds: float

    def document(self) -> dict[str, object]:
        """Return it as JSON can hold it."""
        result = self.result
        return {
            "step": self.step.name,
            "environment": self.step.environment,
            "status": result.status.value,
            "summary": result.summary,
            "seconds": round(self.seconds, 3),
            "hint": result.hint,
            "warnings": list(result.warnings),
            "outputs": dict(result.outputs),
            "tables": [_table_document(table) for table in result.tables],
        }


@dataclass(frozen=True)
class Report:
    """What a run came to."""

    service: str
    version: str
    commit: str
    ran: tuple[Ran, ...]

    @property
    def failure(self) -> Ran | None:
        """Return the step that failed, if one did."""
        return next((one for one in self.ran if one.result.failed), None)

    @property
    def exit_code(self) -> int:
        """Return 0, or what the failed step says."""
        return self.failure.result.exit_code if self.failure else 0

    @property
    def last_line(self) -> str:
        """Return what came of it, in one line."""
        what = f"{self.service} {self.version}"
        if self.failure:
            return f"{what}: {self.failure.step.title} failed"
        rehearsed = any(one.result.status is Status.REHEARSED for one in self.ran)
        return f"{what}: rehearsed, nothing was touched" if rehearsed else f"{what}: done"

    @property
    def status(self) -> Status:
        """Return what became of the whole: a failure wins, and skipped is only all skipped."""
        found = {one.result.status for one in self.ran}
        order = (Status.FAILED, Status.REHEARSED, Status.PASSED)
        return next((status for status in order if status in found), Status.SKIPPED)

    @property
    def outputs(self) -> dict[str, str]:
        """Return the outputs of all steps, a later step wins; and what was run, and its end."""
        of_steps = {key: text for one in self.ran for key, text in one.result.outputs.items()}
        return {**of_steps, "version": self.version, "status": self.status.value}

    def document(self) -> dict[str, object]:
        """Return it as the answer of ``--json``."""
        return {
            "schema": "ci-steps/report/1",
            "service": self.service,
            "version": self.version,
            "commit": self.commit,
            "passed": self.failure is None,
            "steps": [one.document() for one in self.ran],
        }


def _table_document(table: Table) -> dict[str, object]:
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return {"title": table.title, "rows": rows}
