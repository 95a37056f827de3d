"""A provider with a GraphQL contract, and dependents that say what they use of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ci_steps.dictionary.contracts.kept import Comparison, keep_comparison, keep_contract
from ci_steps.dictionary.contracts.uses import keep_uses
from ci_steps.jobs.comparing import Formats
from ci_steps.jobs.narrowing import narrow_known
from ci_steps.outside import Outside
from ci_steps.uses.operations import read_operation
from ci_steps.uses.values import Uses
from tests.parts.contract_pairs import contract
from tests.parts.dictionaries import NOON, deployed, release

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary

_FILE = "api.graphql"
OLD = "type Query {\n  name: String\n  street: String\n  town: String\n}\n"
# Breaks who reads the street.
NEW = "type Query {\n  name: String\n  town: String\n}\n"
# Breaks who reads the town.
NEWER = "type Query {\n  name: String\n}\n"


def uses_of(*lines: str) -> Uses:
    return sum(map(read_operation, lines), Uses())


def described(dictionary: Dictionary, text: str) -> str:
    """Keep a contract, and return its digest."""
    with dictionary.writing() as connection:
        return keep_contract(connection, _FILE, {_FILE: text.encode()})


def compared(dictionary: Dictionary, old: str, new: str) -> tuple[str, str]:
    """Keep what became of comparing two contracts, and return their digests."""
    ends = described(dictionary, old), described(dictionary, new)
    pair = contract("old", {_FILE: old}, _FILE), contract("new", {_FILE: new}, _FILE)
    changes = Formats(Outside()).compare(*pair)
    with dictionary.writing() as connection:
        keep_comparison(connection, Comparison(*ends, "graphql", changes), NOON)
    return ends


def using(dictionary: Dictionary, label: str, needs: str, *lines: str, hours: float = 0) -> None:
    """Let ``gis 1.1`` run in production and say that it uses these *lines* of what it needs."""
    uses = uses_of(*lines)
    provider = needs.rpartition("-v")[0] or needs.rpartition("-")[0]
    with dictionary.writing() as connection:
        digest = keep_uses(connection, uses)
    shipped = replace(release(label, needs), uses={provider: digest})
    dictionary.record_deployment(shipped, deployed(shipped, hours=hours), production=True)


def narrow(dictionary: Dictionary, provider: str, contract_digest: str = "") -> None:
    """Learn which changes touch whom, as a deployment does."""
    narrow_known(dictionary, Formats(Outside()), provider, contract=contract_digest)
