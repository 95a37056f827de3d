"""Which changes of Avro schemas touch somebody who says which of them are read or written.

Who reads a value decodes all of it, so that every field counts, and all that it is made of.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from ci_steps.avro_rules.pair import NAMED
from ci_steps.uses.by_name import doubts_about, doubts_about_calls, doubts_about_files
from ci_steps.uses.narrowed import Narrowed, narrowed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ci_steps.avro_rules.reading import Schemas
    from ci_steps.comparisons.changes import Change, Location
    from ci_steps.uses.values import Uses


def narrow(changes: Sequence[Change], uses: Uses, old: Schemas) -> Narrowed:
    """Return which of *changes* touch who uses *uses* of the *old* schemas; in doubt all."""
    made_of = {name: {name, *dict(_parts(schema))} for name, schema in _by_name(old)}
    # A field is named for who looks: it is read with its record.
    wanted = {name: _record(name, made_of) for name in uses.names}
    doubts = [*doubts_about_calls(uses.calls, "Avro"), *doubts_about(wanted.values(), made_of)]
    doubts += doubts_about_files(uses, "Avro")
    used = set().union(*(made_of.get(name, set()) for name in wanted.values()))
    owners: dict[object, str] = dict(_owners(old.places, made_of))
    owners |= {file: _called(file, schema) for file, schema in old.by_file.items()}

    def touches(change: Change) -> bool:
        if doubts or change.old is None:
            return bool(doubts)  # a schema that is new, which nobody can use
        owner = owners.get(change.old) or owners.get(change.subject)
        return owner is None or owner in used

    return narrowed(changes, touches, doubts)


def _by_name(old: Schemas) -> Iterator[tuple[str, Any]]:
    """Yield each schema that has a name, those within others too, and each file without one."""
    for file, schema in old.by_file.items():
        yield from _parts(schema)
        yield _called(file, schema), schema


def _called(file: str, schema: Any) -> str:
    """Return what the schema of a file is called: by its name, or by that of the file."""
    return str(getattr(schema, "fullname", file))


def _parts(schema: Any) -> Iterator[tuple[str, Any]]:
    """Yield all that has a name in a schema, itself among it, each once."""
    waiting, seen = [schema], set[str]()
    while waiting:
        one = waiting.pop()
        if one.type in NAMED:
            if one.fullname in seen:
                continue
            seen.add(one.fullname)
            yield str(one.fullname), one
        waiting += _inner(one)


def _inner(schema: Any) -> list[Any]:
    if schema.type in {"record", "error"}:
        return [field.type for field in schema.fields]
    if schema.type == "union":
        return list(schema.schemas)
    return [part for key in ("items", "values") if (part := getattr(schema, key, None))]


def _record(name: str, known: Collection[str]) -> str:
    owner = name.rpartition(".")[0]
    return owner if name not in known and owner in known else name


def _owners(
    places: Mapping[str, Location], known: Collection[str]
) -> Iterator[tuple[Location, str]]:
    """Yield the places of schemas and fields, and whose they are."""
    for name, place in places.items():
        yield place, _record(name, known)
