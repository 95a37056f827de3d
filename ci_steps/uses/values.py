"""What a dependent uses of a provider, as values, and as the JSON that is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

# A step into any element of a list or a map.
EACH = "*"

_NAMES = ("query", "headers", "reads_headers")

Field = tuple[str, ...]
"""The way to a field: ``("items", "*", "name")``. All that is below its end is used."""


@dataclass(frozen=True)
class Call:
    """One HTTP operation as a dependent calls it; None and an empty status are not known.

    `path` is a template (``/tokens/{id}``) or one it was called with (``/tokens/42``). `said`
    is where it was said, for people.
    """

    method: str
    path: str
    said: str = ""
    query: tuple[str, ...] | None = None
    headers: tuple[str, ...] | None = None
    sends: tuple[Field, ...] | None = None
    status: str = ""
    reads: tuple[Field, ...] | None = None
    reads_headers: tuple[str, ...] | None = None

    def __str__(self) -> str:
        """Return the operation as people write it."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Uses:
    """All that a dependent uses of one provider; what is listed nowhere it does not use.

    `names` are those of a schema or an interface: ``Token.expires``. `documents` are GraphQL
    operations and `interfaces` are ``.proto`` files, both by the names of their files.
    `unmapped` are sentences about what is used and cannot be found in a description of an API.
    """

    calls: tuple[Call, ...] = ()
    names: tuple[str, ...] = ()
    documents: Mapping[str, str] = field(default_factory=dict, hash=False)
    interfaces: Mapping[str, str] = field(default_factory=dict, hash=False)
    unmapped: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Return whether anything is known."""
        return any(getattr(self, one.name) for one in fields(self))

    def __add__(self, other: Uses) -> Uses:
        """Return what both use together."""
        return Uses(
            tuple(dict.fromkeys([*self.calls, *other.calls])),
            tuple(dict.fromkeys([*self.names, *other.names])),
            {**self.documents, **other.documents},
            {**self.interfaces, **other.interfaces},
            tuple(dict.fromkeys([*self.unmapped, *other.unmapped])),
        )


def as_text(uses: Uses) -> str:
    """Return the JSON that is kept, the same for the same uses; the inverse of `from_text`."""
    document = {
        "calls": [_call_document(call) for call in uses.calls],
        "names": list(uses.names),
        "documents": dict(uses.documents),
        "interfaces": dict(uses.interfaces),
        "unmapped": list(uses.unmapped),
    }
    given = {key: value for key, value in document.items() if value}
    return json.dumps(given, sort_keys=True, separators=(",", ":"))


def from_text(text: str) -> Uses:
    """Return the uses that `as_text` wrote."""
    document = json.loads(text)
    return Uses(
        tuple(map(_call, document.get("calls", ()))),
        tuple(document.get("names", ())),
        document.get("documents", {}),
        document.get("interfaces", {}),
        tuple(document.get("unmapped", ())),
    )


def digest_of(uses: Uses) -> str:
    """Return the SHA-256 of uses as 64 hexadecimal digits; nothing if nothing is known."""
    return hashlib.sha256(as_text(uses).encode()).hexdigest() if uses else ""


def written(field_: Field) -> str:
    """Return the way to a field as people write it: ``items[*].name``."""
    return ".".join(field_).replace(f".{EACH}", f"[{EACH}]")


def _call_document(call: Call) -> dict[str, Any]:
    return {key: value for key, value in vars(call).items() if value is not None and value != ""}


def _call(document: Mapping[str, Any]) -> Call:
    ways = {
        key: tuple(tuple(way) for way in document[key])
        for key in ("sends", "reads")
        if key in document
    }
    names = {key: tuple(document[key]) for key in _NAMES if key in document}
    return Call(**{**document, **ways, **names})
