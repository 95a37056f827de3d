"""Every rule of the table is seen in each direction that it is there for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from ci_steps import registry
from ci_steps.changes import Change
from ci_steps.comparing import Formats
from ci_steps.contracts import openapi
from ci_steps.openapi_rules.rules import RULES
from ci_steps.outside import Outside
from ci_steps.schema_rules.spots import Kind
from tests.parts.contract_corpus import pairs
from tests.parts.contract_pairs import contract

FRAMES = {
    "request": "requestBody: {content: {text/json: {schema: S}}}",
    "response": "responses: {'200': {content: {text/json: {schema: S}}}}",
}
KINDS = "oneOf: [{title: a, type: string}, {title: b, type: integer}]"
MAPPED = f"{{{KINDS}, discriminator: {{propertyName: k, mapping: {{x: '#/a'}}}}}}"
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
            ("if: {}, else", "else"),
        )
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


@pytest.mark.slow
def test_no_rule_of_the_table_is_without_a_case_in_each_direction() -> None:
    seen = {_written(name) for case in cases() for name in case[2:4]}
    for pair in pairs():
        if pair.format == "openapi":
            options = registry.CONTRACTS["openapi"].Options(**pair.options)  # type: ignore[attr-defined]
            found = Formats(Outside(), {"openapi": options}).compare(*pair.contracts("json"))
            seen |= {_written(one.rule) for one in found}
    assert RULES.keys() - seen == set()


def _written(name: str) -> str:
    """Return a rule as the table writes it: ``request-*-max-set``."""
    if name in RULES:
        return name
    direction, _, rest = name.partition("-")
    kinds = "|".join(sorted((kind.value for kind in Kind), key=len, reverse=True))
    return f"{direction}-*-{re.sub(f'^({kinds})-', '', rest)}"
