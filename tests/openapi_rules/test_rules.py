"""Every rule of the table is seen in each direction that it is there for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from ci_steps import registry
from ci_steps.comparisons.changes import Change, Location
from ci_steps.contracts import openapi
from ci_steps.jobs.comparing import Formats
from ci_steps.openapi_rules.rules import RULES
from ci_steps.outside import Outside
from ci_steps.schema_rules.spots import Kind
from tests.parts.contract_corpus import Pair, pairs
from tests.parts.contract_pairs import contract

FRAMES = {
    "request": "requestBody: {content: {text/json: {schema: S}}}",
    "response": "responses: {'200': {content: {text/json: {schema: S}}}}",
}
KINDS = "oneOf: [{title: a, type: string}, {title: b, type: integer}]"
MAPPED = f"{{{KINDS}, discriminator: {{propertyName: k, mapping: {{x: '#/a'}}}}}}"
A_DEFAULT = "requestBody: {content: {a/b: {schema: {properties: {a: {default: 1}}S}}}}"
# Both sides of a change, the rule for it, and the one for the way back.
SCHEMAS = [
    ("{}", "{minimum: 5}", "min-set", "min-unset"),
    ("{}", "{minLength: 5}", "min-length-set", "min-length-unset"),
    ("{}", "{maxItems: 5}", "max-items-set", "max-items-unset"),
    ("{minItems: 1}", "{minItems: 5}", "min-items-increased", "min-items-decreased"),
    ("{}", "{maxProperties: 5}", "max-properties-set", "max-properties-unset"),
    (
        "{minProperties: 1}",
        "{minProperties: 5}",
        "min-properties-increased",
        "min-properties-decreased",
    ),
    (
        "{contains: {}}",
        "{contains: {}, maxContains: 2}",
        "max-contains-set",
        "max-contains-unset",
    ),
    (
        "{contains: {}}",
        "{contains: {}, minContains: 2}",
        "min-contains-set",
        "min-contains-unset",
    ),
    (
        "{exclusiveMinimum: 1}",
        "{exclusiveMinimum: 5}",
        "exclusive-min-increased",
        "exclusive-min-decreased",
    ),
    *(
        (f"{{{word}: {{maxLength: 9}}}}", f"{{{word}: {{maxLength: 5}}}}", f"{name}-changed", "")
        for word, name in (
            ("contains", "contains"),
            ("propertyNames", "property-names"),
            ("unevaluatedItems", "unevaluated-items"),
            ("unevaluatedProperties", "unevaluated-properties"),
            ("contentSchema", "content-schema"),
            ("if", "if"),
            ("if: {}, then", "then"),
            ("if: {}, else", "else"),
            ("not", "not"),
        )
    ),
    *(
        ("{}", f"{{{schema}}}", f"{name}-{there}", f"{name}-{back}")
        for schema, name, there, back in (
            ("contentSchema: {maxLength: 5}", "content-schema", "added", "removed"),
            ("default: 1", "default-value", "added", "removed"),
            ("dependentRequired: {a: [b]}", "dependent-required", "added", "removed"),
            ("dependentSchemas: {a: {maxLength: 5}}", "dependent-schema", "added", "removed"),
            ("exclusiveMaximum: 5", "exclusive-max", "set", "unset"),
            ("exclusiveMinimum: 5", "exclusive-min", "set", "unset"),
            ("if: {}", "if", "added", "removed"),
            ("multipleOf: 2", "multiple-of", "set", "unset"),
            ("unevaluatedProperties: false", "unevaluated-properties", "added", "removed"),
        )
    ),
    *(
        (f"{{{word}: 5}}", f"{{{word}: 3}}", f"{name}-decreased", f"{name}-increased")
        for word, name in (
            ("exclusiveMaximum", "exclusive-max"),
            ("contains: {}, maxContains", "max-contains"),
            ("contains: {}, minContains", "min-contains"),
            ("maxProperties", "max-properties"),
        )
    ),
    ("{if: {}}", "{if: {}, then: {maxLength: 5}}", "then-added", "then-removed"),
    (
        "{dependentRequired: {a: [b]}}",
        "{dependentRequired: {a: [b, c]}}",
        "dependent-required-changed",
        "",
    ),
    ("{}", "false", "became-forbidden", "became-allowed"),
    (
        "{type: string}",
        "{type: [string, integer]}",
        "list-of-types-widened",
        "list-of-types-narrowed",
    ),
    (
        "{anyOf: [{title: a}]}",
        "{anyOf: [{title: a}, {title: b, maxLength: 5}]}",
        "any-of-added",
        "any-of-removed",
    ),
    (
        "{prefixItems: [{type: string}]}",
        "{prefixItems: [{type: string}, {type: integer}]}",
        "prefix-items-added",
        "prefix-items-removed",
    ),
    (
        "{}",
        "{unevaluatedItems: false}",
        "unevaluated-items-added",
        "unevaluated-items-removed",
    ),
    (
        "{dependentSchemas: {a: {maxLength: 9}}}",
        "{dependentSchemas: {a: {maxLength: 5}}}",
        "dependent-schema-changed",
        "",
    ),
    ("{multipleOf: 2}", "{multipleOf: 3}", "multiple-of-changed", ""),
    ("{pattern: a}", "{pattern: '.*'}", "pattern-generalized", "pattern-added"),
    (
        "{}",
        "{additionalProperties: false}",
        "additional-properties-forbidden",
        "additional-properties-allowed",
    ),
    (
        f"{{{KINDS}}}",
        f"{{{KINDS}, discriminator: {{propertyName: k}}}}",
        "discriminator-added",
        "discriminator-removed",
    ),
    (
        MAPPED,
        MAPPED.replace("{x: '#/a'}", "{x: '#/a', y: '#/b'}"),
        "discriminator-mapping-added",
        "discriminator-mapping-deleted",
    ),
    (MAPPED, MAPPED.replace("#/a", "#/b"), "discriminator-mapping-changed", ""),
]
# The same for what is no schema, or for one direction alone: with the options that it needs.
OPERATIONS: list[tuple[str, str, str, str, dict[str, Any]]] = [
    ("get: {}", "get: {deprecated: true}", "endpoint-deprecated", "endpoint-reactivated", {}),
    (
        "get: {}",
        "get: {deprecated: true}",
        "api-deprecated-sunset-missing",
        "endpoint-reactivated",
        {"deprecation": True},
    ),
    ("get: {deprecated: true}", "put: {}", "api-removed-with-deprecation", "endpoint-added", {}),
    (
        "get: {deprecated: true, x-sunset: '2999-01-01'}",
        "put: {}",
        "api-removed-before-sunset",
        "endpoint-added",
        {"deprecation": True},
    ),
    (
        f"put: {{{A_DEFAULT.replace('S', '')}}}",
        f"put: {{{A_DEFAULT.replace('S', ', required: [a]')}}}",
        "request-property-became-required-with-default",
        "request-property-became-optional",
        {},
    ),
    (
        "get: {responses: {200: {content: {text/plain: {}}}}}",
        "get: {responses: {200: {content: {text/*: {}}}}}",
        "response-media-type-name-generalized",
        "response-media-type-name-specialized",
        {},
    ),
    (
        "get: {responses: {200: {content: {a/b: {schema: {properties: {a: {}}}}}}}}",
        "get: {responses: {200: {content: {a/b: {schema: {properties: {a: {writeOnly: true}}}}}}}}",
        "response-optional-property-became-write-only",
        "response-optional-property-became-not-write-only",
        {},
    ),
]


def changes(old: str, new: str, **options: Any) -> tuple[Change, ...]:
    before, after = (
        contract("api", {"a.yaml": f"openapi: 3.1.0\npaths:\n  /a:\n    {item}\n"})
        for item in (old, new)
    )
    return openapi.compare(before, after, openapi.Options(**options), Outside())


def cases() -> Iterator[tuple[str, str, str, str, dict[str, Any]]]:
    yield from OPERATIONS
    for direction, frame in FRAMES.items():
        for old, new, rule, back in SCHEMAS:
            items = (f"get: {{{frame.replace('S', schema, 1)}}}" for schema in (old, new))
            before, after = items
            name = f"{direction}-body-"
            yield before, after, f"{name}{rule}", f"{name}{back or rule}", {}


@pytest.mark.parametrize(("old", "new", "rule", "back", "options"), [*cases()])
def test_a_change_and_its_mirror_are_told_with_a_level_of_their_rules(
    old: str, new: str, rule: str, back: str, options: dict[str, Any]
) -> None:
    for before, after, name in ((old, new, rule), (new, old, back)):
        (found,) = [one for one in changes(before, after, **options) if one.rule == name]
        assert found.level in RULES[_written(name)].levels
        assert found.old is not None
        assert found.new is not None
        assert found.old.line == 4 or found.new.line == 4


# What the way back says is no mirror: who writes down a value has it, a range is not its part, and
# what takes all kinds is none of them.
_NO_MIRROR = re.compile(r"extensible|any media type|matches everything|takes what all kinds are")


@pytest.mark.slow
def test_every_rule_has_a_case_in_each_direction_whose_places_are_asserted() -> None:
    located = {_written(name) for case in cases() for name in case[2:4]}
    of_openapi = [pair for pair in pairs() if pair.format == "openapi"]
    for pair, undone in zip(of_openapi[::2], of_openapi[1::2], strict=True):
        there, back = _found(pair), _found(undone)
        if not _NO_MIRROR.search(pair.id):
            # The way back points at the same places, whatever its rules are.
            assert _places(there) == {(new, old) for old, new in _places(back)}, pair.id
        asserted = _asserted(pair, there) | {(new, old) for old, new in _asserted(undone, back)}
        located |= {_written(one.rule) for one in there if (one.old, one.new) in asserted}
        located |= {_written(one.rule) for one in back if (one.new, one.old) in asserted}
    assert RULES.keys() - located == set()


def _found(pair: Pair) -> tuple[Change, ...]:
    options = registry.CONTRACTS["openapi"].Options(**pair.options)  # type: ignore[attr-defined]
    return Formats(Outside(), {"openapi": options}).compare(*pair.contracts("json"))


def _places(found: Iterable[Change]) -> set[tuple[str, str]]:
    return {(str(one.old), str(one.new)) for one in found}


def _asserted(pair: Pair, found: Iterable[Change]) -> set[tuple[Location | None, Location | None]]:
    """Return the places of changes of which a pair says in which lines they are."""
    old, new = pair.contracts("json")
    lines = [one for one in pair.expected if one.old or one.new]
    return {
        (one.old, one.new) for one in found if any(line.is_met_by(one, old, new) for line in lines)
    }


def _written(name: str) -> str:
    """Return a rule as the table writes it: ``request-*-max-set``."""
    if name in RULES:
        return name
    direction, _, rest = name.partition("-")
    kinds = "|".join(sorted((kind.value for kind in Kind), key=len, reverse=True))
    return f"{direction}-*-{re.sub(f'^({kinds})-', '', rest)}"
