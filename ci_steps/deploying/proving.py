"""A deployment is done when every address answers the new version, and goes on doing so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_steps.addresses import without_credentials
from ci_steps.deploying.answers import running_version
from ci_steps.errors import OutsideError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ci_steps.outside import Outside
    from ci_steps.versions import Version

_POLL_SECONDS = 0.25


@dataclass(frozen=True)
class Expected:
    """Which version an address must answer, under which path, and where in the answer."""

    version: Version
    path: str = "/version"
    key: str = "version"

    def problem(self, address: str, outside: Outside) -> str:
        """Return why *address* does not answer the version, or nothing when it does."""
        url = address.rstrip("/") + self.path
        try:
            found = running_version(outside, url, key=self.key)
        except OutsideError as error:
            return f"{url}: {error}"
        return "" if found == self.version else f"{url} answers version {found}"


def await_version(
    expected: Expected,
    addresses: Iterable[str],
    outside: Outside,
    *,
    timeout_seconds: float,
    check: Callable[[], None] = lambda: None,
) -> None:
    """Return when each of *addresses* has answered; RefusedError says which did not in time.

    Meanwhile *check* may raise, where it is known that nothing will ever answer.
    """
    deadline = outside.seconds() + timeout_seconds
    waiting = tuple(addresses)
    while True:
        problems = _problems(expected, waiting, outside)
        if not problems:
            return
        if outside.seconds() > deadline:
            raise RefusedError(
                _joined(problems),
                hint=f"It was asked for {timeout_seconds:g} s.",
            )
        check()
        waiting = tuple(problems)
        outside.pause(_POLL_SECONDS)


def watch(
    expected: Expected, addresses: Iterable[str], outside: Outside, *, seconds: float
) -> None:
    """Return when all of *addresses* went on answering for *seconds*; RefusedError if not."""
    watched = tuple(addresses)
    deadline = outside.seconds() + seconds
    while not outside.rehearsing and outside.seconds() < deadline:
        outside.pause(min(_POLL_SECONDS, seconds))
        if problems := _problems(expected, watched, outside):
            raise RefusedError(f"it answered, and then no more: {_joined(problems)}")


def _problems(expected: Expected, addresses: tuple[str, ...], outside: Outside) -> dict[str, str]:
    answers = outside.parallel(lambda address: expected.problem(address, outside), addresses)
    return {address: why for address, why in zip(addresses, answers, strict=True) if why}


def _joined(problems: dict[str, str]) -> str:
    return without_credentials("; ".join(problems.values()))
