"""How two contracts are compared, and the service's own contract and uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from ci_steps.comparisons.changes import Change, Compared, Contract
from ci_steps.model import (
    Release,
)

if TYPE_CHECKING:
    from ci_steps.outside import Outside


class ContractFormat(Protocol):
    """A format of contracts; the module has ``Options``, too."""

    def recognises(self, name: str, content: bytes) -> bool:
        """Return whether a file of that name, which begins with *content*, is of this format."""

    def compare(
        self, old: Contract, new: Contract, options: Any, outside: Outside
    ) -> tuple[Change, ...]:
        """Return what callers of *old* notice when they meet *new*, the worst first.

        ContractError if either cannot be read or compared: that is never "no change".

        A format may also have ``narrower(old, options, outside)``, which returns what says which
        changes of *old* touch whom: see `ci_steps.uses.narrowed`. With ``compare_narrowing(old,
        new, options, outside)`` it answers both from one reading.
        """


class OwnContract(Protocol):
    """The description of the service's API, as it is in its folder; read once a job."""

    @property
    def digest(self) -> str:
        """What tells it from others, nothing without a contract."""

    def compared(self, before: Release) -> Compared:
        """Return what callers of the release *before* notice; the answer is kept."""


class OwnUses(Protocol):
    """What the service says it uses of those it depends on; read once a job."""

    @property
    def digests(self) -> Mapping[str, str]:
        """What tells its uses from others, by provider; ConfigError if they cannot be read."""
