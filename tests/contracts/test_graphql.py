"""GraphQL schemas: what changes, where, and what cannot be compared."""

from __future__ import annotations

import sys

import pytest

from ci_steps.comparisons.changes import Level
from ci_steps.contracts import graphql
from ci_steps.errors import ContractError
from ci_steps.outside import Outside
from tests.parts.contract_pairs import compared, contract

QUERY = "type Query {\n  a: Int\n}\n"

PAIRS = [
    pytest.param(
        QUERY + "type T {\n  b: Int\n}",
        QUERY,
        ["breaking graphql-type-removed T api.graphql:4 -"],
        ["compatible graphql-type-added T - api.graphql:4"],
        id="a type",
    ),
    pytest.param(
        QUERY + "input T {\n  b: Int\n}",
        QUERY + "type T {\n  b: Int\n}",
        ["breaking graphql-type-changed-kind T api.graphql:4 api.graphql:4"],
        ["breaking graphql-type-changed-kind T api.graphql:4 api.graphql:4"],
        id="the kind of a type",
    ),
    pytest.param(
        "type Query {\n  a: Int\n  b: Int\n}",
        QUERY,
        ["breaking graphql-field-removed Query.b api.graphql:3 api.graphql:1"],
        ["compatible graphql-field-added Query.b api.graphql:1 api.graphql:3"],
        id="a field",
    ),
    pytest.param(
        QUERY,
        "type Query {\n  a: String\n}",
        ["breaking graphql-field-changed-kind Query.a api.graphql:2 api.graphql:2"],
        ["breaking graphql-field-changed-kind Query.a api.graphql:2 api.graphql:2"],
        id="the type of a field",
    ),
    pytest.param(
        "type Query {\n  a: Int!\n}",
        QUERY,
        ["breaking graphql-field-changed-kind Query.a api.graphql:2 api.graphql:2"],
        ["compatible graphql-field-changed-kind-safe Query.a api.graphql:2 api.graphql:2"],
        id="a field that may be null",
    ),
    pytest.param(
        "type Query {\n  a(b: Int): Int\n}",
        QUERY,
        ["breaking graphql-arg-removed Query.a(b:) api.graphql:2 api.graphql:2"],
        ["compatible graphql-optional-arg-added Query.a(b:) api.graphql:2 api.graphql:2"],
        id="an argument",
    ),
    pytest.param(
        "type Query {\n  a(b: Int!): Int\n}",
        QUERY,
        ["breaking graphql-arg-removed Query.a(b:) api.graphql:2 api.graphql:2"],
        ["breaking graphql-required-arg-added Query.a(b:) api.graphql:2 api.graphql:2"],
        id="a required argument",
    ),
    pytest.param(
        "type Query {\n  a(b: Int): Int\n}",
        "type Query {\n  a(b: String): Int\n}",
        ["breaking graphql-arg-changed-kind Query.a(b:) api.graphql:2 api.graphql:2"],
        ["breaking graphql-arg-changed-kind Query.a(b:) api.graphql:2 api.graphql:2"],
        id="the type of an argument",
    ),
    pytest.param(
        "type Query {\n  a(b: Int): Int\n}",
        "type Query {\n  a(b: Int!): Int\n}",
        ["breaking graphql-arg-changed-kind Query.a(b:) api.graphql:2 api.graphql:2"],
        ["compatible graphql-arg-changed-kind-safe Query.a(b:) api.graphql:2 api.graphql:2"],
        id="an argument that may be null",
    ),
    pytest.param(
        "type Query {\n  a(b: Int = 1): Int\n}",
        "type Query {\n  a(b: Int = 2): Int\n}",
        ["warning graphql-arg-default-value-change Query.a(b:) api.graphql:2 api.graphql:2"],
        ["warning graphql-arg-default-value-change Query.a(b:) api.graphql:2 api.graphql:2"],
        id="the default of an argument",
    ),
    pytest.param(
        QUERY + "input I {\n  b: Int\n  c: Int\n}",
        QUERY + "input I {\n  b: Int\n}",
        ["breaking graphql-field-removed I.c api.graphql:6 api.graphql:4"],
        ["compatible graphql-optional-input-field-added I.c api.graphql:4 api.graphql:6"],
        id="a field of an input",
    ),
    pytest.param(
        QUERY + "input I {\n  b: Int\n  c: Int!\n}",
        QUERY + "input I {\n  b: Int\n}",
        ["breaking graphql-field-removed I.c api.graphql:6 api.graphql:4"],
        ["breaking graphql-required-input-field-added I.c api.graphql:4 api.graphql:6"],
        id="a required field of an input",
    ),
    pytest.param(
        QUERY + "input I {\n  b: Int\n}",
        QUERY + "input I {\n  b: ID\n}",
        ["breaking graphql-field-changed-kind I.b api.graphql:5 api.graphql:5"],
        ["breaking graphql-field-changed-kind I.b api.graphql:5 api.graphql:5"],
        id="the type of a field of an input",
    ),
    pytest.param(
        QUERY + "input I {\n  b: Int = 1\n}",
        QUERY + "input I {\n  b: Int\n}",
        ["warning graphql-input-field-default-value-change I.b api.graphql:5 api.graphql:5"],
        ["compatible graphql-input-field-default-value-added I.b api.graphql:5 api.graphql:5"],
        id="the default of a field of an input",
    ),
    pytest.param(
        QUERY + "input I {\n  b: Int\n  c: Int\n}",
        QUERY + "input I @oneOf {\n  b: Int\n  c: Int\n}",
        ["breaking graphql-input-became-one-of I api.graphql:4 api.graphql:4"],
        [],
        id="an input that takes one field",
    ),
    pytest.param(
        QUERY + "enum K {\n  A\n  B\n}",
        QUERY + "enum K {\n  A\n}",
        ["breaking graphql-value-removed-from-enum K.B api.graphql:6 api.graphql:4"],
        ["warning graphql-value-added-to-enum K.B api.graphql:4 api.graphql:6"],
        id="a value of an enum",
    ),
    pytest.param(
        QUERY + "type T {\n  b: Int\n}\nunion U = Query | T",
        QUERY + "type T {\n  b: Int\n}\nunion U = Query",
        ["breaking graphql-type-removed-from-union U api.graphql:7 api.graphql:7"],
        ["warning graphql-type-added-to-union U api.graphql:7 api.graphql:7"],
        id="a type of a union",
    ),
    pytest.param(
        QUERY + "interface N {\n  b: Int\n}\ntype T implements N {\n  b: Int\n}",
        QUERY + "interface N {\n  b: Int\n}\ntype T {\n  b: Int\n}",
        ["breaking graphql-implemented-interface-removed T api.graphql:7 api.graphql:7"],
        ["warning graphql-implemented-interface-added T api.graphql:7 api.graphql:7"],
        id="an interface",
    ),
    pytest.param(
        QUERY + "directive @d on FIELD",
        QUERY,
        ["breaking graphql-directive-removed @d api.graphql:4 -"],
        ["compatible graphql-directive-added @d - api.graphql:4"],
        id="a directive",
    ),
    pytest.param(
        QUERY + "directive @d(b: Int) on FIELD",
        QUERY + "directive @d on FIELD",
        ["breaking graphql-directive-arg-removed @d(b:) api.graphql:4 api.graphql:4"],
        ["compatible graphql-optional-directive-arg-added @d(b:) api.graphql:4 api.graphql:4"],
        id="an argument of a directive",
    ),
    pytest.param(
        QUERY + "directive @d(b: Int!) on FIELD",
        QUERY + "directive @d on FIELD",
        ["breaking graphql-directive-arg-removed @d(b:) api.graphql:4 api.graphql:4"],
        ["breaking graphql-required-directive-arg-added @d(b:) api.graphql:4 api.graphql:4"],
        id="a required argument of a directive",
    ),
    pytest.param(
        QUERY + "directive @d on FIELD | QUERY",
        QUERY + "directive @d on FIELD",
        ["breaking graphql-directive-location-removed @d api.graphql:4 api.graphql:4"],
        ["compatible graphql-directive-location-added @d api.graphql:4 api.graphql:4"],
        id="a place of a directive",
    ),
    pytest.param(
        QUERY + "directive @d repeatable on FIELD",
        QUERY + "directive @d on FIELD",
        ["breaking graphql-directive-repeatable-removed @d api.graphql:4 api.graphql:4"],
        ["compatible graphql-directive-repeatable-added @d api.graphql:4 api.graphql:4"],
        id="a directive that repeats",
    ),
    pytest.param(
        QUERY + 'scalar D @specifiedBy(url: "https://a.example")',
        QUERY + 'scalar D @specifiedBy(url: "https://b.example")',
        ["warning graphql-scalar-specification-changed D api.graphql:4 api.graphql:4"],
        ["warning graphql-scalar-specification-changed D api.graphql:4 api.graphql:4"],
        id="what a scalar means",
    ),
    pytest.param(
        QUERY + "type Mutation {\n  b: Int\n}\nschema {\n  query: Query\n  mutation: Mutation\n}",
        QUERY + "type Mutation {\n  b: Int\n}\nschema {\n  query: Query\n}",
        ["breaking graphql-root-removed mutation api.graphql:9 api.graphql:7"],
        [],
        id="an operation",
    ),
    pytest.param(
        QUERY + "type R {\n  a: Int\n}\nschema {\n  query: Query\n}",
        QUERY + "type R {\n  a: Int\n}\nschema {\n  query: R\n}",
        ["breaking graphql-root-type-changed query api.graphql:8 api.graphql:8"],
        ["breaking graphql-root-type-changed query api.graphql:8 api.graphql:8"],
        id="the type of an operation",
    ),
]


@pytest.mark.parametrize(("old", "new", "found", "mirrored"), PAIRS)
def test_a_change_is_found_where_it_is_in_both_directions(
    old: str, new: str, found: list[str], mirrored: list[str]
) -> None:
    assert compared(graphql, {"api.graphql": old}, {"api.graphql": new}) == found
    assert compared(graphql, {"api.graphql": new}, {"api.graphql": old}) == mirrored


@pytest.mark.parametrize("text", sorted({str(text) for pair in PAIRS for text in pair.values[:2]}))
def test_what_is_equal_has_no_changes(text: str) -> None:
    assert compared(graphql, {"api.graphql": text}, {"api.graphql": text}) == []


def error(files: dict[str, bytes], main: str = "") -> ContractError:
    """Return why *files* cannot be compared, as the old and as the new contract."""
    fine = contract("fine", {"api.graphql": "type Query {\n  a: Int\n}"})
    wrong = type(fine)("api", main, files)
    with pytest.raises(ContractError) as as_new:
        graphql.compare(fine, wrong, graphql.Options(), Outside())
    with pytest.raises(ContractError) as as_old:
        graphql.compare(wrong, fine, graphql.Options(), Outside())
    assert str(as_new.value).removeprefix("fine and ") == str(as_old.value).replace(" and fine", "")
    return as_new.value


def test_what_is_not_utf_8_is_not_compared() -> None:
    assert str(error({"api.graphql": b"\n\xff"})) == "api: api.graphql:2: not UTF-8"


def test_a_folder_without_a_contract_is_not_compared() -> None:
    assert str(error({"readme.md": b""})) == "api: no file ends with .graphql or .graphqls or .gql"


def test_a_file_that_is_not_there_is_not_compared() -> None:
    assert str(error({}, "api.graphql")) == "api: api.graphql: no such file in the contract"


def test_a_file_that_is_too_large_is_not_compared() -> None:
    assert "60,000,000 bytes, more than 20,000,000" in str(
        error({"api.graphql": b" " * 60_000_000})
    )


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "graphql", None)
    one = contract("api", {"api.graphql": "type Query {\n  a: Int\n}"})
    with pytest.raises(ContractError, match="optional package is missing") as missing:
        graphql.compare(one, one, graphql.Options(), Outside())
    assert missing.value.hint == "Install it: pip install 'ci-steps[graphql]'."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            b"type Query {\n  a: Int",
            "api: api.graphql:2: Syntax Error: Expected Name, found <EOF>.",
        ),
        (b"", "Syntax Error: Unexpected <EOF>."),
        (b"type Query {\n  a: Gone\n}", "api: api.graphql:2: Unknown type 'Gone'."),
        (b"type Query {\n  a: Int\n  a: Int\n}", "api: api.graphql:2: Field 'Query.a' can only"),
        (b"type T {\n  a: Int\n}", "Query root type must be provided."),
        (b"type Query {\n  a: Int @key\n}", "api: api.graphql:2: Unknown directive '@key'."),
        (b"{ a }", "api: Query root type must be provided."),
        (b"type Query { a: " + b"[" * 5_000 + b"Int" + b"]" * 5_000 + b"}", "nested too deeply"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: bytes, message: str) -> None:
    assert message in str(error({"api.graphql": text}))


def test_every_problem_is_a_line() -> None:
    text = b"type Query {\n  a: Gone\n  b: Lost\n}"
    assert str(error({"api.graphql": text})).splitlines() == [
        "api: api.graphql:2: Unknown type 'Gone'.",
        "api: api.graphql:3: Unknown type 'Lost'. Did you mean 'Float'?",
    ]


def test_a_schema_may_be_in_several_files() -> None:
    query = "type Query {\n  t: T\n}"
    old = {"query.graphql": query, "sub/t.graphqls": "type T {\n  a: Int\n  b: Int\n}"}
    new = {"query.graphql": query, "sub/t.graphqls": "\ntype T {\n  a: Int\n}"}
    assert compared(graphql, old, new) == [
        "breaking graphql-field-removed T.b sub/t.graphqls:3 sub/t.graphqls:2"
    ]


def test_a_part_of_an_extension_is_placed_in_it() -> None:
    old = "type Query {\n  a: Int\n}\nextend type Query {\n  b: Int\n}"
    new = "type Query {\n  a: Int\n}"
    assert compared(graphql, {"a.gql": old}, {"a.gql": new}) == [
        "breaking graphql-field-removed Query.b a.gql:5 a.gql:1"
    ]


def test_two_types_that_come_to_one_union_are_two_changes() -> None:
    types = "type Query {\n  a: Int\n}\ntype A {\n  a: Int\n}\ntype B {\n  a: Int\n}\n"
    old, new = {"a.gql": f"{types}union U = Query"}, {"a.gql": f"{types}union U = Query | A | B"}
    assert len(compared(graphql, old, new)) == 2


def test_what_callers_take_is_compatible() -> None:
    old = {"a.gql": "type Query {\n  k: K\n}\nenum K {\n  A\n}"}
    new = {"a.gql": "type Query {\n  k: K\n}\nenum K {\n  A\n  B\n}"}
    assert compared(graphql, old, new, open_enums=True) == [
        "compatible graphql-value-added-to-enum K.B a.gql:4 a.gql:6"
    ]


def test_a_description_is_no_change() -> None:
    new = {"a.gql": '"what can be asked"\ntype Query {\n  "a number"\n  a: Int\n}'}
    assert compared(graphql, {"a.gql": "type Query {\n  a: Int\n}"}, new) == []


def test_it_is_recognised_by_name_or_content() -> None:
    assert graphql.recognises("schema.graphqls", b"")
    assert graphql.recognises("schema", b"type Query {\n")
    assert not graphql.recognises("api.yaml", b"type: object\n")
    assert not graphql.recognises("a", b"struct T {\n 1: i32 a\n}")


def test_the_worst_comes_first() -> None:
    old = "type Query {\n  a: Int\n  k: K\n}\nenum K {\n  A\n}"
    new = "type Query {\n  b: Int\n  k: K\n}\nenum K {\n  A\n  B\n}"
    pair = contract("old", {"a.gql": old}), contract("new", {"a.gql": new})
    changes = graphql.compare(*pair, graphql.Options(), Outside())
    assert [one.level for one in changes] == [Level.BREAKING, Level.WARNING, Level.COMPATIBLE]
