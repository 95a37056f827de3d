"""OpenAPI: what changes, where, and what cannot be compared."""

from __future__ import annotations

from typing import Any

import pytest

from ci_steps.comparisons.changes import Change, Level, worst
from ci_steps.contracts import openapi
from ci_steps.errors import ContractError
from ci_steps.outside import Outside
from tests.parts.contract_pairs import compared, contract, told

HEAD = "openapi: {version}\npaths:\n  /a:\n    post:\n"
REQUEST = (
    HEAD + "      requestBody: {{content: {{application/json: {{schema:\n        {schema}}}}}}}\n"
)
RESPONSE = HEAD + (
    "      responses: {{'200': {{content: {{application/json: {{schema:\n        {schema}}}}}}}}}\n"
)
ANY, STRING = "{description: x}", "{type: string}"
# What is narrower than what, and the rules for it; in the other direction the levels change sides.
NARROWER = [
    ("3.0.3", "{type: integer}", "{type: integer, maximum: 5}", "max-set", "max-unset"),
    ("3.0.3", "{maximum: 9}", "{maximum: 5}", "max-decreased", "max-increased"),
    ("3.0.3", "{minimum: 1}", "{minimum: 5}", "min-increased", "min-decreased"),
    ("3.0.3", "{maxLength: 9}", "{maxLength: 5}", "max-length-decreased", "max-length-increased"),
    ("3.0.3", "{minLength: 1}", "{minLength: 5}", "min-length-increased", "min-length-decreased"),
    ("3.0.3", "{maxItems: 9}", "{maxItems: 5}", "max-items-decreased", "max-items-increased"),
    ("3.0.3", ANY, "{minItems: 5}", "min-items-set", "min-items-unset"),
    ("3.0.3", ANY, "{minProperties: 5}", "min-properties-set", "min-properties-unset"),
    ("3.0.3", "{multipleOf: 2}", "{multipleOf: 4}", "multiple-of-set", "multiple-of-unset"),
    ("3.0.3", ANY, "{uniqueItems: true}", "unique-items-added", "unique-items-removed"),
    ("3.0.3", STRING, "{type: string, enum: [b]}", "became-enum", "became-not-enum"),
    ("3.0.3", STRING, "{type: string, pattern: b}", "pattern-added", "pattern-removed"),
    (
        "3.0.3",
        "{type: string, nullable: true}",
        STRING,
        "became-not-nullable",
        "became-nullable",
    ),
    ("3.1.0", ANY, "{const: 5}", "const-added", "const-removed"),
    ("3.1.0", ANY, "{contains: {type: string}}", "contains-added", "contains-removed"),
    ("3.1.0", ANY, "{not: {type: string}}", "not-added", "not-removed"),
    (
        "3.1.0",
        ANY,
        "{propertyNames: {maxLength: 3}}",
        "property-names-added",
        "property-names-removed",
    ),
    (
        "3.1.0",
        ANY,
        "{dependentRequired: {a: [b]}}",
        "dependent-required-added",
        "dependent-required-removed",
    ),
    (
        "3.1.0",
        ANY,
        "{dependentSchemas: {a: {maxLength: 1}}}",
        "dependent-schema-added",
        "dependent-schema-removed",
    ),
    (
        "3.1.0",
        ANY,
        "{contentSchema: {type: string}}",
        "content-schema-added",
        "content-schema-removed",
    ),
    (
        "3.1.0",
        "{type: [string, integer]}",
        "{type: [string]}",
        "list-of-types-narrowed",
        "list-of-types-widened",
    ),
    (
        "3.1.0",
        "{exclusiveMaximum: 9}",
        "{exclusiveMaximum: 5}",
        "exclusive-max-decreased",
        "exclusive-max-increased",
    ),
]


def both_ways(frame: str, version: str, old: str, new: str) -> tuple[list[str], list[str]]:
    one, other = (frame.format(version=version, schema=schema) for schema in (old, new))
    return (
        compared(openapi, {"a.yaml": one}, {"a.yaml": other}),
        compared(openapi, {"a.yaml": other}, {"a.yaml": one}),
    )


@pytest.mark.parametrize(("version", "wide", "narrow", "rule", "mirror"), NARROWER)
def test_a_request_may_not_get_narrower_and_a_response_not_wider(
    version: str, wide: str, narrow: str, rule: str, mirror: str
) -> None:
    there, back = both_ways(REQUEST, version, wide, narrow)
    assert [line.split()[:2] for line in there] == [["breaking", f"request-body-{rule}"]]
    assert [line.split()[:2] for line in back] == [["compatible", f"request-body-{mirror}"]]
    assert there[0].endswith("a.yaml:6")
    there, back = both_ways(RESPONSE, version, wide, narrow)
    assert [line.split()[:2] for line in there] == [["compatible", f"response-body-{rule}"]]
    assert [line.split()[:2] for line in back] == [["breaking", f"response-body-{mirror}"]]
    assert back[0].split()[-2] == "a.yaml:6"


AUTH = """\
openapi: 3.0.3
paths:
  /tokens:
    get:
      {extra}
      responses:
        "200":
          content:
            application/json:
              schema:
                type: object
                required: [token, expires]
                properties:
                  token: {{type: string}}
                  {field}
"""
EXPIRES = "expires: {type: integer}"


def tokens(extra: str = "summary: x", field: str = EXPIRES) -> str:
    return AUTH.format(extra=extra, field=field)


def changes(old: str, new: str, **options: Any) -> tuple[Change, ...]:
    pair = contract("api", {"a.yaml": old}, "a.yaml"), contract("api", {"a.yaml": new}, "a.yaml")
    return openapi.compare(*pair, openapi.Options(**options), Outside())


def test_a_lost_field_is_told_in_a_sentence_with_its_line() -> None:
    (lost,) = [
        one for one in changes(tokens(), tokens(field="x-none: {}")) if "removed" in one.rule
    ]
    assert lost.rule == "response-required-property-removed"
    assert lost.text == "GET /tokens 200: the property `expires` was removed"
    assert str(lost.old) == "a.yaml:15"


def test_an_optional_parameter_breaks_nobody() -> None:
    extra = "parameters: [{name: limit, in: query, schema: {type: integer}}]"
    found = changes(tokens(), tokens(extra))
    assert told(found) == [
        "compatible new-optional-request-parameter GET /tokens query limit a.yaml:4 a.yaml:5"
    ]


SHARED = """\
openapi: 3.0.3
paths:
  /a: {{get: {{responses: {{200: {{$ref: '#/components/responses/T'}}}}}}}}
  /b: {{get: {{responses: {{200: {{$ref: '#/components/responses/T'}}}}}}}}
components:
  responses:
    T: {{content: {{text/json: {{schema: {{$ref: '#/components/schemas/T'}}}}}}}}
  schemas:
    T: {{properties: {{next: {{$ref: '#/components/schemas/T'}}, a: {{type: {type}}}}}}}
"""


def test_a_shared_schema_is_told_once_with_all_who_reach_it() -> None:
    (one,) = changes(SHARED.format(type="string"), SHARED.format(type="integer"))
    assert (one.rule, one.reaches) == ("response-property-type-changed", ("GET /a", "GET /b"))
    assert one.text == (
        "the schema T in a response: the type of the property `a` changed"
        " from `string` to `integer` (reached by GET /a, GET /b)"
    )
    assert one.places == "a.yaml:9"


def test_equal_documents_have_no_changes() -> None:
    assert changes(tokens(), tokens()) == ()


def test_what_was_deprecated_may_go_only_where_that_is_agreed() -> None:
    old = "openapi: 3.0.3\npaths: {/a: {get: {deprecated: true, x-sunset: '2020-01-01'}}}\n"
    new = "openapi: 3.0.3\npaths: {}\n"
    assert worst(changes(old, new)) is Level.BREAKING
    assert worst(changes(old, new, deprecation=True)) is Level.COMPATIBLE
    later = old.replace("2020", "2999")
    (refused,) = changes(later, new, deprecation=True)
    assert (refused.rule, refused.level) == ("api-removed-before-sunset", Level.BREAKING)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("openapi: 3.0.3\npaths: {a: [\n", "while parsing a flow"),
        ("openapi: 9.9.9\n", "openapi '9.9.9' is not known"),
        ("openapi: 3.0.3\npaths: {}\npaths: {}\n", "a.yaml:3: 'paths' is there twice"),
        (
            "openapi: 3.0.3\npaths: {/a: {$ref: 'http://example.com/a'}}\n",
            "is not read: nothing is over",
        ),
    ],
)
def test_what_cannot_be_read_is_no_answer(text: str, message: str) -> None:
    if "http" in text:
        text = text.replace("x:", "components:")
    with pytest.raises(ContractError) as refused:
        changes(tokens(), text)
    assert message in str(refused.value)


def test_all_of_that_leads_to_itself_is_refused() -> None:
    cyclic = SHARED.replace("T: {{", "T: {{allOf: [{{$ref: '#/components/schemas/T'}}], ")
    with pytest.raises(ContractError, match="allOf leads to itself"):
        changes(cyclic.format(type="string"), cyclic.format(type="integer"))


def test_a_schema_that_nothing_fits_refuses_all_requests() -> None:
    there, back = both_ways(REQUEST, "3.1.0", "true", "false")
    assert there == [
        "breaking request-body-became-forbidden POST /a application/json a.yaml:5 a.yaml:5"
    ]
    assert back[0].startswith("compatible request-body-became-allowed")


def test_an_openapi_document_is_known_by_what_it_says() -> None:
    assert openapi.recognises("a.yaml", b"# x\nopenapi: 3.0.0\n")
    assert openapi.recognises("a.json", b'{"info": {},\n "swagger": "2.0"}')
    assert not openapi.recognises("a.yaml", b"asyncapi: 2.0.0\n")
    assert not openapi.recognises("a.proto", b"openapi: 3.0.0\n")


def test_each_operation_of_a_path_that_comes_or_goes_is_named_with_its_line() -> None:
    none = "openapi: 3.0.3\npaths: {}\n"
    some = "openapi: 3.0.3\npaths:\n  /a:\n    get: {}\n    put: {}\n"
    assert told(changes(some, none)) == [
        "breaking api-path-removed-without-deprecation GET /a a.yaml:4 a.yaml:2",
        "breaking api-path-removed-without-deprecation PUT /a a.yaml:5 a.yaml:2",
    ]
    assert told(changes(none, some)) == [
        "compatible endpoint-added GET /a a.yaml:2 a.yaml:4",
        "compatible endpoint-added PUT /a a.yaml:2 a.yaml:5",
    ]
    found = changes(some, none)
    assert [one.reaches for one in found] == [("GET /a",), ("PUT /a",)]
    assert [one.places for one in found] == ["a.yaml:4 → a.yaml:2", "a.yaml:5 → a.yaml:2"]


@pytest.mark.parametrize("sunset", ["", ", x-sunset: soon"])
def test_without_a_sunset_that_has_passed_nothing_may_go(sunset: str) -> None:
    old = f"openapi: 3.0.3\npaths: {{/a: {{get: {{deprecated: true{sunset}}}}}}}\n"
    assert worst(changes(old, "openapi: 3.0.3\npaths: {}\n", deprecation=True)) is Level.BREAKING


FORMS = """\
swagger: '2.0'
paths:
  /a: {{post: {{parameters: [{{name: x, in: formData, type: {type}}}], responses: {{}}}}}}
  /b: {{post: {{parameters: [{{name: x, in: formData, type: {type}}}], responses: {{}}}}}}
"""


def test_a_field_of_two_forms_is_told_of_each_where_it_is() -> None:
    found = changes(FORMS.format(type="string"), FORMS.format(type="integer"))
    assert [(one.rule, one.reaches, one.places) for one in found] == [
        ("request-property-type-changed", ("POST /a",), "a.yaml:3"),
        ("request-property-type-changed", ("POST /b",), "a.yaml:4"),
    ]


SWAGGER = """\
swagger: '2.0'
info: {title: shop, version: '1'}
host: shop.test
basePath: /v1
consumes: [application/json]
produces: [application/json]
security: [{staff: []}]
securityDefinitions: {staff: {type: basic}}
paths:
  /orders/{id}:
    post:
      parameters:
        - {name: id, in: path, required: true, type: array, items: {type: string}}
        - {name: tags, in: query, type: array, items: {type: string}}
        - {name: ids, in: query, type: array, items: {type: string}, collectionFormat: multi}
        - {name: sizes, in: query, type: array, items: {type: string}, collectionFormat: pipes}
        - {name: order, in: body, required: true, schema: {$ref: '#/definitions/Order'}}
      responses:
        200:
          description: done
          headers: {X-Left: {type: integer}}
          schema: {$ref: '#/definitions/Order'}
  /photos:
    put:
      consumes: [multipart/form-data]
      parameters: [{name: photo, in: formData, type: file, required: true}]
      responses: {204: {description: done}}
definitions:
  Order:
    type: object
    discriminator: kind
    properties: {kind: {type: string}, note: {type: string, x-nullable: true}}
"""
THE_SAME = """\
openapi: 3.0.3
info: {title: shop, version: '1'}
servers: [{url: 'https://shop.test/v1'}]
security: [{basicAuth: []}]
paths:
  /orders/{order}:
    post:
      parameters:
        - {name: order, in: path, required: true, schema: {type: array, items: {type: string}}}
        - {name: tags, in: query, explode: false, schema: {type: array, items: {type: string}}}
        - {name: ids, in: query, schema: {type: array, items: {type: string}}}
        - name: sizes
          in: query
          style: pipeDelimited
          explode: false
          schema: {type: array, items: {type: string}}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
      responses:
        200:
          description: done
          headers: {X-Left: {schema: {type: integer}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
  /photos:
    put:
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [photo]
              properties: {photo: {type: string, format: binary}}
      responses: {204: {description: done}}
components:
  securitySchemes: {basicAuth: {type: http, scheme: Basic}}
  schemas:
    Order:
      type: object
      discriminator: {propertyName: kind}
      properties: {kind: {type: string}, note: {type: string, nullable: true}}
"""


def test_a_move_from_swagger_2_to_openapi_3_is_no_change() -> None:
    assert changes(SWAGGER, THE_SAME) == changes(THE_SAME, SWAGGER) == ()
    with_less = THE_SAME.replace(", note: {type: string, nullable: true}", "")
    assert {one.rule for one in changes(SWAGGER, with_less)} == {
        "request-property-removed",
        "response-optional-property-removed",
    }
