"""Which places of an API somebody's calls use, and so which changes touch them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ci_steps.comparisons.changes import Change, Level
from ci_steps.documents.node import Node
from ci_steps.openapi_rules.description import Api
from ci_steps.openapi_rules.reading import read
from ci_steps.openapi_rules.uses import narrow
from ci_steps.uses.operations import read_operation
from ci_steps.uses.pact import read_pact
from ci_steps.uses.values import Uses
from tests.parts.contract_pairs import contract

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_steps.uses.narrowed import Narrowed

API = """\
openapi: 3.0.3
servers: [{url: 'https://auth.example/v1'}]
security: [{key: []}]
paths:
  /tokens:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer, maximum: 10}}
        - {name: filter, in: query, style: deepObject, schema: {type: object}}
        - {$ref: '#/components/parameters/Trace'}
      responses:
        200:
          headers: {ETag: {schema: {type: string}}, X-Rate: {schema: {type: integer}}}
          content:
            application/json:
              schema:
                type: object
                required: [items, next]
                properties:
                  items:
                    type: array
                    items: {$ref: '#/components/schemas/Token'}
                  next: {type: string}
        404: {$ref: '#/components/responses/Problem'}
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [user]
              properties:
                user: {type: string, maxLength: 9}
                note: {type: string, maxLength: 9}
                address: {type: object, properties: {town: {type: string}}}
      responses:
        201: {content: {application/json: {schema: {$ref: '#/components/schemas/Token'}}}}
        default: {$ref: '#/components/responses/Problem'}
  /tokens/{token}:
    get:
      parameters: [{name: token, in: path, required: true, schema: {type: string}}]
      responses:
        2XX: {content: {application/json: {schema: {$ref: '#/components/schemas/Token'}}}}
  /tokens/latest:
    get: {responses: {200: {description: the last one}}}
components:
  parameters:
    Trace: {name: X-Trace, in: header, schema: {type: string}}
  responses:
    Problem:
      content: {application/json: {schema: {type: object, properties: {reason: {type: string}}}}}
  securitySchemes: {key: {type: apiKey, name: k, in: header}}
  schemas:
    Token:
      type: object
      required: [id, owner]
      properties:
        id: {type: string}
        expires: {type: integer}
        labels: {type: object, additionalProperties: {$ref: '#/components/schemas/Label'}}
        owner: {$ref: '#/components/schemas/Owner'}
        parent: {$ref: '#/components/schemas/Token'}
    Label: {type: object, properties: {text: {type: string}, color: {type: string}}}
    Owner:
      oneOf: [{$ref: '#/components/schemas/Person'}, {$ref: '#/components/schemas/Team'}]
      discriminator: {propertyName: kind, mapping: {p: Person}}
    Person: {type: object, properties: {kind: {type: string}, name: {type: string}}}
    Team: {type: object, properties: {kind: {type: string}, title: {type: string}}}
"""
TOKEN = "components/schemas/Token"
LABEL = "components/schemas/Label/properties"
PERSON = "components/schemas/Person/properties"
TEAM = "components/schemas/Team/properties"
PROBLEM = "components/responses/Problem/content/application~json/schema/properties"
OK = "paths/~tokens/get/responses/200/content/application~json/schema"
BODY = "paths/~tokens/post/requestBody/content/application~json/schema"
HEADERS = "paths/~tokens/get/responses/200/headers"
PARAMETERS = "paths/~tokens/get/parameters"


@pytest.fixture(scope="module")
def api() -> Api:
    return read(contract("auth", {"api.yaml": API}, "api.yaml"))


def at(api: Api, path: str) -> Node:
    """Return the node of a path, in which ``~`` is a slash."""
    node = api.root
    for part in path.split("/"):
        key = part.replace("~", "/")
        key = f"/{key[1:]}" if key.startswith("/") else key
        found = [*node.items()][int(key)] if isinstance(node.value, list) else node.get(key)
        assert found is not None, path
        node = found
    return node


def change(api: Api, rule: str, path: str, *reaches: str, level: Level = Level.BREAKING) -> Change:
    return Change(rule, level, path, rule, at(api, path).location, None, reaches)


def using(*lines: str) -> Uses:
    return sum(map(read_operation, lines), Uses())


def pact(method: str, path: str, response: object, **request: object) -> Uses:
    call = {"request": {"method": method, "path": path, **request}, "response": response}
    return read_pact(json.dumps({"interactions": [call]}), "p.json")


def is_touched(api: Api, uses: Uses, one: Change) -> bool:
    found: Narrowed = narrow([one], uses, api)
    assert found.doubts == ()
    return found.touching == (one,)


GONE, OPTIONAL = "response-required-property-removed", "response-property-became-optional"


@pytest.mark.parametrize(
    ("line", "rule", "path", "touched"),
    [
        ("GET /tokens", GONE, f"{TOKEN}/properties/id", True),
        ("GET /tokens: next", GONE, f"{OK}/properties/next", True),
        ("GET /tokens: next", GONE, f"{OK}/properties/items", False),
        ("GET /tokens: next", GONE, f"{TOKEN}/properties/id", False),
        ("GET /tokens: items[*].id", GONE, f"{TOKEN}/properties/id", True),
        ("GET /tokens: items.id", GONE, f"{TOKEN}/properties/id", True),
        ("GET /tokens: items.id", GONE, f"{TOKEN}/properties/expires", False),
        ("GET /tokens: items.id", "response-property-type-changed", TOKEN, True),
        ("GET /tokens: items.id", OPTIONAL, f"{TOKEN}/required/0", True),
        ("GET /tokens: items.id", OPTIONAL, f"{TOKEN}/required/1", False),
        ("GET /tokens: items.parent.parent.id", GONE, f"{TOKEN}/properties/id", True),
        ("GET /tokens: items.labels.x.text", GONE, f"{LABEL}/text", True),
        ("GET /tokens: items.labels.x.text", GONE, f"{LABEL}/color", False),
        ("GET /tokens: items.labels[*].text", GONE, f"{LABEL}/text", True),
        ("GET /tokens: items.owner.name", GONE, f"{PERSON}/name", True),
        ("GET /tokens: items.owner.name", GONE, f"{TEAM}/title", False),
        ("GET /tokens: items.owner.name", "response-property-one-of-removed",
         "components/schemas/Owner/oneOf/1", True),
        ("GET /tokens: items.owner.name", "response-property-discriminator-mapping-deleted",
         "components/schemas/Owner/discriminator/mapping/p", True),
        ("GET /tokens: items.owner", GONE, f"{TEAM}/title", True),
        ("GET /tokens: reason", GONE, f"{OK}/properties/next", False),
        ("GET /tokens: next", "request-parameter-max-decreased",
         f"{PARAMETERS}/0/schema/maximum", True),
        ("POST /tokens", "request-property-max-length-decreased",
         f"{BODY}/properties/note/maxLength", True),
        ("POST /tokens", GONE, f"{OK}/properties/next", False),
        ("GET /tokens/{any}", GONE, f"{TOKEN}/properties/owner", True),
        ("GET /tokens/{any}", "request-parameter-pattern-added",
         "paths/~tokens~{token}/get/parameters/0", True),
    ],
)  # fmt: skip
def test_a_line_uses_what_leads_to_its_fields(
    api: Api, line: str, rule: str, path: str, touched: bool
) -> None:
    assert is_touched(api, using(line), change(api, rule, path)) is touched


GET = pact(
    "GET",
    "/v1/tokens",
    {"status": 200, "headers": {"etag": "x"}, "body": {"next": "n"}},
    query="limit=1",
)
POST = pact("POST", "/tokens", {"status": 201, "body": {"id": "1"}}, body={"user": "u"})


@pytest.mark.parametrize(
    ("uses", "rule", "path", "touched"),
    [
        (GET, GONE, f"{OK}/properties/next", True),
        (GET, GONE, f"{TOKEN}/properties/id", False),
        (GET, "request-parameter-max-decreased", f"{PARAMETERS}/0/schema/maximum", True),
        (GET, "request-parameter-type-changed", f"{PARAMETERS}/1/schema/type", False),
        (GET, "request-parameter-removed", f"{PARAMETERS}/1", False),
        (GET, "request-parameter-became-required", f"{PARAMETERS}/1", True),
        (GET, "request-parameter-removed", "components/parameters/Trace", False),
        (GET, "request-parameter-became-required", "components/parameters/Trace", True),
        (GET, "request-parameter-default-value-changed", f"{PARAMETERS}/1/schema", True),
        (GET, "new-required-request-parameter", "paths/~tokens/get", True),
        (GET, "response-header-type-changed", f"{HEADERS}/ETag", True),
        (GET, "response-header-type-changed", f"{HEADERS}/X-Rate", False),
        (GET, "response-success-status-removed", "paths/~tokens/get/responses/200", True),
        (GET, "response-non-success-status-removed", "paths/~tokens/get/responses/404", False),
        (GET, "response-media-type-removed", f"{OK[:-7]}", True),
        (GET, "api-security-removed", "security", True),
        (GET, "api-security-component-changed", "components/securitySchemes/key/name", True),
        (GET, "api-server-changed", "servers/0/url", True),
        (POST, "request-property-max-length-decreased", f"{BODY}/properties/user/maxLength", True),
        (POST, "request-property-max-length-decreased", f"{BODY}/properties/note/maxLength", False),
        (POST, "request-property-removed", f"{BODY}/properties/note", False),
        (POST, "request-property-became-required", f"{BODY}/properties/note", True),
        (POST, "request-property-became-required",
         f"{BODY}/properties/address/properties/town", False),
        (POST, "request-property-default-value-added", f"{BODY}/properties/note", True),
        (POST, "new-required-request-property", BODY, True),
        (POST, "new-required-request-property", f"{BODY}/properties/address", False),
        (POST, "request-body-min-properties-set", BODY, True),
        (POST, GONE, f"{TOKEN}/properties/id", True),
        (POST, GONE, f"{PROBLEM}/reason", False),
        (POST, "something-nobody-has-heard-of", "paths/~tokens/get", True),
        (POST, "something-nobody-has-heard-of", "components", True),
    ],
)  # fmt: skip
def test_a_pact_uses_what_is_sent_and_what_is_read(
    api: Api, uses: Uses, rule: str, path: str, touched: bool
) -> None:
    assert is_touched(api, uses, change(api, rule, path)) is touched


def test_the_operations_that_reach_a_change_decide_first(api: Api) -> None:
    path = f"{TOKEN}/properties/id"
    uses = using("GET /tokens")
    assert is_touched(api, uses, change(api, GONE, path, "GET /tokens", "GET /tokens/{token}"))
    assert not is_touched(api, uses, change(api, GONE, path, "GET /tokens/{token}"))
    assert is_touched(api, uses, change(api, GONE, path, "POST onToken"))
    removed = Change("api-path-removed", Level.BREAKING, "x", "x", None, None, ("GET /tokens",))
    assert is_touched(api, uses, removed)


def test_what_is_compatible_touches_only_where_it_is_used(api: Api) -> None:
    added = Change("endpoint-added", Level.COMPATIBLE, "GET /new", "x", None, None, ("GET /new",))
    assert not is_touched(api, using("GET /tokens"), added)


@pytest.mark.parametrize(
    ("path", "touched"),
    [
        ("/tokens/42", "paths/~tokens~{token}/get"),
        ("/v1/tokens/42", "paths/~tokens~{token}/get"),
        ("/tokens/latest", "paths/~tokens~latest/get"),
    ],
)
def test_a_path_it_was_called_with_is_the_most_literal_one(
    api: Api, path: str, touched: str
) -> None:
    uses = pact("GET", path, {"status": 200})
    for one in ("paths/~tokens~{token}/get", "paths/~tokens~latest/get"):
        reached = str(at(api, one).path[1])
        removed = change(api, "api-removed", one, f"GET {reached}")
        assert is_touched(api, uses, removed) is (one == touched)


@pytest.mark.parametrize(
    ("uses", "doubt"),
    [
        (using("GET /tokns"), "GET /tokns is not in the contract, did you mean GET /tokens?"),
        (using("PUT /tokens"), "PUT /tokens is not in the contract, did you mean POST /tokens?"),
        (using("Token.id"), "Token.id is no operation of HTTP"),
        (Uses(documents={"q.graphql": "{a}"}), "q.graphql is of another format"),
    ],
)
def test_what_is_no_operation_of_the_contract_touches_everything(
    api: Api, uses: Uses, doubt: str
) -> None:
    one = change(api, GONE, f"{BODY}/properties/note", "POST /tokens")
    found = narrow([one], using("GET /tokens") + uses, api)
    assert found.touching == (one,)
    assert [text.partition(" (")[0] for text in found.doubts] == [doubt]


@pytest.mark.parametrize(
    ("uses", "doubt"),
    [
        (using("GET /tokens: nxt"), "the field nxt of the response"),
        (
            using("GET /tokens: items[*].owner.size"),
            "the field items[*].owner.size of the response",
        ),
        (pact("GET", "/tokens", {"status": 418}), "the status 418"),
        (pact("GET", "/tokens", {"status": 200}, query="limt=1"), "the query parameter limt"),
        (pact("GET", "/tokens", {"status": 200}, body={"a": 1}), "a body of the request"),
        (pact("GET", "/tokens", {"status": 200}, query="filter[a]=1"), ""),
    ],
)
def test_what_an_operation_does_not_have_is_said_and_all_of_it_touches(
    api: Api, uses: Uses, doubt: str
) -> None:
    used = change(api, GONE, f"{TOKEN}/properties/expires", "GET /tokens")
    other = change(api, "request-property-removed", f"{BODY}/properties/note", "POST /tokens")
    found = narrow([used, other], uses, api)
    if doubt:
        assert found.doubts == (f"GET /tokens: {doubt} is not in the contract",)
        assert found.touching == (used,)
    else:
        assert (found.doubts, found.touching) == ((), ())
    assert other in found.untouched


def test_the_pacts_of_each_specification_are_found_in_an_api_they_fit() -> None:
    folder = Path(__file__).parent.parent / "uses" / "pacts"
    text = """\
openapi: 3.1.0
paths:
  /users/{user}/tokens:
    get:
      parameters: [{name: limit, in: query}, {name: active, in: query}]
      responses:
        '200':
          content: {application/json: {schema: {properties: {items: {}, next: {}, rest: {}}}}}
  /login:
    post:
      parameters: [{name: remember, in: query}, {name: scope, in: query}]
      requestBody: {content: {'*/*': {schema: {properties: {user: {}, password: {}, otp: {}}}}}}
      responses: {'201': {content: {a/b: {schema: {properties: {body: {}, extra: {}}}}}}}
    delete: {responses: {'204': {}}}
"""
    api = read(contract("auth", {"api.yaml": text}, "api.yaml"))
    uses = [read_pact((folder / f"v{one}.json").read_text("utf-8"), f"v{one}.json") for one in "23"]
    schemas = [
        (GONE, "paths/~users~{user}~tokens/get/responses/200/content/application~json", "rest"),
        (GONE, "paths/~login/post/responses/201/content/a~b", "extra"),
        ("request-property-removed", "paths/~login/post/requestBody/content/*~*", "otp"),
        (GONE, "paths/~users~{user}~tokens/get/responses/200/content/application~json", "next"),
        ("request-property-removed", "paths/~login/post/requestBody/content/*~*", "user"),
    ]
    changes = [change(api, rule, f"{way}/schema/properties/{name}") for rule, way, name in schemas]
    found = narrow(changes, sum(uses, Uses()), api)
    assert found.doubts == ()
    assert [one.subject.rpartition("/")[2] for one in found.touching] == ["next", "user"]


SWAGGER = """\
swagger: "2.0"
basePath: /v1
paths:
  /pets:
    post:
      parameters:
        - {name: pet, in: body, schema: {$ref: '#/definitions/Pet'}}
      responses:
        200: {schema: {$ref: '#/definitions/Pet'}}
    put:
      parameters:
        - {name: name, in: formData, type: string}
        - {name: tag, in: formData, type: string}
      responses: {200: {description: fine}}
definitions:
  Pet: {type: object, properties: {name: {type: string}, tag: {type: string}}}
"""


def test_swagger_is_narrowed_like_the_others() -> None:
    api = read(contract("pets", {"api.yaml": SWAGGER}, "api.yaml"))
    uses = pact("POST", "/v1/pets", {"status": 200, "body": {"name": "x"}}, body={"tag": "y"})
    name, tag = (f"definitions/Pet/properties/{one}" for one in ("name", "tag"))
    told: Iterable[tuple[str, str]] = (
        (GONE, name),
        (GONE, tag),
        ("request-property-removed", name),
        ("request-property-removed", tag),
    )
    touched = [is_touched(api, uses, change(api, rule, path)) for rule, path in told]
    assert touched == [True, False, False, True]
    form = pact("PUT", "/pets", {"status": 200}, body="name=x")
    assert is_touched(
        api, form, change(api, "request-property-removed", "paths/~pets/put/parameters/1")
    )


@pytest.mark.parametrize(
    ("read_of_body", "tail", "name"),
    [
        ({"name": "x"}, False, True),
        ({"tail": 1}, True, False),
        (None, True, True),
        ({"tag": "x"}, False, False),
    ],
)
def test_what_extends_a_schema_with_a_discriminator_is_read_where_that_one_is(
    read_of_body: object, tail: bool, name: bool
) -> None:
    text = SWAGGER.replace("Pet: {type: object,", "Pet: {type: object, discriminator: name,")
    text += "  Dog: {allOf: [{$ref: '#/definitions/Pet'}, {properties: {tail: {type: integer}}}]}\n"
    api = read(contract("pets", {"api.yaml": text}, "api.yaml"))
    response = {"status": 200, **({"body": read_of_body} if read_of_body else {"body": "text"})}
    uses = pact("POST", "/v1/pets", response, body={"tag": "y"})
    places = ("Dog/allOf/1/properties/tail", "Pet/properties/name")
    told = [change(api, GONE, f"definitions/{one}") for one in places]
    assert [is_touched(api, uses, one) for one in told] == [tail, name]
