"""What a run came to, step by step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ci_steps.model import Status
from ci_steps.protocols import Facts
from ci_steps.reporting.closing import last_line
from ci_steps.reporting.ran import Ran

__all__ = ["Ran", "Report"]


@dataclass(frozen=True)
class Report:
    """What a run came to; `seconds` is all of it, the steps and what is between them."""

    service: str
    version: str
    commit: str
    ran: tuple[Ran, ...]
    seconds: float = 0.0
    job: Facts = field(default_factory=Facts)
    again: str = ""

    @property
    def failure(self) -> Ran | None:
        """Return the step that failed, if one did."""
        return next((one for one in self.ran if one.result.failed), None)

    @property
    def exit_code(self) -> int:
        """Return 0, or what the failed step says."""
        return self.failure.result.exit_code if self.failure else 0

    @property
    def rehearsed(self) -> bool:
        """Return whether nothing was touched."""
        return any(one.result.status is Status.REHEARSED for one in self.ran)

    @property
    def last_line(self) -> str:
        """Return what came of it, in one line."""
        what = f"{self.service} {self.version}"
        steps = [one.document() for one in self.ran]
        return last_line(what, steps, self.seconds, self.again)

    @property
    def status(self) -> Status:
        """Return what became of the whole: a failure wins, and skipped is only all skipped."""
        found = {one.result.status for one in self.ran}
        order = (Status.FAILED, Status.REHEARSED, Status.PASSED, Status.STANDS)
        return next((status for status in order if status in found), Status.SKIPPED)

    @property
    def outputs(self) -> dict[str, str]:
        """Return the outputs of all steps, a later step wins; and what was run, and its end."""
        of_steps = {key: text for one in self.ran for key, text in one.result.outputs.items()}
        return {**of_steps, "version": self.version, "status": self.status.value}

    def document(self) -> dict[str, Any]:
        """Return it as the answer of ``--json``."""
        return {
            "schema": "ci-steps/report/1",
            "service": self.service,
            "version": self.version,
            "commit": self.commit,
            "passed": self.failure is None,
            "status": self.status.value,
            "last_line": self.last_line,
            "seconds": round(self.seconds, 3),
            "job": {"url": self.job.url, "branch": self.job.branch, "by": self.job.actor},
            "steps": [one.document() for one in self.ran],
        }
