"""Kinds of values: which there are, and what changed in each of them."""

from __future__ import annotations

from dataclasses import replace

from ci_steps.schema_rules import kinds as of_kinds
from ci_steps.schema_rules.directions import Direction
from ci_steps.schema_rules.discriminators import compare_discriminators
from ci_steps.schema_rules.kinds import Kinds, called, is_null, lists_of, whole_kinds
from ci_steps.schema_rules.schema import Schema
from ci_steps.schema_rules.spots import Spot
from ci_steps.schema_rules.types import types_of
from ci_steps.schema_rules.walking import Walk

KEYWORDS = of_kinds.KEYWORDS | {"discriminator"}
# Trying every kind with every other one is for a few.
_MOST_TRIED = 12


def compare_choices(old: Schema, new: Schema, spot: Spot, walk: Walk) -> None:
    """Compare the kinds of values."""
    before, after = lists_of(old), lists_of(new)
    if len(before) == len(after) == 1:
        # One list of each is compared whether it is oneOf or anyOf: a value is of one kind.
        _compare_lists(before, after, old, new, spot, walk)
    else:
        for keyword in sorted(of_kinds.KEYWORDS, reverse=True):
            was, now = (_of(keyword, lists) for lists in (before, after))
            _compare_lists(was, now, old, new, spot, walk)
    compare_discriminators(old, new, spot, walk)


def has_choices(schema: Schema) -> bool:
    """Return whether it lists kinds of values."""
    return bool(lists_of(schema))


def _of(keyword: str, lists: list[Kinds]) -> list[Kinds]:
    return [one for one in lists if one.keyword == keyword]


def _compare_lists(
    before: list[Kinds], after: list[Kinds], old: Schema, new: Schema, spot: Spot, walk: Walk
) -> None:
    left, right = _listed(old, before), _listed(new, after)
    if before and after:
        _compare_kinds((before[0].name, after[0].name), left, right, spot, walk)
    elif (before or after) and has_choices(old) and has_choices(new):
        # A list more that holds as well: whether it says anything new, nobody can say.
        said = tuple(" or ".join(map(_shown, kinds)) or "nothing" for kinds in (left, right))
        places = (kinds[0].written[0] if kinds else None for kinds in (left, right))
        walk.found.add("type-changed", spot, *places, said=(said[0], said[1]))


def compare_with_plain(old: Schema, new: Schema, spot: Spot, walk: Walk) -> None:
    """Compare a schema that lists kinds with one that is of a single kind."""
    is_new = has_choices(new)
    listed, plain = (new, old) if is_new else (old, new)
    found = lists_of(listed)[0]
    kinds, plain = _without_null(whole_kinds(listed, found), plain)
    settled = _settled(kinds, plain, spot, walk, is_new=is_new)
    first = kinds[settled[0] if settled else 0]
    pair = (plain, first) if is_new else (first, plain)
    if settled:
        walk.compare(*pair, spot)
    else:
        said = _shown(pair[0]), _shown(pair[1])
        walk.found.add("type-changed", spot, *(one.written[0] for one in pair), said=said)
    for index, kind in enumerate(kinds):
        if index not in settled:
            _tell(found.name, kind, spot, walk, is_added=is_new)


def _without_null(kinds: list[Schema], plain: Schema) -> tuple[list[Schema], Schema]:
    """Return kinds and a plain schema without null, where both sides allow it."""
    types = types_of(plain)
    others = [kind for kind in kinds if not is_null(kind)]
    if not others or len(others) == len(kinds) or types.names is None or not types.is_nullable:
        return kinds, plain
    return others, replace(plain, is_null_apart=True)


def _settled(
    kinds: list[Schema], plain: Schema, spot: Spot, walk: Walk, *, is_new: bool
) -> list[int]:
    """Return the kinds of which nothing is to tell beside what the plain schema is compared with.

    Where each kind has to fit, these are all that do, and else one that does.
    """
    if len(kinds) == 1:
        return [0]
    pairs = ((plain, kind) if is_new else (kind, plain) for kind in kinds[:_MOST_TRIED])
    fitting = [index for index, pair in enumerate(pairs) if not walk.level(*pair, spot)]
    is_about_all = is_new is (spot.direction is Direction.RESPONSE)
    return fitting if is_about_all else fitting[:1]


def _listed(schema: Schema, lists: list[Kinds]) -> list[Schema]:
    return [schema.of(node) for listed in lists for node in listed.nodes]


def _compare_kinds(
    names: tuple[str, str], before: list[Schema], after: list[Schema], spot: Spot, walk: Walk
) -> None:
    left, right = list(before), list(after)
    for one in before:
        same = next((other for other in right if walk.is_same(one, other)), None)
        if same is None:
            same = next((other for other in right if called(other) == called(one) != ""), None)
        _pair(one, same, left, right, spot, walk)
    for one in list(left)[:_MOST_TRIED]:
        levels = [(walk.level(one, other, spot), other) for other in right[:_MOST_TRIED]]
        fitting = next((other for level, other in levels if not level), None)
        _pair(one, fitting, left, right, spot, walk)
    if len(left) == len(right) == 1 and len(before) == len(after):
        _pair(left[0], right[0], left, right, spot, walk)
    for one in left:
        _tell(names[0], one, spot, walk, is_added=False)
    for one in right:
        _tell(names[1], one, spot, walk, is_added=True)


def _pair(
    old: Schema, new: Schema | None, left: list[Schema], right: list[Schema], spot: Spot, walk: Walk
) -> None:
    if new is not None:
        left.remove(old)
        right.remove(new)
        here = spot.below("", old.written[0], new.written[0], kind=spot.kind)
        walk.compare(old, new, here)


def _shown(kind: Schema) -> str:
    return called(kind) or str(types_of(kind))


def _tell(name: str, kind: Schema, spot: Spot, walk: Walk, *, is_added: bool) -> None:
    node, said = kind.written[0], called(kind) or "of another kind"
    if is_added:
        walk.found.add(f"{name}-added", spot, None, node, said=("", said))
    else:
        walk.found.add(f"{name}-removed", spot, node, None, said=(said, ""))
