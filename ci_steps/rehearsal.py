"""The world of a rehearsal: everything is read for real, nothing can be touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.outside.inert import InertOutside

if TYPE_CHECKING:
    from ci_steps.console import Console


def inert_world(console: Console) -> InertOutside:
    """Return an outside that says on *console* what a run would do, and does none of it."""
    return InertOutside(mask=console.mask, would=lambda what: console.line(f"would {what}"))
