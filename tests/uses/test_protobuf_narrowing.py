"""Which changes of a protobuf interface touch who compiles a part of it."""

from __future__ import annotations

import pytest

from ci_steps.contracts import protobuf
from ci_steps.outside import Outside
from ci_steps.uses.narrowed import Narrowed
from ci_steps.uses.values import Uses
from tests.parts.contract_pairs import contract

HEAD = 'syntax = "proto3";\npackage auth.v1;\n'
OLD = (
    HEAD
    + """\
message Token { string value = 1; int64 expires = 2; string note = 3; Kind kind = 4; }
enum Kind { NONE = 0; A = 1; }
message Ask { string id = 1; }
message Other { string id = 1; string x = 2; }
service Tokens { rpc Get(Ask) returns (Token); rpc Drop(Ask) returns (Other); }
"""
)
NEW = (
    HEAD
    + """\
message Token { string value = 1; string expires = 2; }
enum Kind { NONE = 0; }
message Ask { string id = 1; }
message Other { string id = 1; }
service Tokens { rpc Get(Ask) returns (Token); }
"""
)
PART = (
    HEAD
    + """\
message Token { string value = 1; string remark = 3; }
message Ask { string id = 1; }
service Tokens { rpc Get(Ask) returns (Token); }
"""
)
OF_TOKEN = ["Kind.A", "Token.expires", "Token.kind", "Token.note"]


def narrowed(uses: Uses) -> Narrowed:
    old, new = (contract("api", {"auth.proto": text}, "auth.proto") for text in (OLD, NEW))
    changes = protobuf.compare(old, new, protobuf.Options(), Outside())
    return protobuf.narrower(old, protobuf.Options(), Outside())(changes, uses)


@pytest.mark.parametrize(
    ("uses", "subjects"),
    [
        pytest.param(
            Uses(interfaces={"proto/auth.proto": PART}), ["Token.note"], id="a field by its number"
        ),
        pytest.param(Uses(names=("Tokens/Get",)), OF_TOKEN, id="a method and its messages"),
        pytest.param(Uses(names=("auth.v1.Tokens.Get",)), OF_TOKEN, id="with its package"),
        pytest.param(
            Uses(names=("Tokens.Get", "Token.value")), [], id="a method, and what is read of it"
        ),
        pytest.param(
            Uses(names=("Token.expires",)), ["Token.expires", "Tokens.Drop"],
            id="a field that comes nobody says how",
        ),
    ],
)  # fmt: skip
def test_what_is_compiled_or_named_is_touched(uses: Uses, subjects: list[str]) -> None:
    found = narrowed(uses)
    assert found.doubts == ()
    assert sorted({one.subject for one in found.touching}) == subjects


@pytest.mark.parametrize(
    ("uses", "doubt"),
    [
        (Uses(interfaces={"a.proto": HEAD + "message {"}), "a.proto:3: "),
        (Uses(interfaces={"a.proto": 'syntax = "proto3";\nmessage Z {}'}), "nothing of a.proto is"),
        (
            Uses(names=("Token.exipres",)),
            "Token.exipres is not in the contract, did you mean Token.",
        ),
        (Uses(documents={"q.graphql": "{a}"}), "q.graphql is GraphQL"),
    ],
)
def test_what_does_not_fit_touches_everything(uses: Uses, doubt: str) -> None:
    found = narrowed(uses)
    assert found.doubts[0].startswith(doubt)
    assert found.untouched == ()
