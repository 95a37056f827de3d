"""What stands between a line on its way out and its callers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from ci_steps.endings import Window
from ci_steps.model import (
    Line,
)
from ci_steps.protocols.progress import Progress

if TYPE_CHECKING:
    from ci_steps.outside import Outside


@dataclass(frozen=True)
class Leaving:
    """A line on its way out, and what its callers are to meet from now on.

    `step` is a step of ``ci-steps retire``, and nothing where all are undone. `slots` are the
    instance places of the line. `links` are pages by their relation, `headers` say the end.
    """

    line: Line
    step: str
    slots: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    windows: tuple[Window, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Return what callers are told in words."""
        how = "is gone" if self.step in {"gone", "removed"} else "is switched off"
        return f"line {self.line.line} of {self.line.service} {how}"


class Front(Protocol):
    """What stands between a line and its callers: ``fronts/process.py``, ``fronts/nginx.py``.

    A front that counts callers has ``callers(leaving, options, outside) -> tuple[Caller, ...]``
    as well: whoever was refused since the line was drained.
    """

    @property
    def Options(self) -> type[Any]:  # noqa: N802
        """What ci-steps.yaml may say under the front's name."""

    def meet(self, leaving: Leaving, options: Any, outside: Outside, progress: Progress) -> str:
        """Let callers meet *leaving*, whatever they met before, and say what was done.

        The same again changes nothing. Raise what is wrong outside; then nothing is recorded.
        """
