"""Avro files -> schemas that know their lines."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ci_steps.comparisons.changes import Contract, Location
from ci_steps.comparisons.files import files_of, text_of, unreadable
from ci_steps.documents.placed_json import JsonError, Placed, load
from ci_steps.errors import ContractError

_NAMED = {"record", "error", "enum", "fixed"}


@dataclass(frozen=True)
class Schemas:
    """The schemas of a contract by file, as the library has them, and where their parts are.

    `places` are those of named types by full name, and of fields by ``full.name.field``.
    """

    by_file: Mapping[str, Any]
    places: Mapping[str, Location]


def read(contract: Contract) -> Schemas:
    """Return the schemas of *contract*, which may use one another's names."""
    texts = {name: _load(contract, name) for name in files_of(contract, ".avsc")}
    places: dict[str, Location] = {}
    for file, content in texts.items():
        places.update(_places(file, content, ""))
    return Schemas(_parse_all(contract, texts), places)


def _load(contract: Contract, name: str) -> Any:
    try:
        return load(text_of(contract, name))
    except JsonError as error:
        raise unreadable(contract, Location(name, error.line), f"not JSON: {error}") from error


def _parse_all(contract: Contract, texts: Mapping[str, Any]) -> dict[str, Any]:
    """Parse each file once the names that it uses are known, whatever the order."""
    from avro.name import Names

    found: dict[str, Any] = {}
    known: dict[str, Any] = {}
    waiting = dict(texts)
    while waiting:
        problems: list[ContractError] = []
        for file, content in waiting.items():
            names = Names()
            names.names = dict(known)
            try:
                found[file] = _parse(contract, file, content, names)
                known = names.names
            except ContractError as error:
                problems.append(error)
        if len(problems) == len(waiting):
            raise ContractError("\n".join(map(str, problems)), hint=problems[0].hint)
        waiting = {file: content for file, content in waiting.items() if file not in found}
    return found


def _parse(contract: Contract, file: str, content: Any, names: Any) -> Any:
    from avro.errors import AvroException
    from avro.schema import make_avsc_object

    place = Location(file, getattr(content, "line", 1))
    try:
        with warnings.catch_warnings():
            # A logical type that the library does not know is compared by us.
            warnings.simplefilter("ignore")
            return make_avsc_object(content, names)
    except AvroException as error:
        raise unreadable(contract, place, str(error)) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # The library does not expect these; what it has not understood is not compared.
        raise unreadable(contract, place, f"not an Avro schema: {error}") from error
    except RecursionError:
        raise unreadable(contract, place, "nested too deeply") from None


def _places(file: str, content: Any, space: str) -> Iterator[tuple[str, Location]]:
    if isinstance(content, list):
        for item in content:
            yield from _places(file, item, space)
    if not isinstance(content, Placed):
        return
    kind, name = content.get("type"), content.get("name")
    if isinstance(kind, str) and kind in _NAMED and isinstance(name, str):
        full = _full_name(content, space)
        yield full, Location(file, content.line, content.column)
        space = full.rpartition(".")[0]
        fields = content.get("fields")
        for field in fields if isinstance(fields, list) else ():
            if isinstance(field, Placed):
                place = Location(file, field.line, field.column)
                yield f"{full}.{field.get('name')}", place
    for key in ("type", "items", "values", "fields"):
        yield from _places(file, content.get(key), space)


def _full_name(content: Placed, space: str) -> str:
    name = str(content["name"])
    if "." in name:
        return name
    chosen = content.get("namespace", space)
    return f"{chosen}.{name}" if chosen else name
