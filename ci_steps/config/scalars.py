"""Single values: what a text, a number, a command and a requirement may look like in a file."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Mapping
from typing import Any

from ci_steps.errors import CiStepsError
from ci_steps.options import Command, OperationText, VersionText
from ci_steps.uses.operations import read_operation
from ci_steps.versions import Requirement, parse_requirement, requirement

_NOT_QUOTED = "is a number, not a version: YAML reads 1.10 as 1.1, so put it in quotes"
_SHOWN_CHARACTERS = 80


class NotThisError(Exception):
    """A value is not of the declared kind; the message says what was expected."""


def _text(raw: Any) -> str:
    if isinstance(raw, str):
        return raw
    quoted = ": put it in quotes" if isinstance(raw, int | float) else ""
    raise NotThisError(f"expected a text, got {shown(raw)}{quoted}")


def _version_text(raw: Any) -> VersionText:
    if _is_number(raw):
        raise NotThisError(f"{raw} {_NOT_QUOTED}")
    return VersionText(_text(raw))


def _true_or_false(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise NotThisError(f"expected true or false, got {shown(raw)}")
    return raw


def _whole_number(raw: Any) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool):
        raise NotThisError(f"expected a whole number, got {shown(raw)}")
    return raw


def _finite_number(raw: Any) -> float:
    if not _is_number(raw) or not math.isfinite(raw):
        raise NotThisError(f"expected a number, got {shown(raw)}")
    return float(raw)


def _command(raw: Any) -> Command:
    parts = raw
    if isinstance(raw, str):
        try:
            parts = shlex.split(raw)
        except ValueError as error:
            reason = str(error).lower()
            raise NotThisError(f"{shown(raw)} is not a command: {reason}") from None
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        text = f"expected a command such as [make, test], got {shown(raw)}; numbers go in quotes"
        raise NotThisError(text)
    if not parts or not parts[0]:
        raise NotThisError("expected a command such as [make, test], got none")
    return Command(tuple(parts))


def _requirement(raw: Any) -> Requirement:
    if _is_number(raw):
        raise NotThisError(f"{raw} {_NOT_QUOTED}")
    try:
        if isinstance(raw, Mapping) and set(raw) == {"service", "version"}:
            return requirement(_text(raw["service"]), _version_text(raw["version"]))
        if isinstance(raw, str):
            return parse_requirement(raw)
    except CiStepsError as error:
        raise NotThisError(f"{error}. {error.hint}".strip(". ") + ".") from None
    long_form = "{service: auth, version: '1.1'}"
    raise NotThisError(f"expected a requirement: auth-1.1 or {long_form}, got {shown(raw)}")


def _operation(raw: Any) -> OperationText:
    text = _text(raw)
    try:
        read_operation(text)
    except CiStepsError as error:
        raise NotThisError(f"{error}. {error.hint}".strip(". ") + ".") from None
    return OperationText(text)


SCALARS: Mapping[Any, Callable[[Any], Any]] = {
    str: _text,
    VersionText: _version_text,
    bool: _true_or_false,
    int: _whole_number,
    float: _finite_number,
    OperationText: _operation,
    Command: _command,
    Requirement: _requirement,
}


def _is_number(raw: Any) -> bool:
    return isinstance(raw, int | float) and not isinstance(raw, bool)


def shown(raw: Any) -> str:
    """Return what stands in the file, as YAML would have it."""
    if isinstance(raw, Mapping):
        return "keys and values"
    if isinstance(raw, list):
        return "a list"
    if raw is None or isinstance(raw, bool):
        return "nothing" if raw is None else str(raw).lower()
    text = repr(raw)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
