"""The contract of the service in this folder: read once, kept with the release, compared."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ci_steps.comparisons.changes import Change, Compared, Contract, Level
from ci_steps.errors import ContractError, OutsideError
from ci_steps.jobs.contract_sources import contract_at

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from ci_steps.dictionary.store import Dictionary
    from ci_steps.jobs.comparing import Formats
    from ci_steps.model import Release

GONE = Change(
    "contract-removed",
    Level.BREAKING,
    "contract",
    "the release before described its API, and this one does not",
)


@dataclass(frozen=True)
class _Read:
    main: str
    format: str
    files: dict[str, bytes]


class OwnContract:
    """What `ci_steps.protocols.OwnContract` says, for a file or folder below *root*."""

    def __init__(
        self, root: Path, path: Path | None, formats: Formats, dictionary: Dictionary
    ) -> None:
        inside = path is None or path.resolve().is_relative_to(root.resolve())
        self._root, self._path = (root if inside or path is None else path.parent), path
        self._formats, self._dictionary = formats, dictionary
        self._answers: dict[str, Compared] = {}

    @cached_property
    def digest(self) -> str:
        """What tells it from others; ContractError if it cannot be read."""
        if self._path is None:
            return ""
        from ci_steps.dictionary.contracts.kept import digest_of

        return digest_of(self._read.main, self._read.files)

    def keep(self, connection: Connection) -> None:
        """Keep it, so that the next release can be compared with it."""
        if self._path is not None:
            from ci_steps.dictionary.contracts.kept import keep_contract

            keep_contract(connection, self._read.main, self._read.files)

    def compared(self, before: Release) -> Compared:
        """Return what callers of the release *before* notice; asked once a job, and kept."""
        known = before.contract_digest
        if known not in self._answers:
            self._answers[known] = self._compared(before)
        return self._answers[known]

    def _compared(self, before: Release) -> Compared:
        if not before.contract_digest:
            return Compared(problem=f"the contract of {before.version} is not known")
        if not self.digest:
            return Compared((GONE,))
        if before.contract_digest == self.digest:
            return Compared(format=self._read.format, same=True)
        return self._changed(before)

    def _changed(self, before: Release) -> Compared:
        old = self._kept(before)
        if old is None:
            return Compared(
                problem=f"the contract changed, and that of {before.version} is not kept"
            )
        if not self._read.format:
            return Compared(problem="the contract changed, and its format is not known")
        try:
            return self._compare(before, old)
        except (ContractError, OutsideError) as error:
            return Compared(problem=f"the contract changed: {error}", serious=True)

    def _kept(self, before: Release) -> Contract | None:
        from ci_steps.dictionary.contracts.kept import kept_contract

        name = f"{before.service}@{before.version}"
        with self._dictionary.reading() as connection:
            return kept_contract(connection, before.contract_digest, name)

    def _compare(self, before: Release, old: Contract) -> Compared:
        from ci_steps.dictionary.contracts.kept import Comparison, keep_comparison

        changes = self._formats.compare(old, self._contract)
        if self._dictionary.is_read_only:
            return Compared(changes, self._read.format)
        format_ = self._read.format
        compared = Comparison(before.contract_digest, self.digest, format_, changes)
        now = self._formats.outside.now()

        def keep(connection: Connection) -> None:
            self.keep(connection)
            keep_comparison(connection, compared, now)

        self._dictionary.write(keep)
        return Compared(changes, format_)

    @property
    def _contract(self) -> Contract:
        return Contract(self._name, self._read.main, self._read.files)

    @property
    def _name(self) -> str:
        return self._path.relative_to(self._root).as_posix() if self._path else ""

    @cached_property
    def _read(self) -> _Read:
        contract = contract_at(self._root, self._name)
        format_ = self._formats.of(contract)
        return _Read(contract.main, format_, self._formats.parts(contract, format_))
