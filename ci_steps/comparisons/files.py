"""What every format of contracts asks of its files, and how it says that it cannot compare."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import PurePosixPath

from ci_steps.comparisons.changes import Change, Contract, Level, Location
from ci_steps.errors import ContractError

MOST_BYTES = 20_000_000
SPLIT = "Split it into files that refer to each other."
_CORRECT = "What cannot be read is not compared: correct the contract."


def files_of(contract: Contract, *suffixes: str) -> tuple[str, ...]:
    """Return the file to start at, or all with one of *suffixes*; ContractError if none has."""
    if contract.main:
        return (contract.main,)
    names = tuple(sorted(name for name in contract.files if name.lower().endswith(suffixes)))
    if not names:
        raise ContractError(f"{contract.name}: no file ends with {' or '.join(suffixes)}")
    return names


def text_of(contract: Contract, name: str) -> str:
    """Return a file as text; ContractError if it is not there, is too large or is not UTF-8."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise ContractError(f"{contract.name}: {name!r} leads out of the contract")
    content = contract.files.get(name)
    if content is None:
        raise ContractError(f"{contract.name}: {name}: no such file in the contract")
    if len(content) > MOST_BYTES:
        reason = f"{len(content):,} bytes, more than {MOST_BYTES:,}"
        raise unreadable(contract, Location(name), reason, hint=SPLIT)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise unreadable(contract, Location(name, line), "not UTF-8") from error


def unreadable(
    contract: Contract, place: Location, reason: str, *, hint: str = _CORRECT
) -> ContractError:
    """Return the error for a contract that is wrong at *place*."""
    shown = f"{contract.name}: {place}"
    if contract.name.endswith(place.file):
        shown = f"{contract.name}:{place.line}" if place.line else contract.name
    return ContractError(f"{shown}: {reason}", hint=hint)


def not_installed(
    what: str, extra: str, reason: str = "an optional package is missing"
) -> ContractError:
    """Return the error for a format whose library is missing; *extra* brings it."""
    return ContractError(
        f"{what} cannot be compared: {reason}",
        hint=f"Install it: pip install 'ci-steps[{extra}]'.",
    )


@contextmanager
def compared(old: Contract, new: Contract) -> Iterator[None]:
    """Make an error for people of what is nested more deeply than we can follow."""
    try:
        yield
    except RecursionError:
        raise ContractError(f"{old.name} and {new.name}: nested too deeply to compare") from None


def harmless(changes: Iterable[Change], rules: Collection[str]) -> Iterator[Change]:
    """Yield *changes*, those of *rules* as compatible: an option says that callers take them."""
    for change in changes:
        yield replace(change, level=Level.COMPATIBLE) if change.rule in rules else change


def worst_first(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return each change once, the worst first, then in the order of the places."""
    once = {(one.rule, one.subject, one.text): one for one in reversed(list(changes))}

    def order(change: Change) -> tuple[int, Location, str, str]:
        place = change.new or change.old or Location("")
        return -change.level, place, change.subject, change.rule

    return tuple(sorted(once.values(), key=order))
