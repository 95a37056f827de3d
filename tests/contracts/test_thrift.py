"""Thrift interfaces: what changes, where, and what cannot be compared."""

from __future__ import annotations

import sys

import pytest

from ci_steps.comparisons.changes import Level
from ci_steps.contracts import thrift
from ci_steps.errors import ContractError
from ci_steps.outside import Outside
from tests.parts.contract_pairs import compared, contract

PAIRS = [
    pytest.param(
        "struct T {\n 1: i32 a\n 2: i32 b\n}",
        "struct T {\n 1: i32 a\n}",
        ["breaking thrift-field-removed T.b tokens.thrift:3 tokens.thrift:1"],
        ["compatible thrift-field-added T.b tokens.thrift:1 tokens.thrift:3"],
        id="a field",
    ),
    pytest.param(
        "struct T {\n 1: i32 a\n 2: required i32 b\n}",
        "struct T {\n 1: i32 a\n}",
        ["breaking thrift-field-removed T.b tokens.thrift:3 tokens.thrift:1"],
        ["breaking thrift-field-required-added T.b tokens.thrift:1 tokens.thrift:3"],
        id="a required field",
    ),
    pytest.param(
        "struct T {\n 1: i32 a\n}",
        "struct T {\n\n 2: i32 a\n}",
        ["breaking thrift-field-id-changed T.a tokens.thrift:2 tokens.thrift:3"],
        ["breaking thrift-field-id-changed T.a tokens.thrift:3 tokens.thrift:2"],
        id="the id of a field",
    ),
    pytest.param(
        "struct T {\n 1: i32 a\n}",
        "struct T {\n 1: string b\n}",
        ["breaking thrift-field-id-reused T.a tokens.thrift:2 tokens.thrift:2"],
        ["breaking thrift-field-id-reused T.b tokens.thrift:2 tokens.thrift:2"],
        id="an id for another field",
    ),
    pytest.param(
        "struct T {\n 1: i32 a\n}",
        "struct T {\n 1: i32 b\n}",
        ["warning thrift-field-renamed T.a tokens.thrift:2 tokens.thrift:2"],
        ["warning thrift-field-renamed T.b tokens.thrift:2 tokens.thrift:2"],
        id="the name of a field",
    ),
    pytest.param(
        "struct T {\n 1: i32 a\n}",
        "struct T {\n 1: i64 a\n}",
        ["breaking thrift-field-type-changed T.a tokens.thrift:2 tokens.thrift:2"],
        ["breaking thrift-field-type-changed T.a tokens.thrift:2 tokens.thrift:2"],
        id="the type of a field",
    ),
    pytest.param(
        "struct T {\n 1: map<string, list<i32>> a\n}",
        "struct T {\n 1: map<string, set<i32>> a\n}",
        ["breaking thrift-field-type-changed T.a tokens.thrift:2 tokens.thrift:2"],
        ["breaking thrift-field-type-changed T.a tokens.thrift:2 tokens.thrift:2"],
        id="the type of an item",
    ),
    pytest.param(
        "struct T {\n 1: optional i32 a\n}",
        "struct T {\n 1: required i32 a\n}",
        ["breaking thrift-field-became-required T.a tokens.thrift:2 tokens.thrift:2"],
        ["breaking thrift-field-became-optional T.a tokens.thrift:2 tokens.thrift:2"],
        id="the requiredness of a field",
    ),
    pytest.param(
        "struct T {\n 1: i32 a = 1\n}",
        "struct T {\n 1: i32 a = 2\n}",
        ["warning thrift-field-default-changed T.a tokens.thrift:2 tokens.thrift:2"],
        ["warning thrift-field-default-changed T.a tokens.thrift:2 tokens.thrift:2"],
        id="the default of a field",
    ),
    pytest.param(
        "typedef i32 N\nstruct T {\n 1: N a\n}",
        "typedef i64 N\nstruct T {\n 1: N a\n}",
        ["breaking thrift-field-type-changed T.a tokens.thrift:3 tokens.thrift:3"],
        ["breaking thrift-field-type-changed T.a tokens.thrift:3 tokens.thrift:3"],
        id="a typedef",
    ),
    pytest.param(
        "union U {\n 1: i32 a\n 2: i32 b\n}",
        "union U {\n 1: i32 a\n}",
        ["breaking thrift-union-field-removed U.b tokens.thrift:3 tokens.thrift:1"],
        ["warning thrift-union-field-added U.b tokens.thrift:1 tokens.thrift:3"],
        id="a choice of a union",
    ),
    pytest.param(
        "struct T {\n 1: i32 a\n}",
        "union T {\n 1: i32 a\n}",
        ["breaking thrift-kind-changed T tokens.thrift:1 tokens.thrift:1"],
        ["breaking thrift-kind-changed T tokens.thrift:1 tokens.thrift:1"],
        id="a struct to a union",
    ),
    pytest.param(
        "struct T {\n 1: i32 a\n}\nstruct U {\n 1: i32 a\n}",
        "struct T {\n 1: i32 a\n}",
        ["warning thrift-struct-removed U tokens.thrift:4 -"],
        ["compatible thrift-struct-added U - tokens.thrift:4"],
        id="a struct",
    ),
    pytest.param(
        "exception E {\n 1: i32 a\n}",
        "",
        ["warning thrift-exception-type-removed E tokens.thrift:1 -"],
        ["compatible thrift-exception-type-added E - tokens.thrift:1"],
        id="an exception",
    ),
    pytest.param(
        "enum K {\n A = 1\n}",
        "",
        ["warning thrift-enum-removed K tokens.thrift:1 -"],
        ["compatible thrift-enum-added K - tokens.thrift:1"],
        id="an enum",
    ),
    pytest.param(
        "enum K {\n A = 1,\n B = 2\n}",
        "enum K {\n A = 1\n}",
        ["breaking thrift-enum-value-removed K.B tokens.thrift:3 tokens.thrift:1"],
        ["warning thrift-enum-value-added K.B tokens.thrift:1 tokens.thrift:3"],
        id="a value of an enum",
    ),
    pytest.param(
        "enum K {\n A = 1\n}",
        "enum K {\n A = 2\n}",
        ["breaking thrift-enum-value-changed K.A tokens.thrift:2 tokens.thrift:2"],
        ["breaking thrift-enum-value-changed K.A tokens.thrift:2 tokens.thrift:2"],
        id="the number of a value",
    ),
    pytest.param(
        "enum K {\n A = 1\n}",
        "enum K {\n B = 1\n}",
        ["warning thrift-enum-value-renamed K.A tokens.thrift:2 tokens.thrift:2"],
        ["warning thrift-enum-value-renamed K.B tokens.thrift:2 tokens.thrift:2"],
        id="the name of a value",
    ),
    pytest.param(
        "service S {\n void ping()\n}",
        "",
        ["breaking thrift-service-removed S tokens.thrift:1 -"],
        ["compatible thrift-service-added S - tokens.thrift:1"],
        id="a service",
    ),
    pytest.param(
        "service S {\n void ping()\n void pong()\n}",
        "service S {\n void ping()\n}",
        ["breaking thrift-method-removed S.pong tokens.thrift:3 tokens.thrift:1"],
        ["compatible thrift-method-added S.pong tokens.thrift:1 tokens.thrift:3"],
        id="a method",
    ),
    pytest.param(
        "service S {\n void ping()\n}",
        "service S {\n i32 ping()\n}",
        ["breaking thrift-return-type-changed S.ping tokens.thrift:2 tokens.thrift:2"],
        ["breaking thrift-return-type-changed S.ping tokens.thrift:2 tokens.thrift:2"],
        id="what a method returns",
    ),
    pytest.param(
        "service S {\n oneway void ping()\n}",
        "service S {\n void ping()\n}",
        ["breaking thrift-oneway-changed S.ping tokens.thrift:2 tokens.thrift:2"],
        ["breaking thrift-oneway-changed S.ping tokens.thrift:2 tokens.thrift:2"],
        id="a method without an answer",
    ),
    pytest.param(
        "service S {\n void ping(1: i32 a, 2: i32 b)\n}",
        "service S {\n void ping(1: i32 a)\n}",
        ["breaking thrift-argument-removed S.ping.b tokens.thrift:2 tokens.thrift:2"],
        ["compatible thrift-argument-added S.ping.b tokens.thrift:2 tokens.thrift:2"],
        id="an argument",
    ),
    pytest.param(
        "service S {\n void ping(1: i32 a, 2: required i32 b)\n}",
        "service S {\n void ping(1: i32 a)\n}",
        ["breaking thrift-argument-removed S.ping.b tokens.thrift:2 tokens.thrift:2"],
        ["breaking thrift-argument-required-added S.ping.b tokens.thrift:2 tokens.thrift:2"],
        id="a required argument",
    ),
    pytest.param(
        "service S {\n void ping(1: i32 a)\n}",
        "service S {\n void ping(1: string a)\n}",
        ["breaking thrift-argument-type-changed S.ping.a tokens.thrift:2 tokens.thrift:2"],
        ["breaking thrift-argument-type-changed S.ping.a tokens.thrift:2 tokens.thrift:2"],
        id="the type of an argument",
    ),
    pytest.param(
        "exception E {}\nservice S {\n void ping() throws (1: E e)\n}",
        "exception E {}\nservice S {\n void ping()\n}",
        ["warning thrift-exception-removed S.ping.e tokens.thrift:3 tokens.thrift:3"],
        ["warning thrift-exception-added S.ping.e tokens.thrift:3 tokens.thrift:3"],
        id="what a method throws",
    ),
    pytest.param(
        "service R {\n void ping()\n}\nservice S extends R {\n}",
        "service R {\n void ping()\n}\nservice S {\n}",
        ["breaking thrift-method-removed S.ping tokens.thrift:2 tokens.thrift:4"],
        ["compatible thrift-method-added R.ping tokens.thrift:4 tokens.thrift:2"],
        id="what a service inherits",
    ),
    pytest.param(
        "service R {\n void ping()\n}\nservice S extends R {\n}",
        "service R {\n}\nservice S extends R {\n}",
        ["breaking thrift-method-removed R.ping tokens.thrift:2 tokens.thrift:1"],
        ["compatible thrift-method-added R.ping tokens.thrift:1 tokens.thrift:2"],
        id="what two services have",
    ),
]


@pytest.mark.parametrize(("old", "new", "found", "mirrored"), PAIRS)
def test_a_change_is_found_where_it_is_in_both_directions(
    old: str, new: str, found: list[str], mirrored: list[str]
) -> None:
    assert compared(thrift, {"tokens.thrift": old}, {"tokens.thrift": new}) == found
    assert compared(thrift, {"tokens.thrift": new}, {"tokens.thrift": old}) == mirrored


@pytest.mark.parametrize("text", sorted({str(text) for pair in PAIRS for text in pair.values[:2]}))
def test_what_is_equal_has_no_changes(text: str) -> None:
    assert compared(thrift, {"tokens.thrift": text}, {"tokens.thrift": text}) == []


def error(files: dict[str, bytes], main: str = "") -> ContractError:
    """Return why *files* cannot be compared, as the old and as the new contract."""
    fine = contract("fine", {"tokens.thrift": "struct T {\n}"})
    wrong = type(fine)("api", main, files)
    with pytest.raises(ContractError) as as_new:
        thrift.compare(fine, wrong, thrift.Options(), Outside())
    with pytest.raises(ContractError) as as_old:
        thrift.compare(wrong, fine, thrift.Options(), Outside())
    assert str(as_new.value).removeprefix("fine and ") == str(as_old.value).replace(" and fine", "")
    return as_new.value


def test_what_is_not_utf_8_is_not_compared() -> None:
    assert str(error({"tokens.thrift": b"\n\xff"})) == "api: tokens.thrift:2: not UTF-8"


def test_a_folder_without_a_contract_is_not_compared() -> None:
    assert str(error({"readme.md": b""})) == "api: no file ends with .thrift"


def test_a_file_that_is_not_there_is_not_compared() -> None:
    assert str(error({}, "tokens.thrift")) == "api: tokens.thrift: no such file in the contract"


def test_a_file_that_is_too_large_is_not_compared() -> None:
    assert "60,000,000 bytes, more than 20,000,000" in str(
        error({"tokens.thrift": b" " * 60_000_000})
    )


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "thriftpy2.parser.parser", None)
    one = contract("api", {"tokens.thrift": "struct T {\n}"})
    with pytest.raises(ContractError, match="optional package is missing") as missing:
        thrift.compare(one, one, thrift.Options(), Outside())
    assert missing.value.hint == "Install it: pip install 'ci-steps[thrift]'."


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a.thrift": b"struct T {\n 1: i32"}, "api: a.thrift: grammar error at EOF"),
        ({"a.thrift": b"struct T {\n 1: i32 b c\n}"}, "api: a.thrift:3: grammar error '}'"),
        ({"a.thrift": b"struct T {\n 1: Gone b\n}"}, "api: a.thrift:2: no type found: 'Gone'"),
        ({"a.thrift": b"\nstruct T { \x00 }"}, "api: a.thrift:2: illegal character"),
        ({"a.thrift": b"struct T {\n 1: i32 b\n 1: i32 c\n}"}, "has already been used"),
        (
            {"a.thrift": b"struct T {\n 1: " + b"list<" * 3_000 + b"i32" + b">" * 3_000 + b" a\n}"},
            "nested too deeply",
        ),
        (
            {"a.thrift": b'\ninclude "gone.thrift"'},
            "api: a.thrift:2: includes 'gone.thrift', which is not part of the contract",
        ),
        (
            {"a.thrift": b'include "/etc/a.thrift"'},
            "api: a.thrift:1: includes '/etc/a.thrift', which is not part of the contract",
        ),
        (
            {"a.thrift": b'include "../a.thrift"', "../a.thrift": b""},
            "api: '../a.thrift' leads out of the contract",
        ),
        (
            {"a.thrift": b'include "b.thrift"', "b.thrift": b'include "a.thrift"'},
            "api: its files include one another in a circle",
        ),
        (
            {"a.thrift": b'include "b.thrift"', "b.thrift": b"\nstruct {"},
            "api: b.thrift:2: grammar error '{'",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_line(files: dict[str, bytes], message: str) -> None:
    assert message in str(error(files))


def test_a_change_in_an_included_file_is_placed_there() -> None:
    main = 'include "sub/shared.thrift"\nstruct T {\n 1: shared.U u\n}'
    old = {"a.thrift": main, "sub/shared.thrift": "\nstruct U {\n 1: i32 a\n}"}
    new = {"a.thrift": main, "sub/shared.thrift": "struct U {\n 1: i64 a\n}"}
    assert compared(thrift, old, new) == [
        "breaking thrift-field-type-changed U.a sub/shared.thrift:3 sub/shared.thrift:2"
    ]


def test_a_type_may_move_to_another_file() -> None:
    old = {"a.thrift": "struct U {\n 1: i32 a\n}\nstruct T {\n 1: U u\n}"}
    new = {
        "a.thrift": 'include "b.thrift"\nstruct T {\n 1: b.U u\n}',
        "b.thrift": "struct U {\n 1: i32 a\n}",
    }
    assert compared(thrift, old, new) == []


def test_namesakes_in_two_files_are_told_apart() -> None:
    main = 'include "b.thrift"\nstruct U {\n 1: i32 a\n}\nstruct T {\n 1: b.U u\n}'
    old = {"a.thrift": main, "b.thrift": "struct U {\n 1: i32 a\n}"}
    new = {"a.thrift": main, "b.thrift": "struct U {\n 1: i64 a\n}"}
    assert compared(thrift, old, new) == [
        "breaking thrift-field-type-changed b.U.a b.thrift:2 b.thrift:2"
    ]


def test_two_files_that_nobody_joins_may_have_namesakes() -> None:
    one, other = "struct U {\n 1: i32 a\n}", "struct U {\n 1: string b\n}"
    changed = one.replace("i32", "i64")
    alone = {"v2.thrift": one}
    assert compared(thrift, {**alone, "v1.thrift": other}, {**alone, "v1.thrift": other}) == []
    assert compared(thrift, alone, {**alone, "v1.thrift": other}) == [
        "compatible thrift-struct-added v1.U - v1.thrift:1"
    ]
    for old, new in ((one, changed), (changed, one)):
        for name in ("v0.thrift", "v9.thrift"):
            before, after = {name: other, "v2.thrift": old}, {name: other, "v2.thrift": new}
            assert [line.split()[1] for line in compared(thrift, before, after)] == [
                "thrift-field-type-changed"
            ]


def test_only_the_main_file_and_what_it_includes_is_read() -> None:
    files = {"a.thrift": b"struct T {}", "broken.thrift": b"struct"}
    one = contract("a.thrift", {}, "a.thrift")
    whole = type(one)("a.thrift", "a.thrift", files)
    assert thrift.compare(whole, whole, thrift.Options(), Outside()) == ()


def test_new_enum_values_are_compatible_where_callers_take_them() -> None:
    old, new = {"a.thrift": "enum K {\n A = 1\n}"}, {"a.thrift": "enum K {\n A = 1, B = 2\n}"}
    assert compared(thrift, old, new, open_enums=True) == [
        "compatible thrift-enum-value-added K.B a.thrift:1 a.thrift:2"
    ]


def test_it_is_recognised_by_name_or_content() -> None:
    assert thrift.recognises("api/tokens.thrift", b"")
    assert thrift.recognises("tokens", b"namespace py auth\n\nstruct")
    assert not thrift.recognises("api.yaml", b"openapi: 3.1.0\n")
    assert not thrift.recognises("tokens", b'syntax = "proto3";\npackage a;\n')


def test_the_worst_comes_first() -> None:
    old = "enum K {\n A = 1\n}\nstruct T {\n 1: i32 a\n}"
    new = "enum K {\n A = 1, B = 2\n}\nstruct T {\n 1: i64 a\n 2: i32 b\n}"
    pair = contract("old", {"a.thrift": old}), contract("new", {"a.thrift": new})
    changes = thrift.compare(*pair, thrift.Options(), Outside())
    assert [one.level for one in changes] == [Level.BREAKING, Level.WARNING, Level.COMPATIBLE]
