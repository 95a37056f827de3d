"""The table of rules: what is said of a schema, and how bad it is.

A rule is written ``request-*-max-decreased``; for the star there is what the schema belongs to:
body, property, parameter, header. Names are those of oasdiff where the rule is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ci_steps.comparisons.changes import Level
from ci_steps.schema_rules.directions import Direction, Effect

_BREAKING, _WARNING, _COMPATIBLE = Level.BREAKING, Level.WARNING, Level.COMPATIBLE


@dataclass(frozen=True)
class Rule:
    """One kind of change; the text has `{it}`, `{old}` and `{new}`.

    Where the level depends on more than the rule, `levels` are all that it may have.
    """

    name: str
    levels: tuple[Level, ...]
    text: str

    @property
    def level(self) -> Level:
        """Its level where nothing else decides."""
        return self.levels[0]


def _both(effect: Effect, name: str, text: str) -> Iterator[Rule]:
    for direction in Direction:
        yield Rule(f"{direction.value}-*-{name}", (effect.level(direction),), text)


def _bound(name: str, noun: str, *, is_upper: bool) -> Iterator[Rule]:
    less, more = Effect.NARROWER, Effect.WIDER
    down, up = (less, more) if is_upper else (more, less)
    yield from _both(
        down, f"{name}-decreased", f"the {noun} of {{it}} went from {{old}} to {{new}}"
    )
    yield from _both(up, f"{name}-increased", f"the {noun} of {{it}} went from {{old}} to {{new}}")
    yield from _both(less, f"{name}-set", f"the {noun} of {{it}} is {{new}}, where there was none")
    yield from _both(more, f"{name}-unset", f"the {noun} of {{it}}, {{old}}, is gone")


def _added(name: str, noun: str) -> Iterator[Rule]:
    """Yield the rules of what refuses values by being there."""
    yield from _both(Effect.NARROWER, f"{name}-added", f"{{it}} now has {noun}{{new}}")
    yield from _both(Effect.WIDER, f"{name}-removed", f"{{it}} no longer has {noun}{{old}}")


def _changed(name: str, noun: str) -> Iterator[Rule]:
    """Yield the rules of what is a schema of its own: what changed in it decides."""
    for direction in Direction:
        text = f"{noun} of {{it}} changed"
        yield Rule(f"{direction.value}-*-{name}-changed", (_BREAKING, _COMPATIBLE), text)


def _choice(name: str, noun: str) -> Iterator[Rule]:
    yield from _both(Effect.WIDER, f"{name}-added", f"{{it}} may also be {{new}} ({noun})")
    yield from _both(
        Effect.NARROWER, f"{name}-removed", f"{{it}} may no longer be {{old}} ({noun})"
    )


# keyword, name of its rules, noun, whether it is an upper bound, types of values it is about
BOUNDS: tuple[tuple[str, str, str, bool, frozenset[str]], ...] = (
    ("maximum", "max", "maximum", True, frozenset({"number", "integer"})),
    ("minimum", "min", "minimum", False, frozenset({"number", "integer"})),
    ("maxLength", "max-length", "greatest length", True, frozenset({"string"})),
    ("minLength", "min-length", "least length", False, frozenset({"string"})),
    ("maxItems", "max-items", "greatest number of items", True, frozenset({"array"})),
    ("minItems", "min-items", "least number of items", False, frozenset({"array"})),
    (
        "maxProperties",
        "max-properties",
        "greatest number of properties",
        True,
        frozenset({"object"}),
    ),
    ("minProperties", "min-properties", "least number of properties", False, frozenset({"object"})),
)
CONTAINS: tuple[tuple[str, str, str, bool], ...] = (
    ("maxContains", "max-contains", "greatest number of items asked for", True),
    ("minContains", "min-contains", "least number of items asked for", False),
)
_EXCLUSIVE = (
    ("exclusive-max", "exclusive maximum", True),
    ("exclusive-min", "exclusive minimum", False),
)
# keyword, name of its rules, what it is; there is no such limit where it is not written
PRESENT: tuple[tuple[str, str, str], ...] = (
    ("contains", "contains", "items that must be there"),
    ("propertyNames", "property-names", "a form of its keys"),
    ("unevaluatedItems", "unevaluated-items", "a limit on other items"),
    ("unevaluatedProperties", "unevaluated-properties", "a limit on other properties"),
    ("contentSchema", "content-schema", "a schema of its content"),
    ("not", "not", "values that it must not be"),
)


def _rules() -> Iterator[Rule]:
    yield from _types()
    for _, name, noun, is_upper, _ in BOUNDS:
        yield from _bound(name, noun, is_upper=is_upper)
    for _, name, noun, is_upper in CONTAINS:
        yield from _bound(name, noun, is_upper=is_upper)
    for name, noun, is_upper in _EXCLUSIVE:
        yield from _bound(name, noun, is_upper=is_upper)
    for _, name, noun in PRESENT:
        yield from _added(name, noun)
        yield from _changed(name, noun)
    yield from _values()
    yield from _objects()
    yield from _lists()
    yield from _choices()
    yield from _conditions()


def _types() -> Iterator[Rule]:
    turned = "the type of {it} changed from {old} to {new}"
    yield Rule("request-*-type-changed", (_BREAKING,), turned)
    yield Rule("request-*-type-generalized", (_COMPATIBLE,), turned)
    yield Rule("response-*-type-changed", (_BREAKING,), turned)
    yield Rule("response-*-type-specialized", (_COMPATIBLE,), turned)
    yield from _both(
        Effect.WIDER, "list-of-types-widened", "{it} may now be {new} instead of {old}"
    )
    yield from _both(
        Effect.NARROWER, "list-of-types-narrowed", "{it} may now only be {new} instead of {old}"
    )
    yield from _both(Effect.WIDER, "became-nullable", "{it} may now be null")
    yield from _both(Effect.NARROWER, "became-not-nullable", "{it} may no longer be null")
    yield from _both(Effect.NARROWER, "became-forbidden", "no value of {it} is allowed any more")
    yield from _both(Effect.WIDER, "became-allowed", "values of {it} are allowed now")


def _values() -> Iterator[Rule]:
    yield from _both(Effect.NARROWER, "became-enum", "{it} now has only certain values")
    yield from _both(
        Effect.WIDER, "became-not-enum", "{it} now has any values, not only certain ones"
    )
    yield Rule("request-*-enum-value-removed", (_BREAKING,), "{it} may no longer be {old}")
    yield Rule("request-*-enum-value-added", (_COMPATIBLE,), "{it} may now be {new}")
    yield Rule("response-*-enum-value-removed", (_COMPATIBLE,), "{it} is never {old} any more")
    yield Rule("response-*-enum-value-added", (_WARNING, _COMPATIBLE), "{it} may now be {new}")
    yield Rule(
        "request-*-x-extensible-enum-value-removed", (_BREAKING,), "{it} may no longer be {old}"
    )
    yield from _both(Effect.NARROWER, "const-added", "{it} is now always {new}")
    yield from _both(Effect.WIDER, "const-removed", "{it} is no longer always {old}")
    yield from _both(Effect.DIFFERENT, "const-changed", "{it} is now {new} instead of {old}")
    for what, text in (
        ("added", "{it} is now {new} where it is left out"),
        ("removed", "{it} has no default any more; it was {old}"),
        ("changed", "the default of {it} went from {old} to {new}"),
    ):
        yield Rule(f"request-*-default-value-{what}", (_WARNING,), text)
        yield Rule(f"response-*-default-value-{what}", (_COMPATIBLE,), text)
    yield from _both(Effect.NARROWER, "pattern-added", "{it} must now match {new}")
    yield from _both(Effect.WIDER, "pattern-removed", "{it} need no longer match {old}")
    yield from _both(
        Effect.WIDER, "pattern-generalized", "{it} may now be any text, not only {old}"
    )
    for direction in Direction:
        text = "{it} must now match {new} instead of {old}"
        yield Rule(f"{direction.value}-*-pattern-changed", (_WARNING,), text)
    yield from _both(
        Effect.NARROWER, "multiple-of-set", "{it} is now a multiple of {new} (it was of {old})"
    )
    yield from _both(
        Effect.WIDER, "multiple-of-unset", "{it} is now a multiple of {new} (it was of {old})"
    )
    yield from _both(
        Effect.DIFFERENT, "multiple-of-changed", "{it} is now a multiple of {new} instead of {old}"
    )
    for name, noun in (("content-encoding", "encoding"), ("content-media-type", "media type")):
        text = f"the {noun} of {{it}} changed from {{old}} to {{new}}"
        yield from _both(Effect.DIFFERENT, f"{name}-changed", text)


def _objects() -> Iterator[Rule]:
    request, response = "request-*", "response-*"
    yield Rule("new-required-request-property", (_BREAKING,), "{it} is new and required")
    yield Rule(
        "new-required-request-property-with-default",
        (_COMPATIBLE,),
        "{it} is new and required, and has a default",
    )
    yield Rule("new-optional-request-property", (_COMPATIBLE,), "{it} is new")
    yield Rule("request-property-removed", (_WARNING, _BREAKING), "{it} was removed")
    yield Rule("response-required-property-removed", (_BREAKING,), "{it} was removed")
    yield Rule("response-optional-property-removed", (_WARNING,), "{it} was removed")
    yield Rule("response-required-property-added", (_COMPATIBLE,), "{it} is new")
    yield Rule("response-optional-property-added", (_COMPATIBLE,), "{it} is new")
    for way in ("request", "response"):
        text = "{it} is new, and deprecated already"
        yield Rule(f"{way}-property-added-deprecated", (_WARNING,), text)
    yield Rule("request-property-became-required", (_BREAKING,), "{it} became required")
    yield Rule(
        "request-property-became-required-with-default",
        (_COMPATIBLE,),
        "{it} became required, and has a default",
    )
    yield Rule("request-property-became-optional", (_COMPATIBLE,), "{it} may be left out now")
    yield Rule("response-property-became-required", (_COMPATIBLE,), "{it} is always there now")
    yield Rule("response-property-became-optional", (_BREAKING,), "{it} may be missing now")
    yield from _read_write()
    yield from _both(
        Effect.NARROWER, "additional-properties-forbidden", "{it} has no other properties any more"
    )
    yield Rule(
        f"{request}-additional-properties-allowed", (_COMPATIBLE,), "{it} may have other properties"
    )
    yield Rule(
        f"{response}-additional-properties-allowed",
        (_COMPATIBLE,),
        "{it} may have other properties now",
    )
    yield from _added("pattern-property", "a schema of properties that match ")


def _read_write() -> Iterator[Rule]:
    gone, back = "{it} is no longer in {way}", "{it} is in {way} now"
    for direction, mark in ((Direction.REQUEST, "read-only"), (Direction.RESPONSE, "write-only")):
        way = direction.value
        bad = _WARNING if direction is Direction.REQUEST else _BREAKING
        needed = _BREAKING if direction is Direction.REQUEST else _COMPATIBLE
        lost, new = (text.replace("{way}", f"{way}s") for text in (gone, back))
        yield Rule(f"{way}-required-property-became-{mark}", (bad,), lost)
        yield Rule(f"{way}-optional-property-became-{mark}", (_WARNING,), lost)
        yield Rule(f"{way}-required-property-became-not-{mark}", (needed,), new)
        yield Rule(f"{way}-optional-property-became-not-{mark}", (_COMPATIBLE,), new)


def _lists() -> Iterator[Rule]:
    for direction in Direction:
        for what, text in (("added", "one position more"), ("removed", "one position less")):
            name = f"{direction.value}-*-prefix-items-{what}"
            yield Rule(name, (_BREAKING, _COMPATIBLE), f"{{it}} has {text}")
    yield from _added("unique-items", "no item twice")


def _choices() -> Iterator[Rule]:
    yield from _choice("one-of", "oneOf")
    yield from _choice("any-of", "anyOf")
    for what, of_request, of_response in (
        ("added", (_COMPATIBLE,), (_COMPATIBLE,)),
        ("removed", (_COMPATIBLE,), (_COMPATIBLE,)),
        ("property-name-changed", (_BREAKING,), (_BREAKING,)),
        ("mapping-added", (_COMPATIBLE,), (_COMPATIBLE, _BREAKING)),
        ("mapping-deleted", (_BREAKING,), (_COMPATIBLE,)),
        ("mapping-changed", (_BREAKING,), (_BREAKING,)),
    ):
        for direction, levels in zip(Direction, (of_request, of_response), strict=True):
            text = _DISCRIMINATOR.get(what, "what tells the kinds of {it} apart was " + what)
            yield Rule(f"{direction.value}-*-discriminator-{what}", levels, text)
    may_be, may_not = "{it} may also be {new}, which extends it", "{it} may no longer be {old}"
    for way, added, removed in (
        ("request", _COMPATIBLE, _BREAKING),
        ("response", _WARNING, _COMPATIBLE),
    ):
        yield Rule(f"{way}-*-subtype-added", (added,), may_be)
        yield Rule(f"{way}-*-subtype-removed", (removed,), f"{may_not}, which extended it")


_DISCRIMINATOR = {
    "property-name-changed": "the kinds of {it} are told apart by {new} instead of {old}",
    "mapping-added": "a kind of {it} is called {new}",
    "mapping-deleted": "no kind of {it} is called {old} any more",
    "mapping-changed": "the kind {old} of {it} has another schema",
}


def _conditions() -> Iterator[Rule]:
    for name in ("if", "then", "else"):
        yield from _added(name, f"a condition ({name})")
        yield from _changed(name, f"the condition ({name})")
    yield from _added("dependent-schema", "a schema that depends on ")
    yield from _changed("dependent-schema", "a schema that depends on properties")
    yield from _added("dependent-required", "properties that are required with ")
    for direction in Direction:
        name = f"{direction.value}-*-dependent-required-changed"
        text = "{it} requires other properties with {new}"
        yield Rule(name, (_BREAKING, _COMPATIBLE), text)


def table(rules: Iterable[Rule]) -> dict[str, Rule]:
    """Return rules by name."""
    return {rule.name: rule for rule in rules}


RULES = table(_rules())
