"""Avro schemas: what changes, where, and what cannot be compared."""

from __future__ import annotations

import sys

import pytest

from ci_steps.comparisons.changes import Level
from ci_steps.contracts import avro
from ci_steps.errors import ContractError
from ci_steps.outside import Outside
from tests.parts.contract_pairs import compared, contract

INT = '{"name": "a", "type": "int"}'


def record(*fields: str, name: str = "T") -> str:
    lines = ",\n  ".join(fields)
    return f'{{"type": "record", "name": "{name}", "fields": [\n  {lines}\n]}}'


def typed(written: str) -> str:
    return record(f'{{"name": "a", "type": {written}}}')


def decimal(precision: int, scale: int = 0) -> str:
    kind = '"type": "bytes", "logicalType": "decimal"'
    return f'{{{kind}, "precision": {precision}, "scale": {scale}}}'


def inner(written: str) -> str:
    return f'{{"type": "record", "name": "R", "fields": [\n{{"name": "q", "type": "{written}"}}]}}'


PAIRS = [
    pytest.param(
        record(INT, '{"name": "b", "type": "int"}'),
        record(INT),
        ["breaking avro-field-removed-without-default T.b token.avsc:3 token.avsc:1"],
        ["breaking avro-field-added-without-default T.b token.avsc:1 token.avsc:3"],
        id="a field without a default",
    ),
    pytest.param(
        record(INT, '{"name": "b", "type": "int", "default": 1}'),
        record(INT),
        ["compatible avro-field-removed T.b token.avsc:3 token.avsc:1"],
        ["compatible avro-field-added T.b token.avsc:1 token.avsc:3"],
        id="a field with a default",
    ),
    pytest.param(
        record(INT),
        record('{"name": "b", "type": "int"}'),
        [
            "breaking avro-field-removed-without-default T.a token.avsc:2 token.avsc:1",
            "breaking avro-field-added-without-default T.b token.avsc:1 token.avsc:2",
        ],
        [
            "breaking avro-field-removed-without-default T.b token.avsc:2 token.avsc:1",
            "breaking avro-field-added-without-default T.a token.avsc:1 token.avsc:2",
        ],
        id="the name of a field",
    ),
    pytest.param(
        record(INT),
        record('{"name": "b", "type": "int", "aliases": ["a"]}'),
        [
            "breaking avro-field-removed-without-default T.a token.avsc:2 token.avsc:1",
            "compatible avro-field-added T.b token.avsc:1 token.avsc:2",
        ],
        [
            "breaking avro-field-added-without-default T.a token.avsc:1 token.avsc:2",
            "compatible avro-field-removed T.b token.avsc:2 token.avsc:1",
        ],
        id="the name of a field with an alias",
    ),
    pytest.param(
        record('{"name": "a", "type": "int", "default": 1}'),
        record('{"name": "a", "type": "int", "default": 2}'),
        ["warning avro-default-changed T.a token.avsc:2 token.avsc:2"],
        ["warning avro-default-changed T.a token.avsc:2 token.avsc:2"],
        id="the default of a field",
    ),
    pytest.param(
        typed('"int"'),
        typed('"string"'),
        ["breaking avro-type-changed T.a token.avsc:2 token.avsc:2"],
        ["breaking avro-type-changed T.a token.avsc:2 token.avsc:2"],
        id="the type of a field",
    ),
    pytest.param(
        typed('"int"'),
        typed('"long"'),
        ["breaking avro-type-changed T.a token.avsc:2 token.avsc:2"],
        ["breaking avro-type-changed T.a token.avsc:2 token.avsc:2"],
        id="a wider number",
    ),
    pytest.param(
        typed('{"type": "array", "items": "int"}'),
        typed('{"type": "array", "items": "string"}'),
        ["breaking avro-type-changed T.a[] token.avsc:2 token.avsc:2"],
        ["breaking avro-type-changed T.a[] token.avsc:2 token.avsc:2"],
        id="the type of an item",
    ),
    pytest.param(
        typed('{"type": "map", "values": "int"}'),
        typed('{"type": "map", "values": "boolean"}'),
        ["breaking avro-type-changed T.a{} token.avsc:2 token.avsc:2"],
        ["breaking avro-type-changed T.a{} token.avsc:2 token.avsc:2"],
        id="the type of a value",
    ),
    pytest.param(
        typed('{"type": "enum", "name": "K", "symbols": ["A", "B"]}'),
        typed('{"type": "enum", "name": "K", "symbols": ["A"]}'),
        ["breaking avro-symbol-removed T.a.B token.avsc:2 token.avsc:2"],
        ["breaking avro-symbol-added T.a.B token.avsc:2 token.avsc:2"],
        id="a symbol",
    ),
    pytest.param(
        typed('{"type": "enum", "name": "K", "symbols": ["A", "B"], "default": "A"}'),
        typed('{"type": "enum", "name": "K", "symbols": ["A"], "default": "A"}'),
        ["warning avro-symbol-removed T.a.B token.avsc:2 token.avsc:2"],
        ["warning avro-symbol-added T.a.B token.avsc:2 token.avsc:2"],
        id="a symbol of an enum with a default",
    ),
    pytest.param(
        typed('{"type": "fixed", "name": "H", "size": 4}'),
        typed('{"type": "fixed", "name": "H", "size": 8}'),
        ["breaking avro-fixed-size-changed T.a token.avsc:2 token.avsc:2"],
        ["breaking avro-fixed-size-changed T.a token.avsc:2 token.avsc:2"],
        id="the size of a fixed",
    ),
    pytest.param(
        typed('["null", "int", "string"]'),
        typed('["null", "int"]'),
        ["breaking avro-branch-removed T.a|string token.avsc:2 token.avsc:2"],
        ["breaking avro-branch-added T.a|string token.avsc:2 token.avsc:2"],
        id="a branch",
    ),
    pytest.param(
        typed('["null", "int"]'),
        typed('"int"'),
        ["breaking avro-branch-removed T.a|null token.avsc:2 token.avsc:2"],
        ["breaking avro-branch-added T.a|null token.avsc:2 token.avsc:2"],
        id="a value that may be null",
    ),
    pytest.param(
        typed(decimal(9, 2)),
        typed(decimal(9, 3)),
        ["breaking avro-decimal-scale-changed T.a token.avsc:2 token.avsc:2"],
        ["breaking avro-decimal-scale-changed T.a token.avsc:2 token.avsc:2"],
        id="the scale",
    ),
    pytest.param(
        typed(decimal(9)),
        typed(decimal(12)),
        ["breaking avro-decimal-precision-changed T.a token.avsc:2 token.avsc:2"],
        ["breaking avro-decimal-precision-changed T.a token.avsc:2 token.avsc:2"],
        id="the precision",
    ),
    pytest.param(
        typed(f'["null", {decimal(9, 2)}]'),
        typed(f'["null", {decimal(9, 3)}]'),
        ["breaking avro-decimal-scale-changed T.a token.avsc:2 token.avsc:2"],
        ["breaking avro-decimal-scale-changed T.a token.avsc:2 token.avsc:2"],
        id="the scale in a union",
    ),
    pytest.param(
        typed('{"type": "long", "logicalType": "timestamp-millis"}'),
        typed('{"type": "long", "logicalType": "timestamp-micros"}'),
        ["breaking avro-logical-type-changed T.a token.avsc:2 token.avsc:2"],
        ["breaking avro-logical-type-changed T.a token.avsc:2 token.avsc:2"],
        id="the logical type",
    ),
    pytest.param(
        typed('{"type": "string", "logicalType": "uuid"}'),
        typed('"string"'),
        ["breaking avro-logical-type-changed T.a token.avsc:2 token.avsc:2"],
        ["breaking avro-logical-type-changed T.a token.avsc:2 token.avsc:2"],
        id="no logical type any more",
    ),
    pytest.param(
        typed('{"type": "string", "logicalType": "colour"}'),
        typed('"string"'),
        ["breaking avro-logical-type-changed T.a token.avsc:2 token.avsc:2"],
        ["breaking avro-logical-type-changed T.a token.avsc:2 token.avsc:2"],
        id="a logical type that nobody knows",
    ),
    pytest.param(
        record(INT, name="Old"),
        record(INT, name="New"),
        ["breaking avro-name-changed Old token.avsc:1 token.avsc:1"],
        ["breaking avro-name-changed New token.avsc:1 token.avsc:1"],
        id="the name of a record",
    ),
    pytest.param(
        record(INT, name="x.T"),
        record(INT, name="y.T"),
        ["warning avro-namespace-changed x.T token.avsc:1 token.avsc:1"],
        ["warning avro-namespace-changed y.T token.avsc:1 token.avsc:1"],
        id="the namespace of a record",
    ),
    pytest.param(
        record(INT, '{"name": "n", "type": ["null", "T"]}'),
        record('{"name": "a", "type": "string"}', '{"name": "n", "type": ["null", "T"]}'),
        ["breaking avro-type-changed T.a token.avsc:2 token.avsc:2"],
        ["breaking avro-type-changed T.a token.avsc:2 token.avsc:2"],
        id="a field of a record that holds itself",
    ),
    pytest.param(
        record('{"name": "x", "type": ' + inner("int") + "}", '{"name": "y", "type": "R"}'),
        record('{"name": "x", "type": ' + inner("string") + "}", '{"name": "y", "type": "R"}'),
        ["breaking avro-type-changed T.x.q token.avsc:3 token.avsc:3"],
        ["breaking avro-type-changed T.x.q token.avsc:3 token.avsc:3"],
        id="a record used twice",
    ),
    pytest.param(
        '{"type": "error", "name": "E", "fields": []}',
        '{"type": "error", "name": "E", "fields": [{"name": "a", "type": "int", "default": 1}]}',
        [
            "breaking avro-incompatible E token.avsc:1 token.avsc:1",
            "compatible avro-field-added E.a token.avsc:1 token.avsc:1",
        ],
        [
            "breaking avro-incompatible E token.avsc:1 token.avsc:1",
            "compatible avro-field-removed E.a token.avsc:1 token.avsc:1",
        ],
        id="what only the library calls incompatible",
    ),
]


@pytest.mark.parametrize(("old", "new", "found", "mirrored"), PAIRS)
def test_a_change_is_found_where_it_is_in_both_directions(
    old: str, new: str, found: list[str], mirrored: list[str]
) -> None:
    assert compared(avro, {"token.avsc": old}, {"token.avsc": new}) == found
    assert compared(avro, {"token.avsc": new}, {"token.avsc": old}) == mirrored


@pytest.mark.parametrize("text", sorted({str(text) for pair in PAIRS for text in pair.values[:2]}))
def test_what_is_equal_has_no_changes(text: str) -> None:
    assert compared(avro, {"token.avsc": text}, {"token.avsc": text}) == []


def error(files: dict[str, bytes], main: str = "") -> ContractError:
    """Return why *files* cannot be compared, as the old and as the new contract."""
    fine = contract("fine", {"token.avsc": '{"type": "record", "name": "T", "fields": []}'})
    wrong = type(fine)("api", main, files)
    with pytest.raises(ContractError) as as_new:
        avro.compare(fine, wrong, avro.Options(), Outside())
    with pytest.raises(ContractError) as as_old:
        avro.compare(wrong, fine, avro.Options(), Outside())
    assert str(as_new.value).removeprefix("fine and ") == str(as_old.value).replace(" and fine", "")
    return as_new.value


def test_what_is_not_utf_8_is_not_compared() -> None:
    assert str(error({"token.avsc": b"\n\xff"})) == "api: token.avsc:2: not UTF-8"


def test_a_folder_without_a_contract_is_not_compared() -> None:
    assert str(error({"readme.md": b""})) == "api: no file ends with .avsc"


def test_a_file_that_is_not_there_is_not_compared() -> None:
    assert str(error({}, "token.avsc")) == "api: token.avsc: no such file in the contract"


def test_a_file_that_is_too_large_is_not_compared() -> None:
    assert "60,000,000 bytes, more than 20,000,000" in str(error({"token.avsc": b" " * 60_000_000}))


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "avro.schema", None)
    one = contract("api", {"token.avsc": '{"type": "record", "name": "T", "fields": []}'})
    with pytest.raises(ContractError, match="optional package is missing") as missing:
        avro.compare(one, one, avro.Options(), Outside())
    assert missing.value.hint == "Install it: pip install 'ci-steps[avro]'."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "api: token.avsc:1: not JSON: the end came too early"),
        (b'{"type": "record",\n"name": "T"', "api: token.avsc:2: not JSON: ',' or '}' is expected"),
        (b'{"type": "int",\n"type": "int"}', "api: token.avsc:2: not JSON: 'type' is there twice"),
        (b'{"type": "int"}\n{', "api: token.avsc:2: not JSON: more follows after the end"),
        (b'{"a" 1}', "not JSON: ':' is expected"),
        (b"{1: 2}", "not JSON: a name in quotes is expected"),
        (b'"a', "not JSON: unterminated string"),
        (b"nul", "not JSON: a value is expected"),
        (b"9" * 5_000, "not JSON: a number is too long"),
        (b"[" * 100_000, "not JSON: nested too deeply"),
        (b'["null", ["int", "string"]]', "api: token.avsc:1:"),
        (b'\n{"type": "array", "items": ["null", ["int"]]}', "api: token.avsc:2:"),
        (b'{"type": "record", "name": "T", "fields": [{"name": "a"}]}', "api: token.avsc:1:"),
        (b'{"type": "record", "name": "T", "fields": [{"name": "a", "type": "Gone"}]}', "Gone"),
        (b'{"type": "record", "name": "T", "fields": 3}', "api: token.avsc:1:"),
        (b'{"type": {"type": {"a": 1}}, "fields": {}}', "api: token.avsc:1:"),
        (b'{"type": "enum", "name": "K", "symbols": ["A", "A"]}', "api: token.avsc:1:"),
        (b"3", "api: token.avsc:1:"),
        (b"{}", "api: token.avsc:1:"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: bytes, message: str) -> None:
    assert message in str(error({"token.avsc": text}))


@pytest.mark.parametrize(
    ("compatibility", "wider", "narrower"),
    [
        ("backward", [], ["breaking avro-type-changed T.a token.avsc:2 token.avsc:2"]),
        ("forward", ["breaking avro-type-changed T.a token.avsc:2 token.avsc:2"], []),
    ],
)
def test_a_number_may_be_promoted_for_who_reads(
    compatibility: str, wider: list[str], narrower: list[str]
) -> None:
    int_, long = {"token.avsc": typed('"int"')}, {"token.avsc": typed('"long"')}
    assert compared(avro, int_, long, compatibility=compatibility) == wider
    assert compared(avro, long, int_, compatibility=compatibility) == narrower


def test_an_alias_is_enough_for_readers_of_what_was_written_before() -> None:
    old = {"a.avsc": '{"type": "record", "name": "T", "fields": [{"name": "a", "type": "int"}]}'}
    new = {
        "a.avsc": '{"type": "record", "name": "U", "aliases": ["T"], "fields": ['
        '{"name": "b", "aliases": ["a"], "type": "int"}]}'
    }
    assert compared(avro, old, new, compatibility="backward") == []
    assert compared(avro, old, new, compatibility="forward") != []


def test_files_may_use_one_another_in_any_order() -> None:
    item = '{"type": "record", "name": "x.Item", "fields": [\n{"name": "a", "type": "TYPE"}]}'
    order = '{"type": "record", "name": "x.A", "fields": [{"name": "i", "type": "Item"}]}'
    old = {"a.avsc": order, "item.avsc": item.replace("TYPE", "int")}
    new = {"a.avsc": order, "item.avsc": item.replace("TYPE", "string")}
    assert compared(avro, old, new) == [
        "breaking avro-type-changed x.A.i.a item.avsc:2 item.avsc:2"
    ]


def test_a_schema_that_disappears_is_breaking() -> None:
    one, two = (
        {f"{name}.avsc": f'{{"type": "enum", "name": "{name}", "symbols": ["S"]}}'} for name in "AB"
    )
    assert compared(avro, {**one, **two}, one) == ["breaking avro-schema-removed B.avsc B.avsc:1 -"]
    assert compared(avro, one, {**one, **two}) == ["compatible avro-schema-added B.avsc - B.avsc:1"]


def test_it_is_recognised_by_name_or_content() -> None:
    assert avro.recognises("token.avsc", b"")
    assert avro.recognises("token.json", b'{"type": "record", "name": "T", "fields": []}')
    assert not avro.recognises("api.json", b'{"openapi": "3.1.0", "type": "record", "name": 1}')
    assert not avro.recognises("api.json", b'{"type": "object"}')


def test_the_worst_comes_first() -> None:
    old = contract("old", {"a.avsc": typed('"int", "default": 1')})
    new = contract("new", {"a.avsc": typed('"string", "default": "1"')})
    changes = avro.compare(old, new, avro.Options(), Outside())
    assert [one.level for one in changes] == [Level.BREAKING, Level.WARNING]
