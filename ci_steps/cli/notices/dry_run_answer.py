"""What `ci-steps notices send` and `tick` say where they only look: `--dry-run`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ci_steps.console import Console
    from ci_steps.notices.dry_run import Foreseen, Left, Would


def show(console: Console, foreseen: Foreseen, lines: Sequence[str] = ()) -> None:
    """Say what would be done, who would be told, and what would wait all the same."""
    said = (*lines, *map(_would_tell, foreseen.would), *map(_would_wait, foreseen.left))
    for line in said or ("nothing is waiting",):
        console.result(line)
    console.note("a dry run: nothing was sent and nothing was written")


def document(
    command: str, foreseen: Foreseen, also: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the same for programs, with the words of each message."""
    messages = [asdict(one) for one in foreseen.would]
    waiting = [asdict(one) for one in foreseen.left]
    schema = f"ci-steps/notices-{command}-dry-run/1"
    return {"schema": schema, **(also or {}), "messages": messages, "waiting": waiting}


def _would_wait(one: Left) -> str:
    number = "1 message" if one.messages == 1 else f"{one.messages} messages"
    verb = "waits" if one.messages == 1 else "wait"
    return f"{number} for {one.channel} still {verb}: {one.why}"


def _would_tell(one: Would) -> str:
    is_elsewhere = f"({one.channel} {one.address})" not in one.line
    elsewhere = f", sent to {one.address}" if is_elsewhere else ""
    looked_up = ", if it is not there yet" if one.may_be_there else ""
    return f"would tell {one.line}{elsewhere}{looked_up}"
