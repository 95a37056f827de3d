"""Which changes of an interface touch somebody who compiles only a part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.comparisons.changes import Change, Contract
from ci_steps.errors import ContractError
from ci_steps.uses.by_name import doubts_about, doubts_about_calls, lies_in, reached
from ci_steps.uses.narrowed import Narrowed, narrowed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ci_steps.protobuf_rules.places import Index
    from ci_steps.uses.values import Uses


def narrow(
    changes: Sequence[Change], uses: Uses, old: Index, compiled: Callable[[Contract], Index]
) -> Narrowed:
    """Return which of *changes* touch who uses *uses* of *old*; in doubt all.

    Who compiles a field uses it, and one is the same by its name or by its number; *compiled*
    says what files declare.
    """
    doubts = [*doubts_about_calls(uses.calls, "protobuf")]
    doubts += [f"{file} is GraphQL, and the contract is protobuf" for file in uses.documents]
    names = [_without_package(name.replace("/", "."), old) for name in uses.names]
    doubts += doubts_about(names, old.places)
    used = reached(names, old.places, old.types)
    if names and not used & old.methods:
        used |= old.methods  # nobody says by which of them the messages come
    try:
        used |= _declared(uses, old, compiled)
    except ContractError as error:
        doubts.append(str(error).partition("\n")[0])
    if uses.interfaces and not doubts and not used & set(old.places):
        doubts.append(f"nothing of {', '.join(uses.interfaces)} is in the contract")
    return narrowed(changes, lambda change: bool(doubts) or _touches(change, used, old), doubts)


def _declared(uses: Uses, old: Index, compiled: Callable[[Contract], Index]) -> set[str]:
    """Return what the files of a dependent declare, as the contract calls it."""
    if not uses.interfaces:
        return set()
    files = {name: text.encode() for name, text in uses.interfaces.items()}
    own = compiled(Contract(", ".join(uses.interfaces), "", files))
    return {old.names.get(name, name) for name in own.places}


def _touches(change: Change, used: set[str], old: Index) -> bool:
    """Return whether *change* is about what is used, or about what nobody can place."""
    subject = change.subject
    if subject not in old.places:
        return True
    return any(lies_in(one, subject) for one in used)


def _without_package(name: str, old: Index) -> str:
    """Return ``Tokens.Get`` of ``auth.v1.Tokens.Get``: findings leave the package out."""
    parts = name.split(".")
    heads = (".".join(parts[:length]) for length in range(len(parts) - 1, 0, -1))
    package = next((one for one in heads if one in old.places), "")
    rest = name[len(package) + 1 :] if package else name
    return rest if name not in old.places and rest in old.places else name
