"""Types of values: which are there, which of them include others, and their formats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ci_steps.comparisons.changes import Level
from ci_steps.documents.node import Node
from ci_steps.schema_rules.directions import Direction, Effect
from ci_steps.schema_rules.findings import Findings
from ci_steps.schema_rules.keywords import first, flagged, of_kind, type_of, written_in
from ci_steps.schema_rules.schema import Schema
from ci_steps.schema_rules.spots import Spot

_NULL = "null"
_NUMBERS = {"integer", "number"}
_SCALARS = {"string", "integer", "number", "boolean"}
# Hints for people, which say nothing of the values.
_HINTS = {"password", ""}
_NUMBER_FORMATS = {"int8", "int16", "int32", "int64", "float", "double", "decimal"}
_WIDENS = {("int32", "int64"), ("float", "double"), ("int32", "double")}
_HARMLESS = {Direction.REQUEST: "type-generalized", Direction.RESPONSE: "type-specialized"}


@dataclass(frozen=True)
class Types:
    """The types a schema names, or its values have, all if there is neither; null is apart."""

    names: frozenset[str] | None
    is_nullable: bool
    place: Node | None
    null_place: Node | None
    is_named: bool = False

    def has(self, *names: str) -> bool:
        """Return whether it may be of one of these types."""
        return self.names is None or not self.names.isdisjoint(names)

    def covers(self, other: Types, *, is_text: bool) -> bool:
        """Return whether every value of the *other* types is of these, too."""
        if self.names is None or other.names is None:
            return self.names is None
        mine = set(self.names)
        mine |= {"integer"} if "number" in mine else set()
        mine |= _SCALARS if is_text and "string" in mine else set()
        return mine.issuperset(other.names)

    def __str__(self) -> str:
        """Return them for people."""
        return "any type" if self.names is None else " or ".join(sorted(self.names)) or "null"


def types_of(schema: Schema) -> Types:
    """Return the types of a schema: those that all its facets allow, or that its values have."""
    names: set[str] | None = None
    place, is_nullable, null_place = None, True, None
    for node, listed in _listed(schema):
        place = place or node
        is_nullable = is_nullable and _NULL in listed
        null_place = node if _NULL in listed else null_place
        allowed = listed - {_NULL}
        names = allowed if names is None else _common(names, allowed)
    flag = None if schema.has_siblings else _nullable(schema)
    if flag is not None:
        is_nullable, null_place = True, flag
    elif is_nullable and place is not None:
        without = _values_without_null(schema)
        is_nullable, null_place = without is None, without or null_place
    found = frozenset(names) if names is not None else None
    is_nullable = is_nullable and not schema.is_null_apart
    return Types(found, is_nullable, place, null_place, "type" in schema.keywords)


def _listed(schema: Schema) -> Iterator[tuple[Node, set[str]]]:
    """Yield the types that each facet names; where none does, those of the values it lists."""
    if "type" in schema.keywords:
        for node in of_kind(schema, "type", (str, list), "a type or a list of types"):
            yield node, set(map(str, node.value if isinstance(node.value, list) else [node.value]))
        return
    for node in of_kind(schema, "enum", list, "a list"):
        yield node, {type_of(value) for value in node.value}
    for node in written_in(schema, "const"):
        yield node, {type_of(node.value)}


def _nullable(schema: Schema) -> Node | None:
    return flagged(schema, "nullable") or flagged(schema, "x-nullable")


def _values_without_null(schema: Schema) -> Node | None:
    """Return the values that a schema lists, where null is none of them."""
    lists = (node for node in written_in(schema, "enum") if None not in node.value)
    return next(lists, next((one for one in written_in(schema, "const") if one.value), None))


def _common(one: set[str], other: set[str]) -> set[str]:
    if "integer" in one | other and _NUMBERS & one and _NUMBERS & other:
        one, other = ({*kinds, "integer"} if "number" in kinds else kinds for kinds in (one, other))
    return one & other


def compare_types(old: Schema, new: Schema, spot: Spot, found: Findings) -> bool:
    """Compare types, null and formats; return whether more can be compared."""
    before, after = types_of(old), types_of(new)
    _compare_null(before, after, spot, found)
    wider = after.covers(before, is_text=spot.is_text)
    narrower = before.covers(after, is_text=spot.is_text)
    if wider and narrower and before.names != after.names:
        # All of them are texts: what is named more or less is told all the same.
        wider, narrower = after.covers(before, is_text=False), before.covers(after, is_text=False)
    is_said_by_values = not before.is_named and not after.is_named
    if (wider and narrower) or is_said_by_values:
        _compare_formats(old, new, after, spot, found)
        return True
    effect = Effect.WIDER if wider else Effect.NARROWER if narrower else Effect.DIFFERENT
    name = _name(effect, spot.direction, before, after)
    found.add(name, spot, before.place, after.place, said=(str(before), str(after)))
    return effect is not Effect.DIFFERENT


def _compare_null(before: Types, after: Types, spot: Spot, found: Findings) -> None:
    # Of a schema without types null is one of all.
    if before.names is None or after.names is None or before.is_nullable == after.is_nullable:
        return
    name = "became-nullable" if after.is_nullable else "became-not-nullable"
    old, new = before.null_place or before.place, after.null_place or after.place
    found.add(name, spot, old, new)


def _name(effect: Effect, direction: Direction, before: Types, after: Types) -> str:
    several = max(len(types.names or ()) for types in (before, after)) > 1
    if several and effect is not Effect.DIFFERENT and before.names and after.names:
        return f"list-of-types-{'widened' if effect is Effect.WIDER else 'narrowed'}"
    is_harmless = effect.level(direction) is Level.COMPATIBLE
    return _HARMLESS[direction] if is_harmless else "type-changed"


def _compare_formats(old: Schema, new: Schema, types: Types, spot: Spot, found: Findings) -> None:
    before, after = _format(old, types), _format(new, types)
    names = tuple(str(node.value) if node else "" for node in (before, after))
    if names[0] == names[1]:
        return
    if not names[1] or names in _WIDENS:
        effect = Effect.WIDER
    elif not names[0] or names[::-1] in _WIDENS:
        effect = Effect.NARROWER
    else:
        effect = Effect.DIFFERENT
    said = tuple(f"{types} ({name})" if name else str(types) for name in names)
    is_harmless = effect.level(spot.direction) is Level.COMPATIBLE
    name = _HARMLESS[spot.direction] if is_harmless else "type-changed"
    found.add(name, spot, before, after, said=(said[0], said[1]))


def _format(schema: Schema, types: Types) -> Node | None:
    """Return the format where it is one of values of these types."""
    node = first(schema, "format")
    if node is None or not isinstance(node.value, str) or node.value in _HINTS:
        return None
    is_of_numbers = node.value in _NUMBER_FORMATS
    return node if types.has(*(_NUMBERS if is_of_numbers else ("string",))) else None
