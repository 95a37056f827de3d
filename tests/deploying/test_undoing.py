"""What was begun is undone whatever the reason, and nothing hides that reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import pytest

from ci_steps.deploying.undoing import undone
from ci_steps.errors import OutsideError, RefusedError


def fails_with(error: BaseException) -> Callable[..., NoReturn]:
    def fail(*_: object) -> NoReturn:
        raise error

    return fail


def test_what_ends_well_is_not_undone() -> None:
    with undone(fails_with(AssertionError("undone"))):
        pass


@pytest.mark.parametrize("reason", [RefusedError("it ended"), OSError("full"), KeyboardInterrupt()])
def test_whatever_the_reason_it_is_undone_and_the_reason_goes_on(reason: BaseException) -> None:
    calls: list[str] = []
    with pytest.raises(type(reason)) as raised, undone(lambda: calls.append("undone")):
        raise reason
    assert (raised.value, calls) == (reason, ["undone"])


def test_that_it_could_not_be_undone_is_told_with_the_reason_and_its_hint() -> None:
    with pytest.raises(RefusedError) as raised, undone(fails_with(OutsideError("no engine"))):
        raise RefusedError("it ended", hint="It printed last: out of memory")
    assert str(raised.value) == "it ended; the rollback failed as well: no engine"
    assert raised.value.hint == "It printed last: out of memory"


def test_after_an_interruption_only_what_failed_is_there_to_say() -> None:
    with (
        pytest.raises(OutsideError, match="no engine"),
        undone(fails_with(OutsideError("no engine"))),
    ):
        raise KeyboardInterrupt
