"""Comparing schemas: every pair once for each direction, however many operations reach it."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from marshal import dumps
from typing import Any

from ci_steps.comparisons.changes import Level
from ci_steps.documents.node import Node, Path
from ci_steps.documents.references import NO_LINKS, Links, References
from ci_steps.schema_rules import choices, conditions, lists, objects, scalars, values
from ci_steps.schema_rules.choices import compare_with_plain, has_choices
from ci_steps.schema_rules.dialects import is_neutral
from ci_steps.schema_rules.directions import Direction
from ci_steps.schema_rules.enumerations import as_types, as_values
from ci_steps.schema_rules.findings import Findings
from ci_steps.schema_rules.keywords import goes_one_way, is_nothing
from ci_steps.schema_rules.reach import Reach
from ci_steps.schema_rules.schema import NAMING, Schema
from ci_steps.schema_rules.spots import Spot
from ci_steps.schema_rules.subtypes import has_subtypes, subtypes_of
from ci_steps.schema_rules.types import compare_types

# Of marshal: equal values have equal bytes; a later one tells texts apart by how they are kept.
_FORM = 2
# What a schema says is compared part by part, each where a side has a keyword of it.
_PARTS = (
    (scalars.KEYWORDS, scalars.compare_scalars),
    (values.KEYWORDS, values.compare_values),
    (objects.KEYWORDS, objects.compare_objects),
    (lists.KEYWORDS, lists.compare_lists),
    (choices.KEYWORDS, choices.compare_choices),
    (conditions.KEYWORDS, conditions.compare_conditions),
)
_Place = tuple[str, Path]
_Pair = tuple[tuple[_Place, ...], tuple[_Place, ...], Direction, bool, bool, bool]


@dataclass
class Comparison:
    """A comparison under way; what is referred to waits until everything before it is done."""

    references: References
    found: Findings = field(default_factory=Findings)
    reach: Reach = field(default_factory=Reach)
    is_deprecation_agreed: bool = False
    _waiting: deque[tuple[Schema, Schema, Spot]] = field(default_factory=deque)
    _seen: set[Hashable] = field(default_factory=set)
    _numbers: dict[_Pair, int] = field(default_factory=dict)
    _links: dict[Hashable, int | None] = field(default_factory=dict)
    _alike: dict[tuple[int, int], tuple[Any, Any, dict[str, Links]]] = field(default_factory=dict)
    _depth: int = 0

    def compare(self, old: Schema, new: Schema, spot: Spot) -> None:
        """Compare two schemas at a spot, and later what they refer to."""
        if self.is_same(old, new) and self._compare_links(old, new, spot):
            return
        if _is_reference(old) or _is_reference(new):
            self._later(old, new, spot)
        else:
            self._compare_once(old, new, spot)

    def finish(self) -> None:
        """Compare everything that waits."""
        while self._waiting:
            self._compare_once(*self._waiting.popleft())

    def tell_deprecated(self, what: str, spot: Spot, old: Node | None, new: Node) -> None:
        """Tell, where that is agreed, that something new is deprecated already."""
        mark = new.get("deprecated") if self.is_deprecation_agreed else None
        if mark is not None and mark.value is True:
            self.found.add(f"{what}-added-deprecated", spot, old, new, said=("", ""))

    def is_same(self, old: Schema, new: Schema) -> bool:
        """Return whether both are written alike; what they refer to may differ."""
        if len(old.written) != len(new.written):
            return False
        is_one_dialect = old.has_siblings == new.has_siblings
        return all(map(_are_alike, old.written, new.written)) and (
            is_one_dialect or all(is_neutral(node.value) for node in old.written)
        )

    def alike(self, old: dict[str, Any], new: dict[str, Any]) -> dict[str, Links]:
        """Return what is written alike in two mappings by its key, as what it refers to."""
        pair = id(old), id(new)
        if pair not in self._alike:
            below = self.references.below
            found = {
                key: below(value)
                for key, value in old.items()
                if key in new and same(value, new[key])
            }
            # Both are kept, so that no others get their ids.
            self._alike[pair] = old, new, found
        return self._alike[pair][2]

    def level(self, old: Schema, new: Schema, spot: Spot) -> Level | None:
        """Return the worst that two schemas differ in, None if in nothing; nothing is told."""
        trial = Comparison(self.references, _depth=self._depth + 1)
        if self._depth:  # a trial inside of a trial does not try the same again
            trial._seen, trial._numbers = set(self._seen), dict(self._numbers)
        trial.compare(old, new, spot)
        trial.finish()
        return trial.found.worst if trial.found else None

    def follow(self, links: Links, old: Schema, new: Schema, spot: Spot, direct: str = "") -> bool:
        """Compare, later, what both schemas refer to; False if that says who gets it.

        They are to be compared as a whole then. They are a reference themselves if it is *direct*.
        """
        if links is NO_LINKS:
            return True
        is_known = True
        for reference in links.request if spot.direction is Direction.REQUEST else links.response:
            is_direct = reference == direct
            number = self.compare_targets(reference, old, new, spot, is_direct=is_direct)
            is_known = is_known and number is not None
        return is_known

    def _compare_links(self, old: Schema, new: Schema, spot: Spot) -> bool:
        """Compare what two schemas that are written alike refer to; False if that does not do."""
        is_known = True
        for one, other in zip(old.parts, new.parts, strict=True):
            value = one.written[0].value
            links = self.references.below(value)
            if links is not NO_LINKS:
                is_known &= self.follow(links, one, other, spot, value.get("$ref", ""))
        return is_known

    def compare_targets(
        self, reference: str, old: Schema, new: Schema, spot: Spot, *, is_direct: bool
    ) -> int | None:
        """Compare, later, what a part of each schema refers to; return the number of that.

        None if what is referred to says that it goes one way: that decides what has it.
        """
        files = old.file, new.file
        link = reference, files, spot.direction, spot.is_text and is_direct
        if link not in self._links:
            one, other = _pointed(old, reference), _pointed(new, reference)
            is_marked = goes_one_way(one) or goes_one_way(other)
            behind = spot.behind(is_direct)
            self._links[link] = None if is_marked else self._later(one, other, behind)
        number = self._links[link]
        if number is not None:
            self.reach.add(spot.owner, number)
        return number

    def _later(self, old: Schema, new: Schema, spot: Spot) -> int:
        """Compare schemas that others may refer to as well, once; return their number."""
        old, new = _target(old), _target(new)
        pair = _pair(old, new, spot)
        number = self._numbers.get(pair)
        if number is None:
            number = self._numbers[pair] = len(self._numbers)
            self._waiting.append((old, new, _shared(old, new, spot, number)))
        self.reach.add(spot.owner, number)
        return number

    def _compare_once(self, old: Schema, new: Schema, spot: Spot) -> None:
        if has_subtypes(old) and has_subtypes(new):
            self._compare_subtypes(old, new, spot)
        if self.is_same(old, new) and self._compare_links(old, new, spot):
            return
        # allOf may lead around in a circle without a pair of plain references in it; what two
        # owners share without one is compared for each, and told once.
        facets = tuple(tuple(facet.place for facet in schema.facets) for schema in (old, new))
        seen = spot.owner, facets, spot.direction, spot.is_text
        if seen not in self._seen:
            self._seen.add(seen)
            self._compare_facets(old, new, spot)

    def _compare_subtypes(self, old: Schema, new: Schema, spot: Spot) -> None:
        """Compare, later, what extends two schemas with a discriminator."""
        before, after = subtypes_of(old), subtypes_of(new)
        for name in {**before, **after}:
            was, now = before.get(name), after.get(name)
            if was is not None and now is not None:
                self._later(old.of(was), new.of(now), spot)
            else:
                what, said = ("added", ("", name)) if was is None else ("removed", (name, ""))
                self.found.add(f"subtype-{what}", spot, was, now, said=said)

    def _compare_facets(self, old: Schema, new: Schema, spot: Spot) -> None:
        old, new = as_values(old), as_values(new)
        was_nothing, is_now_nothing = is_nothing(old), is_nothing(new)
        if was_nothing or is_now_nothing:
            if was_nothing != is_now_nothing:
                name = "became-allowed" if was_nothing else "became-forbidden"
                self.found.add(name, spot)
            return
        if has_choices(old) != has_choices(new):
            old, new = as_types(old), as_types(new)
        if has_choices(old) != has_choices(new):
            compare_with_plain(old, new, spot, self)
            return
        if not compare_types(old, new, spot, self.found):
            return
        said = old.keywords | new.keywords
        for keywords, compare in _PARTS:
            if not keywords.isdisjoint(said):
                compare(old, new, spot, self)


def same(old: Any, new: Any) -> bool:
    """Return whether two values are written alike; `==` alone takes 1 for true."""
    return old is new or (old == new and dumps(old, _FORM) == dumps(new, _FORM))


def _pointed(schema: Schema, reference: str) -> Schema:
    node = schema.written[0]
    return schema.of(node.document.library.target(node, reference))


def _are_alike(old: Node, new: Node) -> bool:
    return same(old.value, new.value)


def _is_reference(schema: Schema) -> bool:
    """Return whether it only says where another schema is."""
    if len(schema.written) != 1:
        return False
    node = schema.written[0]
    return (
        isinstance(node.value, dict)
        and isinstance(node.value.get("$ref"), str)
        and (not schema.says_more(node))
    )


def _target(schema: Schema) -> Schema:
    if not _is_reference(schema):
        return schema
    return replace(schema, written=(schema.written[0].resolved(),))


def _pair(old: Schema, new: Schema, spot: Spot) -> _Pair:
    null_apart = old.is_null_apart, new.is_null_apart
    return (old.places, new.places, spot.direction, spot.is_text, *null_apart)


def _name(before: Node, after: Node) -> str:
    """Return what people call a schema that is a reference on one side at least."""
    if after.path[-2:-1] and after.path[-2] in NAMING:
        return after.name
    is_named = before.path[-2:-1] and before.path[-2] in NAMING
    return before.name if is_named else after.name or before.name


def _shared(old: Schema, new: Schema, spot: Spot, number: int) -> Spot:
    """Return the spot of a schema that is compared for all who refer to it."""
    before = old.written[0] if old.written else spot.old
    after = new.written[0] if new.written else spot.new
    name, way = _name(before, after), spot.direction.value
    called, short = f"the schema {name} in a {way}", f"{name} ({way})"
    return Spot(
        spot.direction, spot.kind, number, called, "it", before, after, "", spot.is_text, short
    )
