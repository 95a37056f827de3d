"""Where the names of a protobuf image are declared, and which of them a finding is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ci_steps.comparisons.changes import Location

# descriptor.proto: the numbers that lead to each kind of declaration in a file's source info.
_IN_FILE = (("messageType", 4), ("enumType", 5), ("service", 6))
_IN_MESSAGE = (("nestedType", 3), ("enumType", 4))
_MEMBERS = (("field", 2), ("oneofDecl", 8), ("value", 2), ("method", 2))
_PACKAGE = 2
METHOD = "rpc"  # a keyword, so that no message is called so
_TYPES = ("typeName", "inputType", "outputType")

_QUOTED = re.compile(r'(\w+) "([^"]*)"')
_OWNERS = ("message", "enum", "service")
_COUNTED = ("field", "value")
_NAMED = ("name", "rpc", "oneof", "extension", *_COUNTED)


@dataclass
class Index:
    """Places by ``Token``, ``Token.expires`` and, as findings count so, ``Token.2``.

    Findings call a nested message by its own name alone, so one name may have several. `types`
    are the messages and enums that a field or a method is of.
    """

    places: dict[str, list[Location]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    types: dict[str, set[str]] = field(default_factory=dict)

    @property
    def methods(self) -> set[str]:
        """The methods of services."""
        return {name for name, types in self.types.items() if METHOD in types}

    def place(self, subject: str, file: str) -> Location | None:
        """Return where *subject* is, in *file* if there are several; None if that is not known."""
        found = self.places.get(subject, [])
        same = [one for one in found if one.file == file] or found
        return same[0] if len(same) == 1 else None


def index(image: Mapping[str, Any]) -> Index:
    """Return where the names in an image, as `buf build` writes it, are declared."""
    made = Index()
    for file in image.get("file", ()):
        locations = file.get("sourceCodeInfo", {}).get("location", ())
        spans = {tuple(one.get("path", ())): one["span"] for one in locations}
        for name, path, number, types in _declared(file):
            made.types.setdefault(name, set()).update(types)
            span = spans.get(path)
            if span is None:
                continue
            place = Location(file["name"], span[0] + 1, span[1] + 1)
            made.places.setdefault(name, []).append(place)
            if number:
                made.places.setdefault(number, []).append(place)
                made.names[number] = name
    return made


_Declared = tuple[str, tuple[int, ...], str, tuple[str, ...]]


def _declared(file: Mapping[str, Any]) -> Iterator[_Declared]:
    """Yield (name, path of the source info, name by number, types)."""
    if "package" in file:
        yield file["package"], (_PACKAGE,), "", ()
    for key, number in _IN_FILE:
        for at, one in enumerate(file.get(key, ())):
            yield from _type(one, (number, at))


def _type(one: Mapping[str, Any], path: tuple[int, ...]) -> Iterator[_Declared]:
    name = one["name"]
    yield name, path, "", ()
    for key, number in _MEMBERS:
        for at, member in enumerate(one.get(key, ())):
            counted = f"{name}.{member.get('number', 0)}" if key in {"field", "value"} else ""
            types = tuple(member[of].rpartition(".")[2] for of in _TYPES if of in member)
            types += (METHOD,) if key == "method" else ()
            yield f"{name}.{member['name']}", (*path, number, at), counted, types
    for key, number in _IN_MESSAGE:
        for at, inner in enumerate(one.get(key, ())):
            yield from _type(inner, (*path, number, at))


def subject(message: str, old: Index) -> str:
    """Return what a finding is about: ``Token.expires``, ``Tokens.Get``, ``auth.v1``."""
    quoted = [(word.lower(), value) for word, value in _QUOTED.findall(message)]
    owner = _first(quoted, _OWNERS)
    counted = f"{owner}.{_first(quoted, _COUNTED)}"
    if counted in old.names:
        return old.names[counted]
    member = _first(quoted, _NAMED)
    if owner and member:
        return f"{owner}.{member}"
    return owner or member or (quoted[0][1] if quoted else message)


def _first(quoted: Sequence[tuple[str, str]], words: Sequence[str]) -> str:
    return next((value for word in words for said, value in quoted if said == word), "")
