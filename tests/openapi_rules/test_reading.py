"""Walking an API: operations, parameters, bodies, responses, and schemas through references."""

from __future__ import annotations

import pytest

from ci_steps.errors import ContractError
from ci_steps.openapi_rules.description import Api
from ci_steps.openapi_rules.reading import read
from tests.parts.contract_pairs import contract

OPENAPI = """\
openapi: 3.0.3
paths:
  /tokens/{token}:
    parameters:
      - {name: token, in: path, required: true, schema: {type: string}}
    put:
      operationId: renew
      parameters:
        - {name: trace, in: header, schema: {type: string}}
      requestBody: {$ref: '#/components/requestBodies/Renewal'}
      responses:
        2xx:
          headers: {X-Rate: {schema: {type: integer}}}
          content:
            Application/JSON:
              schema: {$ref: '#/components/schemas/Token'}
components:
  requestBodies:
    Renewal:
      required: true
      content: {text/plain: {schema: {type: string}}}
  schemas:
    Token:
      allOf:
        - properties:
            user: {$ref: '#/components/schemas/User'}
      oneOf:
        - properties:
            user: {type: object}
    User:
      type: object
      enum: [1]
"""
SWAGGER = """\
swagger: "2.0"
consumes: [application/json]
paths:
  /pets:
    post:
      produces: [text/plain, application/xml]
      parameters:
        - {name: tags, in: query, type: array, items: {type: string}}
        - {name: pet, in: body, required: true, schema: {$ref: '#/definitions/Pet'}}
      responses:
        200: {schema: {$ref: '#/definitions/Pet'}}
    put:
      consumes: [multipart/form-data]
      parameters:
        - {name: photo, in: formData, type: file}
        - {name: name, in: formData, type: string, required: true}
      responses: {204: {}}
definitions:
  Pet: {type: object}
"""


def api(text: str) -> Api:
    return read(contract("api", {"api.yaml": text}, "api.yaml"))


def test_an_operation_is_found_by_path_and_by_id() -> None:
    found = api(OPENAPI)
    operation = found.operation("put", "/tokens/{anything}")
    assert operation is not None
    assert operation is found.operation_called("renew")
    assert (str(operation), operation.node.location.line) == ("PUT /tokens/{token}", 6)
    assert found.operation("get", "/tokens/{token}") is None


def test_an_operation_takes_parameters_and_a_body() -> None:
    operation = api(OPENAPI).operation_called("renew")
    assert operation is not None
    assert [one.key for one in operation.parameters] == [("path", "token"), ("header", "trace")]
    assert operation.body is not None
    assert operation.body.is_required
    assert list(operation.body.media) == ["text/plain"]


def test_a_property_is_found_through_references_and_alternatives() -> None:
    operation = api(OPENAPI).operation_called("renew")
    assert operation is not None
    response = operation.responses["2XX"]
    assert list(response.headers) == ["x-rate"]
    schema = response.media["application/json"].schema
    assert schema is not None
    users = schema.properties("user")
    assert [one.location.line for one in users] == [26, 29]
    assert {place.line for place in users[0].locations()} == {26, 30, 31, 32}
    assert schema.properties("nothing") == ()


def test_swagger_2_is_read_alike() -> None:
    found = api(SWAGGER)
    post, put = found.operation("POST", "/pets"), found.operation("PUT", "/pets")
    assert post is not None
    assert put is not None
    assert [(one.key, one.style) for one in post.parameters] == [(("query", "tags"), "form")]
    assert post.body is not None
    assert post.body.is_required
    assert list(post.body.media) == ["application/json"]
    assert list(post.responses["200"].media) == ["text/plain", "application/xml"]
    assert put.body is not None
    schema = put.body.media["multipart/form-data"].schema
    assert schema is not None
    assert [one.location.line for one in schema.properties("name")] == [16]
    assert schema.facets[0].value["required"] == ["name"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("openapi: 4.0.0\n", "api: api.yaml:1: openapi '4.0.0' is not known"),
        ("swagger: 3.0.0\n", "api: api.yaml:1: swagger '3.0.0' is not known"),
        ("info: {}\n", "api: api.yaml:1: neither 'openapi' nor 'swagger' says a version"),
        ("[]\n", "api: api.yaml:1: neither 'openapi' nor 'swagger' says a version"),
    ],
)
def test_a_version_that_is_not_known_is_refused(text: str, message: str) -> None:
    with pytest.raises(ContractError) as refused:
        api(text)
    assert str(refused.value).startswith(message)


def test_a_folder_has_one_document_of_openapi() -> None:
    types = "Pet: {type: string}\n"
    document = "openapi: 3.1.0\npaths: {}\n"
    assert read(contract("api", {"a.yaml": types, "b.yml": document})).root.place == ("b.yml", ())
    with pytest.raises(ContractError, match="one document of OpenAPI is expected, found a"):
        read(contract("api", {"a.yaml": document, "b.yml": document}))
