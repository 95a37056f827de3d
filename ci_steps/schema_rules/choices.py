"""oneOf and anyOf: which kinds of values there are, and what tells them apart."""

from __future__ import annotations

from ci_steps.comparisons.changes import Level
from ci_steps.documents.node import Node
from ci_steps.schema_rules.keywords import first
from ci_steps.schema_rules.schema import Schema, members
from ci_steps.schema_rules.spots import Spot
from ci_steps.schema_rules.walking import Walk

_KEYWORDS = (("oneOf", "one-of"), ("anyOf", "any-of"))
KEYWORDS = frozenset({"oneOf", "anyOf", "discriminator"})
# What stands beside a list of kinds and says nothing of values.
_SAYS_NOTHING = ("title", "description", "example", "examples", "discriminator")
# Trying every kind with every other one is for a few.
_MOST_TRIED = 12


def compare_choices(old: Schema, new: Schema, spot: Spot, walk: Walk) -> None:
    """Compare the kinds of values."""
    for keyword, name in _KEYWORDS:
        before, after = _kinds(old, keyword), _kinds(new, keyword)
        if before and after:
            _compare_kinds(name, before, after, spot, walk)
        elif (before or after) and has_choices(old) and has_choices(new):
            # Kinds of another list than before: whether they are the same ones, nobody can say.
            said = tuple(" or ".join(map(_called, kinds)) for kinds in (before, after))
            places = (kinds[0].written[0] if kinds else None for kinds in (before, after))
            walk.found.add("type-changed", spot, *places, said=(said[0], said[1]))
    _compare_discriminators(old, new, spot, walk)


def has_choices(schema: Schema) -> bool:
    """Return whether it lists kinds of values."""
    said = [keyword for keyword, _ in _KEYWORDS if keyword in schema.keywords]
    return any(members(facet, keyword) for facet in schema.facets for keyword in said)


def compare_with_plain(old: Schema, new: Schema, spot: Spot, walk: Walk) -> None:
    """Compare a schema that lists kinds with one that is of a single kind."""
    is_new = has_choices(new)
    listed, plain = (new, old) if is_new else (old, new)
    name, kinds = _whole_kinds(listed)
    matched = _matched_plain(kinds, plain, spot, walk, is_new=is_new)
    if matched is not None:
        pair = (plain, kinds[matched]) if is_new else (kinds[matched], plain)
        walk.compare(*pair, spot)
    else:
        pair = (plain, kinds[0]) if is_new else (kinds[0], plain)
        walk.found.add("type-changed", spot, *(one.written[0] for one in pair), said=_said(pair))
    for index, kind in enumerate(kinds):
        if index != matched:
            _tell(name, kind, spot, walk, is_added=is_new)


def _whole_kinds(schema: Schema) -> tuple[str, list[Schema]]:
    """Return the kinds of one list of them, each with what holds beside it."""
    keyword, name, facet = next(
        (keyword, name, facet)
        for keyword, name in _KEYWORDS
        for facet in schema.facets
        if members(facet, keyword)
    )
    beside = (_beside(one, keyword if one is facet else "") for one in schema.facets)
    rest = tuple(one for one in beside if one.value != {})
    return name, [schema.of(kind, *rest) for kind in members(facet, keyword)]


def _beside(facet: Node, keyword: str) -> Node:
    """Return what a facet says of values without a list of kinds; allOf has its own facets."""
    if not isinstance(facet.value, dict):
        return facet
    left_out = {keyword, "allOf", *_SAYS_NOTHING}
    kept = {key: value for key, value in facet.value.items() if key not in left_out}
    return Node(facet.document, facet.path, kept)


def _said(pair: tuple[Schema, Schema]) -> tuple[str, str]:
    return _called(pair[0]), _called(pair[1])


def _matched_plain(
    kinds: list[Schema], plain: Schema, spot: Spot, walk: Walk, *, is_new: bool
) -> int | None:
    for index, kind in enumerate(kinds[:_MOST_TRIED]):
        pair = (plain, kind) if is_new else (kind, plain)
        if walk.level(*pair, spot) in {None, Level.COMPATIBLE}:
            return index
    return None


def _kinds(schema: Schema, keyword: str) -> list[Schema]:
    return [schema.of(node) for facet in schema.facets for node in members(facet, keyword)]


def _compare_kinds(
    name: str, before: list[Schema], after: list[Schema], spot: Spot, walk: Walk
) -> None:
    left, right = list(before), list(after)
    for old in before:
        same = next((new for new in right if walk.is_same(old, new)), None)
        if same is None:
            same = next((new for new in right if _called(new) == _called(old) != ""), None)
        _pair(old, same, left, right, spot, walk)
    for old in list(left)[:_MOST_TRIED]:
        tried = {index: walk.level(old, new, spot) for index, new in enumerate(right[:_MOST_TRIED])}
        fits = [index for index, level in tried.items() if not level]
        _pair(old, right[fits[0]] if fits else None, left, right, spot, walk)
    if len(left) == len(right) == 1 and len(before) == len(after):
        _pair(left[0], right[0], left, right, spot, walk)
    for old in left:
        _tell(name, old, spot, walk, is_added=False)
    for new in right:
        _tell(name, new, spot, walk, is_added=True)


def _pair(
    old: Schema, new: Schema | None, left: list[Schema], right: list[Schema], spot: Spot, walk: Walk
) -> None:
    if new is not None:
        left.remove(old)
        right.remove(new)
        here = spot.below("", old.written[0], new.written[0], kind=spot.kind)
        walk.compare(old, new, here)


def _tell(name: str, kind: Schema, spot: Spot, walk: Walk, *, is_added: bool) -> None:
    node, called = kind.written[0], _called(kind) or "of another kind"
    if is_added:
        walk.found.add(f"{name}-added", spot, None, node, said=("", called))
    else:
        walk.found.add(f"{name}-removed", spot, node, None, said=(called, ""))


def _called(schema: Schema) -> str:
    """Return what a kind is called: its reference, its title, or its type."""
    if not schema.written:
        return ""
    value = schema.written[0].value
    if not isinstance(value, dict):
        return ""
    reference = value.get("$ref")
    if isinstance(reference, str):
        return reference.rsplit("/", 1)[-1]
    for key in ("title", "type"):
        if isinstance(value.get(key), str):
            return str(value[key])
    return ""


def _compare_discriminators(old: Schema, new: Schema, spot: Spot, walk: Walk) -> None:
    before, after = first(old, "discriminator"), first(new, "discriminator")
    if before is None and after is None:
        return
    if before is None or after is None:
        what, said = ("added" if before is None else "removed"), ("", "")
        walk.found.add(f"discriminator-{what}", spot, before, after, said=said)
        return
    was, now = _property(before), _property(after)
    if was.value != now.value:
        walk.found.add("discriminator-property-name-changed", spot, was, now)
    _compare_mappings(before, after, spot, walk)


def _property(node: Node) -> Node:
    return node.get("propertyName") or node


def _compare_mappings(before: Node, after: Node, spot: Spot, walk: Walk) -> None:
    was, now = (
        dict(mapping.entries()) if (mapping := node.get("mapping")) else {}
        for node in (before, after)
    )
    for value in {**was, **now}:
        one, other = was.get(value), now.get(value)
        if one is None or other is None:
            what, said = ("added", ("", value)) if one is None else ("deleted", (value, ""))
            walk.found.add(f"discriminator-mapping-{what}", spot, one, other, said=said)
        elif one.value != other.value:
            walk.found.add("discriminator-mapping-changed", spot, one, other, said=(value, value))
