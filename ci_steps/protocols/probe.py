"""How the version of a provider is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ci_steps.endings import Ending
from ci_steps.model import (
    Deployment,
)
from ci_steps.versions import Version

if TYPE_CHECKING:
    from ci_steps.outside import Outside


@dataclass(frozen=True)
class Question:
    """Which version of *provider* runs? `live` is what the dictionary says about it."""

    provider: str
    environment: str
    live: tuple[Deployment, ...] = ()
    timeout_seconds: float = 5.0

    def filled(self, text: str, written: Callable[[str], str] = str) -> str:
        """Return *text* with {provider} and {environment} filled in, as they are *written*."""
        for name, value in (("provider", self.provider), ("environment", self.environment)):
            text = text.replace(f"{{{name}}}", written(value))
        return text


@dataclass(frozen=True)
class Found:
    """One answer: a version and where it was seen, or why there is none.

    `released` answers name what exists; the others name what runs. `recorded` ones are the
    dictionary's word, which what really answers at the same `address` overrules. `ending` is
    what it says about its own end. `disagrees` is set where callers may meet another version
    instead: `ci_steps.deploying.replicas` says of whom.
    """

    where: str
    version: Version | None = None
    problem: str = ""
    released: bool = False
    recorded: bool = False
    address: str = ""
    ending: Ending | None = None
    disagrees: str = ""


class Probe(Protocol):
    """A way to read a version: ``probes/http.py``, ``probes/git.py``, ``probes/dictionary.py``."""

    @property
    def Options(self) -> type[Any]:  # noqa: N802
        """What ci-steps.yaml may say under the probe's name."""

    def ask(self, question: Question, options: Any, outside: Outside) -> tuple[Found, ...]:
        """Return every version that answers; a problem is an answer too, nothing is raised."""
