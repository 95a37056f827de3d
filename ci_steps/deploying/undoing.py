"""What was begun and does not end well is undone, whatever the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ci_steps.errors import CiStepsError, NotBroughtBackError

# What ran before is known to start: it is waited for, however short the patience with others.
LEAST_SECONDS = 60.0


@contextmanager
def undone(undo: Callable[[], object]) -> Iterator[None]:
    """Call *undo* where the block is left by a refusal, an error, or somebody's Ctrl-C.

    That it failed is said with the reason, and in its place where somebody interrupted us.
    """
    try:
        yield
    except BaseException as reason:
        try:
            undo()
        except CiStepsError as error:
            if not isinstance(reason, CiStepsError):
                raise
            is_said = isinstance(error, NotBroughtBackError)
            text = f"{reason}; {'' if is_said else 'the rollback failed as well: '}{error}"
            hint = "\n".join(filter(None, (reason.hint, error.hint)))
            raise NotBroughtBackError(text, hint=hint) from reason
        raise
