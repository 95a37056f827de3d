"""A part of the wrong shape is refused, with its line: it is never read as empty."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ci_steps.comparisons.changes import Contract
from ci_steps.documents.library import Library
from ci_steps.errors import ContractError
from ci_steps.openapi_rules.reading import read
from ci_steps.openapi_rules.shapes import SHAPES
from tests.parts.contract_pairs import contract

OPENAPI = [
    ("paths: []", "paths is a list, not a mapping"),
    ("paths:", "paths is empty, not a mapping"),
    ("paths: {/a: 5}", "paths./a is 5, not a mapping"),
    ("paths: {/a: {get: []}}", "/a.get is a list, not a mapping"),
    ("paths: {/a: {get: {responses: 5}}}", "get.responses is 5, not a mapping"),
    ("paths: {/a: {get: {responses: {200: }}}}", "responses.200 is empty, not a mapping"),
    ("paths: {/a: {get: {deprecated: 'no'}}}", 'get.deprecated is "no", not true or false'),
    ("paths: {/a: {parameters: {}}}", "/a.parameters is a mapping, not a list"),
    ("paths: {/a: {parameters: [[]]}}", "parameters[0] is a list, not a mapping"),
    ("paths: {/a: {parameters: [{in: query}]}}", "parameters[0] has no 'name'"),
    (
        "paths: {/a: {parameters: [{name: a, in: query, required: yes}]}}",
        '[0].required is "yes", not true or false',
    ),
    ("paths: {/a: {post: {requestBody: [a]}}}", "post.requestBody is a list, not a mapping"),
    (
        "paths: {/a: {post: {requestBody: {content: text/plain}}}}",
        'requestBody.content is "text/plain", not a mapping',
    ),
    (
        "paths: {/a: {post: {requestBody: {content: {text/plain: 1}}}}}",
        "content.text/plain is 1, not a mapping",
    ),
    (
        "paths: {/a: {get: {responses: {200: {headers: [X-Rate]}}}}}",
        "200.headers is a list, not a mapping",
    ),
    ("paths: {/a: {post: {callbacks: {done: 1}}}}", "callbacks.done is 1, not a mapping"),
    ("paths: {/a: {get: {security: {}}}}", "get.security is a mapping, not a list"),
    ("paths: {}\nsecurity: [{key: }]", "[0].key is empty, not a list of texts"),
    ("paths: {}\nservers: [{description: x}]", "servers[0] has no 'url'"),
    ("paths: {}\nservers: /v1", 'servers is "/v1", not a list'),
    ("paths: {}\nwebhooks: []", "webhooks is a list, not a mapping"),
    ("paths: {}\ncomponents: {securitySchemes: {key: {}}}", "securitySchemes.key has no 'type'"),
    ("info: {}", "the document has no 'paths'"),
]
SWAGGER = [
    ("paths: {}\nhost: []", "host is a list, not a text"),
    ("paths: {}\nproduces: text/plain", 'produces is "text/plain", not a list of texts'),
    ("paths: {}\ndefinitions: []", "definitions is a list, not a mapping"),
    ("paths: {/a: {get: {responses: {200: {schema: Pet}}}}}", '200.schema is "Pet", not a schema'),
    (
        "paths: {/a: {get: {parameters: [{name: a, in: query, enum: {}}]}}}",
        "[0].enum is a mapping, not a list",
    ),
]
SCHEMAS = [
    ("Pet", '"Pet", not a schema'),
    ("[]", "a list, not a schema"),
    ("{$ref: 5}", "5, not a text"),
    ("{type: 5}", "5, not a type or a list of types"),
    ("{type: [string, null]}", "empty, not a text"),
    ("{enum: {}}", "a mapping, not a list"),
    ("{required: true}", "true, not a list of texts"),
    ("{required: [1]}", "1, not a text"),
    ("{properties: [a]}", "a list, not a mapping"),
    ("{properties: {a: string}}", '"string", not a schema'),
    ("{properties: {a: {items: {allOf: {}}}}}", "a mapping, not a list"),
    ("{oneOf: [Pet]}", '"Pet", not a schema'),
    ("{items: 1}", "1, not a schema or a list of schemas"),
    ("{maximum: '5'}", '"5", not a number'),
    ("{minLength: true}", "true, not a number"),
    ("{exclusiveMinimum: x}", '"x", not a number, or true or false'),
    ("{pattern: 5}", "5, not a text"),
    ("{nullable: yes}", '"yes", not true or false'),
    ("{additionalProperties: no}", '"no", not a schema'),
    ("{discriminator: {}}", "discriminator has no 'propertyName'"),
    ("{discriminator: {propertyName: a, mapping: [a]}}", "a list, not a mapping"),
    ("{dependentRequired: {a: b}}", '"b", not a list of texts'),
    ("{not: []}", "a list, not a schema"),
]


def refused(text: str, **more: str) -> list[str]:
    files = {"api.yaml": text, **{f"{name}.yaml": other for name, other in more.items()}}
    with pytest.raises(ContractError) as error:
        read(contract("api", files, "api.yaml"))
    return str(error.value).splitlines()


@pytest.mark.parametrize(
    ("version", "text", "reason"),
    [("openapi: 3.0.3", *case) for case in OPENAPI]
    + [("swagger: '2.0'", *case) for case in [*SWAGGER, OPENAPI[0], OPENAPI[-1]]],
)
def test_what_is_no_description_is_refused(version: str, text: str, reason: str) -> None:
    line = 1 if "has no 'paths'" in reason else 2 + text.count("\n")
    (said,) = refused(f"{version}\n{text}\n")
    assert said == f"api: api.yaml:{line}: {reason}"


@pytest.mark.parametrize(("schema", "reason"), SCHEMAS)
def test_what_is_no_schema_is_refused(schema: str, reason: str) -> None:
    head = "openapi: 3.1.0\ncomponents:\n  schemas:\n    Pet:\n"
    (said,) = refused(f"{head}      allOf:\n        - {schema}\n")
    assert said.startswith("api: api.yaml:6: ")
    assert said.endswith(reason)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    text = "openapi: 3.0.3\npaths:\n  /a: []\n  /b:\n    get:\n      responses: 5\n    put: {}\n"
    assert refused(f"{text}servers: 1\ncomponents: {{schemas: {{A: {{$ref: '#/b'}}}}}}\n") == [
        "api: api.yaml:3: paths./a is a list, not a mapping",
        "api: api.yaml:6: get.responses is 5, not a mapping",
        "api: api.yaml:8: servers is 1, not a list",
        "api: api.yaml:9: $ref '#/b' leads to nothing",
    ]


def test_what_a_reference_leads_to_is_looked_at_where_it_is() -> None:
    text = "openapi: 3.0.3\npaths: {/a: {$ref: 'b.yaml#/a'}, /b: {$ref: 'b.yaml#/a'}}\n"
    assert refused(text, b="x: 1\na:\n  get:\n    parameters: 1\n") == [
        "api: b.yaml:4: get.parameters is 1, not a list"
    ]


def test_names_of_users_and_extensions_are_no_keywords() -> None:
    properties: dict[str, Any] = {key: {} for key in ("type", "required", "$ref", "x-a", "enum")}
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "paths": {"x-paths": 1, "/a": {"x-item": [], "get": {"x-b": 1, "responses": {"x-c": 1}}}},
        "components": {"schemas": {"type": {"properties": properties, "x-d": 1, "example": {}}}},
    }
    read(contract("api", {"api.json": json.dumps(document)}))


def test_what_two_releases_share_is_looked_at_once_and_what_is_new_is_seen() -> None:
    old = "openapi: 3.0.3\npaths: {/a: {get: {responses: {200: {description: x}}}}}\n"
    first = Library(contract("api", {"a.yaml": old}))
    root = first.document("a.yaml").root
    (shape,) = {SHAPES[dialect] for dialect in SHAPES if dialect.value == "3.0"}
    first.check((root, shape))
    assert list(first.shapes.wrong(root, shape)) == []
    new = old.replace("{description: x}", "5")
    second = Library(contract("api", {"a.yaml": new}), first)
    with pytest.raises(ContractError, match="is 5, not a mapping"):
        second.check((second.document("a.yaml").root, shape))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"openapi: 3.0.3\npaths: {}\nx: \xff\n", "api: api.yaml:3: not UTF-8"),
        (b"openapi: 3.0.3\n" + b"#" * 20_000_000, "20,000,015 bytes, more than 20,000,000"),
    ],
)
def test_what_is_no_text_or_too_large_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(ContractError) as error:
        read(Contract("api", "api.yaml", {"api.yaml": content}))
    assert reason in str(error.value)


MISSPELT = [
    ("paths: {/a: {gett: {}}}", "/a.gett is not known, did you mean get?"),
    ("paths: {/a: {GET: {}}}", "/a.GET is not known, did you mean get?"),
    ("paths: {/a: {get: {respones: {}}}}", "get.respones is not known, did you mean responses?"),
    (
        "paths: {/a: {get: {parameters: [{name: a, in: query, requird: true}]}}}",
        "[0].requird is not known, did you mean required?",
    ),
    ("paths: {}\nwebhook: {}", "webhook is not known, did you mean webhooks?"),
    (
        "paths: {}\ncomponents: {schema: {}}",
        "components.schema is not known, did you mean schemas?",
    ),
    (
        "paths: {}\ncomponents: {schemas: {A: {maxlength: 5}}}",
        "A.maxlength is not known, did you mean maxLength?",
    ),
    (
        "paths: {}\ncomponents: {schemas: {A: {items: {propertys: {}}}}}",
        "items.propertys is not known, did you mean properties?",
    ),
]


@pytest.mark.parametrize(("text", "reason"), MISSPELT)
def test_a_key_that_nearly_is_one_is_refused_and_not_read_as_nothing(
    text: str, reason: str
) -> None:
    (said,) = refused(f"openapi: 3.0.3\n{text}\n")
    assert said == f"api: api.yaml:{2 + text.count(chr(10))}: {reason}"


def test_keys_of_the_specification_that_are_not_compared_are_no_misspelt_ones() -> None:
    values = {"example": 1, "examples": {}, "allowReserved": True, "allowEmptyValue": True}
    parameter = {"name": "a", "in": "query", "deprecated": True, "schema": {}, **values}
    schema = {"$comment": "", "const": 1, "contentMediaType": "a/b", "xml": {}, "types": ["x"]}
    schemas = {"a": {**schema, "x-nullabel": True, "$dynamicRef": "#a"}}
    parts = {"links": {}, "examples": {}, "parameters": {"a": parameter}, "schemas": schemas}
    document = {
        "openapi": "3.1.0",
        "tags": [],
        "externalDocs": {},
        "components": parts,
        "paths": {"/a": {"servers": [], "additionalOperations": {}, "get": {"servers": []}}},
    }
    read(contract("api", {"api.json": json.dumps(document)}))
