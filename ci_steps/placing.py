"""Bringing what callers of a line meet, and which line they meet, to where a server reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ci_steps.deploying.last_words import last_words
from ci_steps.deploying.undoing import undone
from ci_steps.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci_steps.outside import Outside
    from ci_steps.protocols import Leaving, Progress

_SECONDS = 600


def filled(text: str, leaving: Leaving) -> str:
    """Return *text* with the names of the line."""
    for name in ("service", "line", "environment"):
        text = text.replace(f"{{{name}}}", getattr(leaving.line, name))
    return text


def place_file(
    leaving: Leaving,
    name: str,
    content: str,
    reload: Sequence[str],
    outside: Outside,
    progress: Progress,
) -> str:
    """Write a file and let a server read it; where it does not, what was there is back."""
    file = Path(filled(name, leaving))
    with placed(file, content.encode(), outside):
        carried_out(leaving, reload, outside, progress, {"CI_STEPS_FILE": str(file)})
    return f"{file} is written, and read"


@contextmanager
def placed(file: Path, content: bytes, outside: Outside) -> Iterator[None]:
    """Write *file*; where the block does not put it in force, what was there before is back."""
    before = file.read_bytes() if file.is_file() else None

    def take_back() -> None:
        if before is None:
            outside.remove(file)
        else:
            outside.write(file, before)

    outside.write(file, content)
    with undone(take_back):
        yield


def remove_image(
    leaving: Leaving, command: Sequence[str], outside: Outside, progress: Progress
) -> None:
    """Let the image of a line be removed; RefusedError where nothing says how."""
    if not command:
        raise RefusedError(
            f"nothing says how the image of line {leaving.line.line} is removed",
            hint="Give the front a remove command: retirement.front.….remove.",
        )
    carried_out(leaving, command, outside, progress)


def carried_out(
    leaving: Leaving,
    command: Sequence[str],
    outside: Outside,
    progress: Progress,
    more: Mapping[str, str] | None = None,
) -> None:
    """Run a command that is told which line and step it is about; RefusedError if it fails."""
    told = {
        "CI_STEPS_SERVICE": leaving.line.service,
        "CI_STEPS_LINE": leaving.line.line,
        "CI_STEPS_ENVIRONMENT": leaving.line.environment,
        "CI_STEPS_RETIRE_STEP": leaving.step,
        **(more or {}),
    }
    ended = outside.run(command, env=told, timeout_seconds=_SECONDS, on_line=progress.line)
    if not ended.ok:
        raise RefusedError(
            f"{command[0]} did not let callers meet it: {ended.how}",
            hint=last_words(ended.output.splitlines()),
        )
