"""Comparing two contracts: the format is recognised by content, and what is read is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ci_steps import registry
from ci_steps.comparisons.changes import Change, Contract
from ci_steps.errors import ContractError, UsageError
from ci_steps.uses.narrowed import Narrowed, Narrower
from ci_steps.writing.nearest import did_you_mean

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.protocols import ContractFormat
    from ci_steps.uses.values import Uses

# As much of a file as tells its format.
_BEGINNING_BYTES = 65_536


@dataclass(frozen=True)
class Formats:
    """The formats with their options, those of the configuration or the usual ones."""

    outside: Outside
    options: Mapping[str, Any] = field(default_factory=dict)

    def of(self, contract: Contract) -> str:
        """Return the name of the format of *contract*, nothing if it is none of ours.

        Of a folder it is the first format that has a file there: others are what that refers to.
        """
        beginnings: dict[str, bytes] = {}
        for name in _starts(contract):
            content = contract.files.get(name)
            if content is None:
                raise ContractError(f"{contract.name}: {name}: no such file")
            beginnings[name] = content[:_BEGINNING_BYTES]
        for format_, module in registry.CONTRACTS.items():
            if any(module.recognises(name, content) for name, content in beginnings.items()):
                return format_
        return ""

    def named(self, name: str) -> ContractFormat:
        """Return a format by name; UsageError if there is none."""
        try:
            return registry.CONTRACTS[name]
        except KeyError:
            raise UsageError(
                f"unknown format {name!r}{did_you_mean(name, registry.CONTRACTS)}",
                hint=f"Known are {', '.join(registry.CONTRACTS)}.",
            ) from None

    def compare(self, old: Contract, new: Contract, format_: str = "") -> tuple[Change, ...]:
        """Return what callers of *old* notice, the worst first.

        ContractError if either cannot be read, or they are not of one format.
        """
        module, options = self._module(format_ or self._common(old, new))
        changes: tuple[Change, ...] = module.compare(old, new, options, self.outside)
        return changes

    def compare_for(self, old: Contract, new: Contract, uses: Uses, format_: str = "") -> Narrowed:
        """Return what of the changes touches who uses *uses*; a large *old* is read only once."""
        format_ = format_ or self._common(old, new)
        module, options = self._module(format_)
        if not hasattr(module, "compare_narrowing"):
            changes = self.compare(old, new, format_)
            return self.narrower(old, format_)(changes, uses)
        changes, narrow = module.compare_narrowing(old, new, options, self.outside)
        return _unless_unmapped(narrow)(changes, uses)

    def narrower(self, old: Contract, format_: str = "") -> Narrower:
        """Return what says which changes of *old* touch whom; ContractError if it cannot be read.

        *old* is read once, however many ask.
        """
        format_ = format_ or self.of(old)
        module, options = self._module(format_)
        if not hasattr(module, "narrower"):
            said = f"{format_} cannot be narrowed: every change counts as touching you"
            return lambda changes, _: Narrowed(tuple(changes), doubts=(said,))
        return _unless_unmapped(module.narrower(old, options, self.outside))

    def _module(self, format_: str) -> tuple[Any, Any]:
        module: Any = self.named(format_)
        return module, self.options.get(format_) or module.Options()

    def parts(self, contract: Contract, format_: str) -> dict[str, bytes]:
        """Return the files that *contract* is made of: those that are read to compare it.

        ContractError if it cannot be read: such a contract proves nothing later.
        """
        if not format_:
            return {name: contract.files[name] for name in _starts(contract)}
        watched = _Watched(contract.files)
        seen = Contract(contract.name, contract.main, watched)
        self.compare(seen, seen, format_)
        return watched.read

    def _common(self, old: Contract, new: Contract) -> str:
        before, after = self.of(old), self.of(new)
        for contract, format_ in ((old, before), (new, after)):
            if not format_:
                raise ContractError(
                    f"{contract.name}: its format is not known",
                    hint=f"Known are {', '.join(registry.CONTRACTS)}; --format says which it is.",
                )
        if before != after:
            raise ContractError(
                f"{old.name} is {before} and {new.name} is {after}: they cannot be compared",
                hint="A contract in another format is a new one: callers have to move to it.",
            )
        return after


def _unless_unmapped(narrow: Narrower) -> Narrower:
    """Return what narrows only where all that is used can be in a description of an API."""

    def narrowed(changes: Sequence[Change], uses: Uses) -> Narrowed:
        if uses.unmapped:
            return Narrowed(tuple(changes), doubts=uses.unmapped)
        return narrow(changes, uses)

    return narrowed


def _starts(contract: Contract) -> list[str]:
    return [contract.main] if contract.main else list(contract.files)


class _Watched(Mapping[str, bytes]):
    """Files that know which of them were read."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self.read: dict[str, bytes] = {}

    def __getitem__(self, name: str) -> bytes:
        content = self._files[name]
        self.read[name] = content
        return content

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)
