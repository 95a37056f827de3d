"""Reading the parts that versions are made of, with the reason when a part is wrong."""

from __future__ import annotations

from datetime import date

from ci_steps.errors import VersionError

# What a Kubernetes label and a part of a host name can hold.
LONGEST = 63

_FIRST_YEAR = 2000
_DAY_DIGITS = 8


class UnreadableError(Exception):
    """Why a part cannot be read; whoever knows the whole text makes a VersionError of it."""


def text_of(value: object, what: str = "a version") -> str:
    """Return *value* if it is text; YAML makes numbers of versions without quotes."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        reason = "it is a number, and YAML turns an unquoted 1.10 into 1.1 and 010 into 8"
    else:
        reason = f"expected text, got {type(value).__name__}"
    raise VersionError(value, reason, what=what, hint='Put it in quotes, like "1.10".')


def check_characters(text: str) -> None:
    """Refuse what no scheme can read, whatever the rest of the text says."""
    if not text:
        raise UnreadableError("it is empty")
    if len(text) > LONGEST:
        raise UnreadableError(f"longer than {LONGEST} characters")
    strange = next((char for char in text if not "!" <= char <= "~"), None)
    if strange is not None:
        raise UnreadableError(f"{strange!r} is not an ASCII letter, digit or sign")
    if "+" in text:
        raise UnreadableError(
            "build metadata (+…) is refused: registries and labels do not take it"
        )


def number(digits: str) -> int:
    """Read a slot; 01 is refused because it would be a second way to write 1."""
    if digits != "0" and digits.startswith("0"):
        raise UnreadableError(f"leading zero in {digits}")
    return int(digits)


def first_day(digits: str) -> date:
    """Read ``yyyymmdd``, or ``yyyymm`` as the first day of that month."""
    kind = "day" if len(digits) == _DAY_DIGITS else "month"
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:] or 1))
    except ValueError:
        raise UnreadableError(f"no calendar has a {kind} {digits}") from None
    if day.year < _FIRST_YEAR:
        raise UnreadableError(f"dates start in {_FIRST_YEAR}, {digits} is earlier")
    return day
