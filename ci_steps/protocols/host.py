"""The CI system around a job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ci_steps.model import (
    Mark,
)

if TYPE_CHECKING:
    from ci_steps.outside import Outside


@dataclass(frozen=True)
class Facts:
    """What a CI host knows about the job; a disposable machine is gone when it ends."""

    commit: str = ""
    branch: str = ""
    url: str = ""
    actor: str = ""
    is_disposable: bool = False


@dataclass(frozen=True)
class Deployed:
    """A deployment as a CI host shows it: of what, where, how it ended, and in which words.

    `release` is the service at its version, as people write it.
    """

    release: str
    environment: str
    address: str
    text: str
    ended: bool


class Host(Protocol):
    """The CI system around the job: ``hosts/github_actions.py``."""

    def is_here(self, environ: Mapping[str, str]) -> bool:
        """Return whether the process runs in it."""

    def facts(self, environ: Mapping[str, str]) -> Facts:
        """Return what it says about the job."""

    def mask(self, secret: str) -> str:
        """Return the lines that keep *secret* out of the host's log, or nothing."""

    def quoted(self, text: str) -> str:
        """Return *text* so that the host takes no line of it for a command."""

    def group(self, title: str) -> tuple[str, str]:
        """Return the lines that open and close a foldable part of the log.

        Between them the host takes nothing for a command.
        """

    def annotation(self, level: str, text: str, file: str = "", line: int = 0) -> str:
        """Return the line that marks a place; *level* is ``error`` or ``warning``."""

    def keep_marks(self, marks: Sequence[Mark], outside: Outside) -> None:
        """Keep the same places in a file, where the host reads them from one."""

    def hand_over(self, outputs: Mapping[str, str], summary: str, outside: Outside) -> None:
        """Give outputs to later steps and a Markdown *summary* to people."""

    def comment(self, topic: str, text: str, outside: Outside) -> str:
        """Keep one comment of *topic* where the change is discussed, and say where.

        Return nothing where there is no such place; OutsideError where the host refuses.
        """

    def deployed(self, where: Deployed, outside: Outside) -> None:
        """Tell the host's page of environments; OutsideError where it refuses."""
