"""What a target does where nothing may be brought back: it leaves what is there, and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from ci_steps.errors import CiStepsError, RefusedError

if TYPE_CHECKING:
    from ci_steps.protocols import Progress

LEFT = "it was left as it is"


def leave(reason: BaseException, progress: Progress, left: str = LEFT) -> NoReturn:
    """Say loudly that nothing is rolled back, and raise *reason* with what is there now."""
    progress.note(f"not rolled back, for the database cannot be: {left}")
    if isinstance(reason, CiStepsError):
        raise RefusedError(f"{reason}; {left}", hint=reason.hint) from reason
    raise reason
