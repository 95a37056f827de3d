"""One line that people write -> a use.

Shapes
    ``GET /tokens`` and all that it answers, ``POST /login: token, items[*].id`` and only these
    fields of its answers, ``Token.expires`` as a schema or an interface calls it.
"""

from __future__ import annotations

import re

from ci_steps.errors import UsageError
from ci_steps.uses.fields import read_field
from ci_steps.uses.values import Call, Field, Uses
from ci_steps.writing.nearest import did_you_mean

METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE")
_CALL = re.compile(
    r"(?P<method>\S+)\s+(?P<path>/[^\s:]*(?::[^\s:]+)*)\s*(?P<colon>:)?(?P<fields>.*)"
)
# Of a schema, an interface, or a channel: Query.token(id:), auth.v1.Tokens/Get, orders/{shop}.
_NAME = re.compile(r"@?[\w{}-]+(?:[./][\w{}-]+)*(?:\(\w+:\))?")
_HINT = (
    "Write METHOD /path, with the response fields behind a colon (POST /login: token, user.name), "
    "or a name of a schema (Token.expires)."
)


def read_operation(text: str, said: str = "") -> Uses:
    """Return the use that *text*, found at *said*, declares; UsageError if it is none."""
    text = text.strip()
    found = _CALL.fullmatch(text)
    if found is None and _NAME.fullmatch(text):
        return Uses(names=(text,))
    if found is None:
        raise UsageError(f"{text!r} is not an operation", hint=_HINT)
    method = found["method"].upper()
    if method not in METHODS:
        raise UsageError(f"{text!r}: unknown method{did_you_mean(method, METHODS)}")
    fields = None if found["colon"] is None else _fields(text, found["fields"])
    return Uses((Call(method, found["path"], said, reads=fields),))


def _fields(text: str, listed: str) -> tuple[Field, ...]:
    fields = [read_field(one.strip()) for one in listed.split(",")]
    wrong = [one.strip() for one, read in zip(listed.split(","), fields, strict=True) if not read]
    if wrong:
        raise UsageError(
            f"{text!r}: {wrong[0]!r} is not a field"
            if wrong[0]
            else f"{text!r}: a field is missing",
            hint="Write fields like token, user.name or items[*].id, with commas between them.",
        )
    return tuple(one for one in fields if one)
