"""What `ci-steps notices send` and `tick` say where they only look: `--dry-run`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ci_steps.console import Console
    from ci_steps.notices.dry_run import Would


def show(console: Console, would: Sequence[Would], lines: Sequence[str] = ()) -> None:
    """Say what would be done and who would be told."""
    for line in (*lines, *map(_would_tell, would)):
        console.result(line)
    if not (lines or would):
        console.result("nothing is waiting")
    console.note("a dry run: nothing was sent and nothing was written")


def document(
    command: str, would: Sequence[Would], also: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the same for programs, with the words of each message."""
    messages = [asdict(one) for one in would]
    schema = f"ci-steps/notices-{command}-dry-run/1"
    return {"schema": schema, **(also or {}), "messages": messages}


def _would_tell(one: Would) -> str:
    is_elsewhere = f"({one.channel} {one.address})" not in one.line
    elsewhere = f", sent to {one.address}" if is_elsewhere else ""
    looked_up = ", if it is not there yet" if one.may_be_there else ""
    return f"would tell {one.line}{elsewhere}{looked_up}"
