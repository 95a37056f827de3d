"""Operations that are written alike: what they refer to is compared all the same."""

from __future__ import annotations

import pytest

from ci_steps.comparisons.changes import Change, Contract
from ci_steps.contracts import openapi
from ci_steps.openapi_rules import alike
from ci_steps.outside import Outside
from tests.parts.contract_corpus import Pair, pairs
from tests.parts.contract_pairs import Files, contract

# Two operations with references in every position.
API = """\
openapi: 3.0.3
paths:
  /a/{id}: &item
    parameters: [{$ref: '#/components/parameters/Id'}]
    post:
      parameters:
        - $ref: '#/components/parameters/Page'
        - {name: sort, in: query, schema: {$ref: '#/components/schemas/Sort'}}
        - {name: f, in: query, content: {a/b: {schema: {$ref: '#/components/schemas/F'}}}}
      requestBody: {$ref: '#/components/requestBodies/Body'}
      responses:
        200: {$ref: '#/components/responses/Done'}
        201:
          headers: {X-Rate: {$ref: '#/components/headers/Rate'}}
          content: {text/json: {schema: {items: {$ref: 'more.yaml#/Item'}}}}
  /b/{id}: *item
components:
  parameters:
    Id: {name: id, in: path, required: true, schema: {type: string, maxLength: 9}}
    Page: {name: page, in: query, schema: {type: integer, maximum: 99}}
  requestBodies:
    Body: {content: {text/json: {schema: {type: object, properties: {b: {type: string}}}}}}
  responses:
    Done: {content: {text/json: {schema: {$ref: '#/components/schemas/Done'}}}}
  headers:
    Rate: {required: true, schema: {type: integer, minimum: 3}}
  schemas:
    Sort: {type: string, enum: [up, down]}
    F: {properties: {hidden: {readOnly: true, allOf: [{$ref: '#/components/schemas/No'}]}}}
    No: {type: string}
    Done: {type: object, required: [at], properties: {at: {type: string}}}
"""
MORE = "Item: {type: object, properties: {n: {type: string}}}\n"
BOTH = ("POST /a/{id}", "POST /b/{id}")


def changes(new: str, more: str = MORE) -> tuple[Change, ...]:
    before = contract("api", {"a.yaml": API, "more.yaml": MORE}, "a.yaml")
    after = contract("api", {"a.yaml": new, "more.yaml": more}, "a.yaml")
    return openapi.compare(before, after, openapi.Options(), Outside())


@pytest.mark.parametrize(
    ("written", "changed", "rule"),
    [
        ("maxLength: 9", "maxLength: 8", "request-parameter-max-length-decreased"),
        ("maximum: 99", "maximum: 98", "request-parameter-max-decreased"),
        ("[up, down]", "[up]", "request-parameter-enum-value-removed"),
        ("b: {type: string}", "b: {type: integer}", "request-property-type-changed"),
        ("[at]", "[]", "response-property-became-optional"),
        ("minimum: 3", "minimum: 2", "response-header-min-decreased"),
        (
            "required: true, schema: {type: integer",
            "schema: {type: integer",
            "response-header-became-optional",
        ),
    ],
)
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_a_change_of_what_is_shared_is_found_once_and_reached_by_both(
    version: str, written: str, changed: str, rule: str
) -> None:
    assert API.count(written) == 1
    (found,) = changes(API.replace(written, changed).replace("3.0.3", version))
    assert (found.rule, found.reaches) == (rule, BOTH)


def test_a_change_in_another_file_is_found() -> None:
    (found,) = changes(API, MORE.replace("n: {type: string}", "n: {type: integer}"))
    assert (found.rule, found.reaches) == ("response-property-type-changed", BOTH)
    assert found.places == "more.yaml:1"


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_nothing_is_found_where_nothing_changed(version: str) -> None:
    assert changes(API.replace("3.0.3", version)) == ()


def test_what_means_something_else_in_another_version_is_no_part_of_what_is_alike() -> None:
    def versioned(version: str) -> Contract:
        text = API.replace("3.0.3", version)
        more = MORE.replace("n: {type", "n: {nullable: true, type")
        return contract("api", {"a.yaml": text, "more.yaml": more}, "a.yaml")

    pair = versioned("3.0.3"), versioned("3.1.0")
    (found,) = openapi.compare(*pair, openapi.Options(), Outside())
    assert (found.rule, found.reaches) == ("response-property-became-not-nullable", BOTH)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Return of each operation whether it was compared by what it refers to."""
    found: list[bool] = []
    compare = alike.Alike.compare

    def spied(*given: object) -> bool:
        found.append(compare(*given))  # type: ignore[arg-type]
        return found[-1]

    monkeypatch.setattr(alike.Alike, "compare", spied)
    return found


def test_most_operations_are_alike_and_one_that_is_not_is_compared_part_by_part(
    seen: list[bool],
) -> None:
    changes(API.replace("[at]", "[]"))
    assert seen == [True, True]
    seen.clear()
    changes(API.replace("maximum: 99", "maximum: 98"))
    assert seen == [False, False]


SWAGGER = """\
swagger: '2.0'
consumes: [a/b]
paths:
  /a:
    parameters: [{$ref: '#/parameters/Page'}]
    post:
      parameters: [{name: body, in: body, schema: {$ref: '#/definitions/In'}}]
      responses:
        200: {$ref: '#/responses/Done'}
        201: {schema: {items: {$ref: '#/definitions/No'}}}
  /b: {put: {parameters: [{$ref: '#/parameters/Body'}], responses: {}}}
parameters:
  Page: {name: page, in: query, type: integer, maximum: 99}
  Body: {name: body, in: body, schema: {properties: {in: {$ref: '#/definitions/In'}}}}
responses:
  Done: {schema: {$ref: '#/definitions/Done'}}
definitions:
  In: {type: object, properties: {n: {type: integer, minimum: 3}}}
  No: {type: string, maxLength: 5}
  Done: {type: string, maxLength: 7}
"""


@pytest.mark.parametrize(
    ("written", "changed", "rule", "is_alike"),
    [
        ("minimum: 3", "minimum: 4", "request-property-min-increased", [True, True]),
        ("maxLength: 5", "maxLength: 6", "response-property-max-length-increased", [True, True]),
        ("maxLength: 7", "maxLength: 8", "response-body-max-length-increased", [True, True]),
        ("maximum: 99", "maximum: 9", "request-parameter-max-decreased", [False, True]),
        ("[a/b]", "[a/c]", "request-body-media-type-removed", [False, False]),
    ],
)
def test_operations_of_swagger_are_alike_where_the_document_says_the_same_for_all(
    seen: list[bool], written: str, changed: str, rule: str, is_alike: list[bool]
) -> None:
    assert rule in rules({"a.yaml": SWAGGER}, {"a.yaml": SWAGGER.replace(written, changed)})
    assert seen == is_alike


@pytest.mark.slow
def test_what_is_alike_would_be_judged_the_same_part_by_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of_openapi = [pair for pair in pairs() if pair.format == "openapi"]

    def judged(pair: Pair) -> tuple[Change, ...]:
        return openapi.compare(*pair.contracts("json"), openapi.Options(**pair.options), Outside())

    found = [judged(pair) for pair in of_openapi]
    monkeypatch.setattr(alike.Alike, "compare", lambda *_: False)
    assert [judged(pair) for pair in of_openapi] == found


def rules(old: Files, new: Files) -> set[str]:
    before, after = (contract("api", files, "a.yaml") for files in (old, new))
    return {one.rule for one in openapi.compare(before, after, openapi.Options(), Outside())}


MARKED = """\
openapi: 3.0.3
paths:
  /pets:
    post:
      requestBody:
        content: {text/json: {schema: {properties: {pet: {$ref: '#/components/schemas/Pet'}}}}}
      responses:
        200: {content: {text/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
components:
  schemas:
    Pet: {required: [id], properties: {id: {$ref: '#/components/schemas/Id'}}}
    Id: {allOf: [{type: string, MARK: true}]}
"""


@pytest.mark.parametrize("pet", ["'#/components/schemas/Pet'", "'#/components/schemas/Id'"])
@pytest.mark.parametrize(
    ("mark", "other", "found"),
    [
        ("readOnly", "x-plain", {"request-{}-property-became-not-read-only"}),
        ("x-plain", "readOnly", {"request-{}-property-became-read-only"}),
        ("writeOnly", "x-plain", {"response-required-property-became-not-write-only"}),
        ("x-plain", "writeOnly", {"response-required-property-became-write-only"}),
        ("x-plain", "title", set()),
    ],
)
def test_who_gets_a_property_may_be_said_where_it_refers_to(
    pet: str, mark: str, other: str, found: set[str]
) -> None:
    # Of a property of the body itself, and of one of a shared schema: both are written as before.
    written = MARKED.replace("pet: {$ref: '#/components/schemas/Pet'}", f"pet: {{$ref: {pet}}}")
    need = "optional" if pet.endswith("Id'") else "required"
    old, new = ({"a.yaml": written.replace("MARK", one)} for one in (mark, other))
    assert rules(old, new) == {rule.format(need) for rule in found}


def test_what_is_written_alike_in_another_file_refers_to_that_file() -> None:
    old = """\
openapi: 3.0.3
paths: {/a: {get: {responses: {200: {content: {a/b: {schema: {$ref: '#/components/schemas/A'}}}}}}}}
components: {schemas: {A: {maxProperties: 5, allOf: [{$ref: 'more.yaml#/B'}]}}}
"""
    more = "B: {properties: {id: {$ref: '#/Id'}}}\nId: {type: string, maxLength: 5}\n"
    files = {"a.yaml": old, "more.yaml": more}
    assert rules(files, {name: text.replace("5", "6") for name, text in files.items()}) == {
        "response-body-max-properties-increased",
        "response-property-max-length-increased",
    }


@pytest.mark.parametrize("mark", ["readOnly", "writeOnly"])
def test_what_goes_one_way_alone_is_not_compared_the_other_way(mark: str) -> None:
    old = MARKED.replace("MARK", mark)
    new = old.replace("type: string,", "type: string, maxLength: 9,")
    way = "response" if mark == "readOnly" else "request"
    assert rules({"a.yaml": old}, {"a.yaml": new}) == {f"{way}-property-max-length-set"}
