"""What a target does where nothing may be brought back: it leaves what is there, and says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ci_steps.errors import CiStepsError, RefusedError

if TYPE_CHECKING:
    from ci_steps.protocols import Build, Progress

LEFT = "it was left as it is"


@contextmanager
def left_there(build: Build, progress: Progress, left: str = LEFT) -> Iterator[None]:
    """Say loudly of an irreversible *build* that fails that nothing is rolled back, and what is."""
    try:
        yield
    except BaseException as reason:
        if not build.is_irreversible:
            raise
        progress.note(f"not rolled back, for the database cannot be: {left}")
        if not isinstance(reason, CiStepsError):
            raise
        raise RefusedError(f"{reason}; {left}", hint=reason.hint) from reason
