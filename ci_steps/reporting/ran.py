"""A step that was visited, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ci_steps.config.plan import PlannedStep
from ci_steps.model import StepResult, Table
from ci_steps.moments import iso_text

OUTPUTS = ".ci-steps/outputs"


@dataclass(frozen=True)
class Ran:
    """A step that was visited, what it answered, when it began and how long it took."""

    step: PlannedStep
    result: StepResult
    seconds: float
    began_at: datetime | None = None

    @property
    def outputs_file(self) -> str:
        """Return the file with what a later step may read, from the service's folder."""
        return f"{OUTPUTS}/{self.step.title.replace(' ', '-')}.json"

    def document(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        result = self.result
        return {
            "step": self.step.name,
            "environment": self.step.environment,
            "status": result.status.value,
            "summary": result.summary,
            "began_at": iso_text(self.began_at) if self.began_at else "",
            "seconds": round(self.seconds, 3),
            "hint": result.hint,
            "warnings": list(result.warnings),
            "outputs": dict(result.outputs),
            "outputs_file": self.outputs_file,
            "facts": dict(result.facts),
            "tables": [_table_document(table) for table in result.tables],
        }


def _table_document(table: Table) -> dict[str, object]:
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return {"title": table.title, "rows": rows}
