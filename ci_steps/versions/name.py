"""What a service may be called."""

from __future__ import annotations

import re

from ci_steps.errors import UsageError
from ci_steps.versions.reading import LONGEST

_ALLOWED = re.compile(r"[a-z0-9-]*")
_VERSION_LIKE = re.compile(r"v[0-9]+")


def check_name(text: str, *, long_form: bool = False, what: str = "a service name") -> str:
    """Return *text* if it is a service name, or raise UsageError with the reason.

    A part that begins with a digit, as in ``auth-2``, is refused unless *long_form* is set:
    in a requirement such as ``auth-2-1.1`` nobody could tell the name from the version.
    """
    reason = _why_not(text, may_begin_with_digit=long_form)
    if reason:
        raise UsageError(
            f"{_begin(text)!r} is not {what}: {reason}",
            hint="Use lower-case words of letters and digits joined by hyphens, like billing-api.",
        )
    return text


def _begin(text: object) -> object:
    """Return a text so that it fits in a line; nobody reads the end of a long one."""
    is_long = isinstance(text, str) and len(text) > 2 * LONGEST
    return f"{str(text)[:LONGEST]}…" if is_long else text


def _why_not(text: object, *, may_begin_with_digit: bool) -> str:
    if not isinstance(text, str):
        return f"expected text, got {type(text).__name__}"
    if not text:
        return "it is empty"
    if len(text) > LONGEST:
        return f"longer than {LONGEST} characters"
    if not _ALLOWED.fullmatch(text):
        strange = next(char for char in text if not _ALLOWED.fullmatch(char))
        return f"{strange!r} is not one of a-z, 0-9 and the hyphen"
    return _why_no_parts(text.split("-"), may_begin_with_digit=may_begin_with_digit)


def _why_no_parts(parts: list[str], *, may_begin_with_digit: bool) -> str:
    if "" in parts:
        return "a hyphen is only for joining two words"
    for index, part in enumerate(parts):
        if part[0].isdigit() and not (may_begin_with_digit and index > 0):
            return f"{part!r} begins with a digit"
        if _VERSION_LIKE.fullmatch(part):
            return f"{part!r} reads like a version"
    return ""
