"""Whether a reader with one schema can read what a writer with another one wrote.

https://avro.apache.org/docs/1.12.0/specification/#schema-resolution
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ci_steps.avro_rules.pair import NAMED, Pair, aliases, name
from ci_steps.comparisons.changes import Change, Level, Location

_RECORDS = ("record", "error")

_Places = Mapping[str, Location]


class Resolution:
    """One direction of a comparison; a record that is used many times is compared once."""

    def __init__(self, reader_places: _Places, writer_places: _Places) -> None:
        self._reader_places, self._writer_places = reader_places, writer_places
        self._seen: set[tuple[str, str]] = set()
        self._is_broken = False

    def compare(self, pair: Pair) -> Iterator[Change]:
        """Yield what the reader notices, and, where the library does, that it cannot read."""
        for change in self._compare(pair):
            self._is_broken = self._is_broken or change.level is Level.BREAKING
            yield change
        if not self._is_broken and not can_read(pair.reader, pair.writer):
            yield pair.change("incompatible", f"{pair.path} cannot be read any more")

    def _compare(self, pair: Pair) -> Iterator[Change]:
        reader, writer = pair.reader, pair.writer
        if "union" in {reader.type, writer.type}:
            yield from self._union(pair)
            return
        pair = pair.at(
            self._reader_places.get(_full(reader)), self._writer_places.get(_full(writer))
        )
        yield from _logical(pair)
        if reader.type != writer.type:
            if not can_read(reader, writer):
                text = f"the type of {pair.path} changed, {pair.moved(name(reader), name(writer))}"
                yield pair.change("type-changed", text)
        else:
            yield from self._content(pair)

    def _content(self, pair: Pair) -> Iterator[Change]:
        reader, writer, path = pair.reader, pair.writer, pair.path
        if reader.type in NAMED:
            yield from _name(pair)
        if reader.type == "array":
            yield from self._compare(pair.down(f"{path}[]", reader.items, writer.items))
        elif reader.type == "map":
            yield from self._compare(pair.down(f"{path}{{}}", reader.values, writer.values))
        elif reader.type == "fixed" and reader.size != writer.size:
            text = f"the size of {path} changed, {pair.moved(reader.size, writer.size)}"
            yield pair.change("fixed-size-changed", text)
        elif reader.type == "enum":
            yield from _symbols(pair)
        elif reader.type in _RECORDS and (_full(reader), _full(writer)) not in self._seen:
            self._seen.add((_full(reader), _full(writer)))
            yield from self._fields(pair)

    def _fields(self, pair: Pair) -> Iterator[Change]:
        written = {one.name: one for one in pair.writer.fields}
        used = set()
        for one in pair.reader.fields:
            names = (one.name, *aliases(one))
            other = next((written[name] for name in names if name in written), None)
            if other is None:
                yield self._missing(self._placed(pair, one.name, ""), one)
            else:
                used.add(other.name)
                yield from self._field(self._placed(pair, one.name, other.name), one, other)
        for one in pair.writer.fields:
            if one.name not in used:
                here, rule = self._placed(pair, "", one.name), f"field-{pair.removed}"
                text = f"{here.path} was {pair.removed}"
                yield here.change(rule, text, level=Level.COMPATIBLE)

    def _placed(self, pair: Pair, read: str, written: str) -> Pair:
        """Return the place of a field, which one of the two may not have."""
        path = f"{pair.path}.{read or written}"
        return pair.down(path, pair.reader, pair.writer).at(
            self._reader_places.get(f"{_full(pair.reader)}.{read}"),
            self._writer_places.get(f"{_full(pair.writer)}.{written}"),
        )

    def _missing(self, here: Pair, one: Any) -> Change:
        rule, text = f"field-{here.added}", f"{here.path} was {here.added}"
        if one.has_default:
            return here.change(rule, text, level=Level.COMPATIBLE)
        when = "was written before" if here.new_reads else "is written from now on"
        text += f" and has no default, so what {when} cannot be read"
        return here.change(f"{rule}-without-default", text)

    def _field(self, here: Pair, one: Any, other: Any) -> Iterator[Change]:
        defaults = [field.default if field.has_default else None for field in (one, other)]
        if one.has_default != other.has_default or defaults[0] != defaults[1]:
            shown = [repr(field.default) if field.has_default else None for field in (one, other)]
            text = f"the default of {here.path} changed, {here.moved(*shown)}"
            yield here.change("default-changed", text, level=Level.WARNING)
        yield from self._compare(here.down(here.path, one.type, other.type))

    def _union(self, pair: Pair) -> Iterator[Change]:
        branches = _branches(pair.reader)
        for branch in _branches(pair.writer):
            other = _branch(branches, branch)
            if other is not None:
                yield from self._compare(pair.down(pair.path, other, branch))
            elif not any(can_read(one, branch) for one in branches):
                side = "from" if pair.new_reads else "to"
                text = f"{name(branch)} was {pair.removed} {side} {pair.path}"
                yield pair.change(f"branch-{pair.removed}", text, of=f"|{name(branch)}")


def _name(pair: Pair) -> Iterator[Change]:
    reader, writer = pair.reader, pair.writer
    if reader.fullname == writer.fullname or writer.fullname in aliases(reader):
        return
    moved = pair.moved(reader.fullname, writer.fullname)
    if reader.name == writer.name:
        # The specification compares the last part of a name; some libraries all of it.
        text = f"the namespace of {pair.path} changed, {moved}"
        yield pair.change("namespace-changed", text, level=Level.WARNING)
    elif writer.name not in aliases(reader):
        yield pair.change("name-changed", f"the name of {pair.path} changed, {moved}")


def _symbols(pair: Pair) -> Iterator[Change]:
    default = pair.reader.props.get("default")
    takes_default = default in pair.reader.symbols
    side = "from" if pair.new_reads else "to"
    for symbol in pair.writer.symbols:
        if symbol not in pair.reader.symbols:
            text = f"{symbol} was {pair.removed} {side} {pair.path}"
            level = Level.WARNING if takes_default else Level.BREAKING
            text += f"; readers take {default} for it" if takes_default else ""
            yield pair.change(f"symbol-{pair.removed}", text, of=f".{symbol}", level=level)


def _logical(pair: Pair) -> Iterator[Change]:
    both = [schema.props for schema in (pair.reader, pair.writer)]
    kinds = [props.get("logicalType") for props in both]
    if kinds[0] != kinds[1]:
        text = f"the logical type of {pair.path} changed, {pair.moved(*kinds)}"
        yield pair.change("logical-type-changed", text)
    elif kinds[0] == "decimal":
        for key in ("precision", "scale"):
            values = [props.get(key, 0) for props in both]
            if values[0] != values[1]:
                text = f"the {key} of {pair.path} changed, {pair.moved(*values)}"
                yield pair.change(f"decimal-{key}-changed", text)


def can_read(reader: Any, writer: Any) -> bool:
    """Return the library's answer."""
    from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
    from avro.errors import AvroException

    try:
        found = ReaderWriterCompatibilityChecker().get_compatibility(reader, writer)
    except AvroException:  # a kind of schema that it does not compare
        return bool(reader == writer)
    return bool(found.compatibility is SchemaCompatibilityType.compatible)


def _full(schema: Any) -> str:
    return str(schema.fullname) if schema.type in NAMED else ""


def _branches(schema: Any) -> list[Any]:
    return list(schema.schemas) if schema.type == "union" else [schema]


def _branch(branches: list[Any], wanted: Any) -> Any:
    """Return the branch of the same type, and of the same name where it has one."""
    for one in branches:
        if one.type == wanted.type and (
            one.type not in NAMED
            or one.name == wanted.name
            or {wanted.name, wanted.fullname} & aliases(one)
        ):
            return one
    return None
