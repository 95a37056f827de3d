"""Which changes of a GraphQL schema touch the operations somebody sends."""

from __future__ import annotations

import pytest

from ci_steps.contracts import graphql
from ci_steps.outside import Outside
from ci_steps.uses.narrowed import Narrowed
from ci_steps.uses.values import Uses
from tests.parts.contract_pairs import contract

OLD = """\
type Query {
  token(id: ID!, note: String): Token
  other: Int
  node: Node
  found: Found
}
type Mutation { make(in: In): Token }
interface Node { id: ID! }
union Found = Token | Other
enum Role { ADMIN USER }
type Token implements Node { id: ID! value: String expires: Int role: Role }
type Other { name: String }
input In { a: Int b: Int of: [Inner] }
input Inner { c: Int }
"""
NEW = """\
type Query {
  token(id: ID!, must: Int!): Token
  node: Node
  found: Found
}
type Mutation { make(in: In): Token }
interface Node { id: String! }
union Found = Token | Other | Third
enum Role { ADMIN USER NEW }
type Token implements Node { id: String! value: String role: Role }
type Other { name: String }
type Third { name: String }
input In { a: Int b: Int! must: Int! of: [Inner] }
input Inner { c: String }
"""


def narrowed(uses: Uses) -> Narrowed:
    old, new = (contract("api", {"api.graphql": text}, "api.graphql") for text in (OLD, NEW))
    changes = graphql.compare(old, new, graphql.Options(), Outside())
    return graphql.narrower(old, graphql.Options(), Outside())(changes, uses)


def touched(*documents: str) -> list[str]:
    found = narrowed(Uses(documents={f"{at}.graphql": text for at, text in enumerate(documents)}))
    assert found.doubts == ()
    return sorted({one.subject for one in found.touching})


@pytest.mark.parametrize(
    ("document", "subjects"),
    [
        ("{ token(id: 1) { value } }", ["Query.token(must:)"]),
        ('{ token(id: 1, note: "") { value } }', ["Query.token(must:)", "Query.token(note:)"]),
        ("{ token(id: 1) { role } }", ["Query.token(must:)", "Role.NEW"]),
        ("{ node { __typename } }", []),
        ("{ node { id } }", ["Node.id", "Token.id"]),
        ("{ found { ... on Other { name } } }", ["Found"]),
        ("mutation { make(in: {a: 1}) { value } }", ["In.b", "In.must"]),
        ("mutation { make(in: {of: [{c: 1}]}) { value } }", ["In.b", "In.must", "Inner.c"]),
        ("mutation M($in: In) { make(in: $in) { value } }", ["In.b", "In.must", "Inner.c"]),
        ("{ token(id: 1) @include(if: true) { ...T } } fragment T on Token { expires }",
         ["Query.token(must:)", "Token.expires"]),
    ],
)  # fmt: skip
def test_what_operations_name_is_touched(document: str, subjects: list[str]) -> None:
    assert touched(document) == subjects


def test_fragments_may_lie_in_files_of_their_own() -> None:
    found = touched("{ node { ...T } }", "fragment T on Token { expires }")
    assert found == ["Token.expires"]


@pytest.mark.parametrize(
    ("name", "subjects"),
    [
        ("Query.other", ["Query.other"]),
        ("Query.node", ["Node.id", "Role.NEW", "Token.expires", "Token.id"]),
        ("Query.found", ["Found", "Role.NEW", "Token.expires", "Token.id"]),
        ("Query.token(note:)", ["Query.token(must:)", "Query.token(note:)", "Role.NEW",
                                "Token.expires", "Token.id"]),
        ("Token.value", ["Query.other", "Query.token(must:)", "Query.token(note:)"]),
        ("Mutation.make", ["In.b", "In.must", "Inner.c", "Role.NEW", "Token.expires", "Token.id"]),
    ],
)  # fmt: skip
def test_a_name_uses_what_lies_in_it_and_what_leads_to_it(name: str, subjects: list[str]) -> None:
    assert sorted({one.subject for one in narrowed(Uses(names=(name,))).touching}) == subjects


def test_who_names_fields_of_a_type_reads_no_other_ones() -> None:
    found = narrowed(Uses(names=("Query.token", "Token.value")))
    subjects = sorted(one.subject for one in found.touching)
    assert subjects == ["Query.token(must:)", "Query.token(note:)"]


@pytest.mark.parametrize(
    ("uses", "doubt"),
    [
        (Uses(documents={"q.graphql": "{\n  tokn\n}"}), "q.graphql:2: Cannot query field 'tokn'"),
        (Uses(documents={"q.graphql": "{ token("}), "q.graphql:1: Syntax Error"),
        (
            Uses(documents={"q.graphql": "{a" * 5_000}),
            "q.graphql:1: Syntax Error: Document is nested",
        ),
        (
            Uses(names=("Token.exipres",)),
            "Token.exipres is not in the contract, did you mean Token.",
        ),
        (Uses(interfaces={"a.proto": ""}), "a.proto is protobuf, and the contract is GraphQL"),
    ],
)
def test_what_the_schema_does_not_have_touches_everything(uses: Uses, doubt: str) -> None:
    found = narrowed(uses)
    (said,) = found.doubts
    assert said.startswith(doubt)
    assert found.untouched == ()
