"""How the gates before a deployment are called, for whoever passes one on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

APPROVAL = "approval"
MAY_DEPLOY = "may-deploy"
# The two ends of one verdict have one name together.
ENDS = ("dependencies", "dependents")

NAMES = (
    *("commit", "unit-test", "version-check", "integration-test", APPROVAL),
    *(*ENDS, "retirement", "rollback-note"),
)

# What may be passed on purpose: a gate, or both ends of the verdict by its name.
OVERRIDABLE = (*NAMES, MAY_DEPLOY)


def overridable(gates: Iterable[str]) -> tuple[str, ...]:
    """Return gates by the names of just one each."""
    return tuple(one for name in gates for one in (ENDS if name == MAY_DEPLOY else (name,)))


def to_override(gate: str) -> str:
    """Return by which name one passes *gate* on purpose."""
    return MAY_DEPLOY if gate in ENDS else gate
