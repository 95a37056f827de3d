"""Protobuf interfaces with the real buf: what changes, where, what cannot be compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci_steps.contracts import protobuf
from ci_steps.errors import ContractError
from ci_steps.outside import Outside
from ci_steps.outside.inert import InertOutside
from tests.parts.contract_pairs import compared, contract, told

HEAD = 'syntax = "proto3";\npackage auth.v1;\n'


def block(begin: str, *lines: str) -> str:
    return HEAD + begin + " {\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


def message(*fields: str) -> str:
    return block("message T", *fields)


def enum(*values: str) -> str:
    return block("enum K", *values)


def service(*methods: str) -> str:
    return block("message T {}\nmessage U {}\nservice S", *methods)


PAIRS = [
    pytest.param(
        message("string a = 1;", "string b = 2;"),
        message("string a = 1;"),
        [
            "breaking protobuf-field-no-delete-unless-name-reserved T.b a.proto:5 a.proto:3",
            "breaking protobuf-field-no-delete-unless-number-reserved T.b a.proto:5 a.proto:3",
        ],
        [],
        id="a field",
    ),
    pytest.param(
        message("string a = 1;", "string b = 2;"),
        message('reserved 2; reserved "b";', "string a = 1;"),
        [],
        [
            "breaking protobuf-reserved-message-no-delete T a.proto:3 a.proto:3",
            "breaking protobuf-reserved-message-no-delete T.b - a.proto:3",
        ],
        id="a field whose number and name are reserved",
    ),
    pytest.param(
        message("int64 a = 1;"),
        message("string a = 1;"),
        ["breaking protobuf-field-wire-json-compatible-type T.a a.proto:4 a.proto:4"],
        ["breaking protobuf-field-wire-json-compatible-type T.a a.proto:4 a.proto:4"],
        id="the type of a field",
    ),
    pytest.param(
        message("int64 a = 1;"),
        message("int64 b = 1;"),
        [
            "breaking protobuf-field-same-json-name T.a a.proto:4 a.proto:4",
            "breaking protobuf-field-same-name T.a a.proto:4 a.proto:4",
        ],
        [
            "breaking protobuf-field-same-json-name T.b a.proto:4 a.proto:4",
            "breaking protobuf-field-same-name T.b a.proto:4 a.proto:4",
        ],
        id="the name of a field",
    ),
    pytest.param(
        message("string a = 1;"),
        message("repeated string a = 1;"),
        ["breaking protobuf-field-wire-json-compatible-cardinality T.a a.proto:4 a.proto:4"],
        ["breaking protobuf-field-wire-json-compatible-cardinality T.a a.proto:4 a.proto:4"],
        id="one to many",
    ),
    pytest.param(
        message("oneof o { string a = 1; string b = 2; }"),
        message("string a = 1;", "string b = 2;"),
        [
            "breaking protobuf-field-same-oneof T.a a.proto:4 a.proto:4",
            "breaking protobuf-field-same-oneof T.b a.proto:4 a.proto:5",
        ],
        [
            "breaking protobuf-field-same-oneof T.a a.proto:4 a.proto:4",
            "breaking protobuf-field-same-oneof T.b a.proto:5 a.proto:4",
        ],
        id="a field of a oneof",
    ),
    pytest.param(
        enum("A = 0;", "B = 1;"),
        enum("A = 0;"),
        [
            "breaking protobuf-enum-value-no-delete-unless-name-reserved K.B a.proto:5 a.proto:3",
            "breaking protobuf-enum-value-no-delete-unless-number-reserved K.B a.proto:5 a.proto:3",
        ],
        [],
        id="a value of an enum",
    ),
    pytest.param(
        enum("A = 0;", "B = 1;"),
        enum("A = 0;", "C = 1;"),
        ["breaking protobuf-enum-value-same-name K.B a.proto:5 a.proto:5"],
        ["breaking protobuf-enum-value-same-name K.C a.proto:5 a.proto:5"],
        id="the name of a value",
    ),
    pytest.param(
        service("rpc A(T) returns (T);", "rpc B(T) returns (T);"),
        service("rpc A(T) returns (T);"),
        ["breaking protobuf-rpc-no-delete S.B a.proto:7 a.proto:5"],
        [],
        id="a method",
    ),
    pytest.param(
        service("rpc A(T) returns (T);"),
        service("rpc A(U) returns (T);"),
        ["breaking protobuf-rpc-same-request-type S.A a.proto:6 a.proto:6"],
        ["breaking protobuf-rpc-same-request-type S.A a.proto:6 a.proto:6"],
        id="what a method takes",
    ),
    pytest.param(
        service("rpc A(T) returns (T);"),
        service("rpc A(T) returns (U);"),
        ["breaking protobuf-rpc-same-response-type S.A a.proto:6 a.proto:6"],
        ["breaking protobuf-rpc-same-response-type S.A a.proto:6 a.proto:6"],
        id="what a method returns",
    ),
    pytest.param(
        service("rpc A(T) returns (T);"),
        service("rpc A(stream T) returns (T);"),
        ["breaking protobuf-rpc-same-client-streaming S.A a.proto:6 a.proto:6"],
        ["breaking protobuf-rpc-same-client-streaming S.A a.proto:6 a.proto:6"],
        id="a stream",
    ),
    pytest.param(
        service("rpc A(T) returns (T);"),
        HEAD + "message T {}\nmessage U {}\n",
        ["breaking protobuf-package-service-no-delete S a.proto:5 a.proto:1"],
        [],
        id="a service",
    ),
    pytest.param(
        message("int64 a = 1;"),
        message("int64 a = 1;").replace("v1", "v2"),
        [
            "breaking protobuf-file-same-package auth.v1 a.proto:2 a.proto:2",
            "breaking protobuf-package-no-delete auth.v1 a.proto:2 -",
        ],
        [
            "breaking protobuf-file-same-package auth.v2 a.proto:2 a.proto:2",
            "breaking protobuf-package-no-delete auth.v2 a.proto:2 -",
        ],
        id="a package",
    ),
]


@pytest.mark.parametrize(("old", "new", "found", "mirrored"), PAIRS)
def test_a_change_is_found_where_it_is_in_both_directions(
    old: str, new: str, found: list[str], mirrored: list[str]
) -> None:
    assert compared(protobuf, {"a.proto": old}, {"a.proto": new}) == found
    assert compared(protobuf, {"a.proto": new}, {"a.proto": old}) == mirrored


@pytest.mark.parametrize("text", sorted({str(text) for pair in PAIRS for text in pair.values[:2]}))
def test_what_is_equal_has_no_changes(text: str) -> None:
    assert compared(protobuf, {"a.proto": text}, {"a.proto": text}) == []


def error(files: dict[str, bytes], main: str = "") -> ContractError:
    """Return why *files* cannot be compared, as the old and as the new contract."""
    fine = contract("fine", {"a.proto": 'syntax = "proto3";'})
    wrong = type(fine)("api", main, files)
    with pytest.raises(ContractError) as as_new:
        protobuf.compare(fine, wrong, protobuf.Options(), Outside())
    with pytest.raises(ContractError) as as_old:
        protobuf.compare(wrong, fine, protobuf.Options(), Outside())
    assert str(as_new.value).removeprefix("fine and ") == str(as_old.value).replace(" and fine", "")
    return as_new.value


def test_what_is_not_utf_8_is_not_compared() -> None:
    assert str(error({"a.proto": b"\n\xff"})) == "api: a.proto:2: not UTF-8"


def test_a_folder_without_a_contract_is_not_compared() -> None:
    assert str(error({"readme.md": b""})) == "api: no file ends with .proto"


def test_a_file_that_is_not_there_is_not_compared() -> None:
    assert str(error({}, "a.proto")) == "api: a.proto: no such file in the contract"


def test_a_file_that_is_too_large_is_not_compared() -> None:
    assert "60,000,000 bytes, more than 20,000,000" in str(error({"a.proto": b" " * 60_000_000}))


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a.proto": b'syntax = "proto3";\nmessage T {'}, "api: a.proto:2: "),
        (
            {"a.proto": b'syntax = "proto3";\nimport "gone.proto";'},
            "api: a.proto:2: imports 'gone.proto', which is not part of the contract",
        ),
        ({"a.proto": b'syntax = "proto3";\nmessage T { Gone a = 1; }'}, "api: a.proto:2: "),
        ({"a.proto": b"openapi: 3.1.0\n"}, "api: a.proto:1: "),
        (
            {"a.proto": b'syntax = "proto3";\nimport "a.proto";'},
            "api: a.proto:2: ",
        ),
        ({"../a.proto": b'syntax = "proto3";'}, "api: '../a.proto' leads out of the contract"),
    ],
)
def test_what_does_not_compile_is_not_compared(files: dict[str, bytes], message: str) -> None:
    assert message in str(error(files))


def test_every_problem_is_a_line() -> None:
    text = b'syntax = "proto3";\nimport "gone.proto"; import public\n "lost.proto";'
    said = "api: a.proto:2: imports {!r}, which is not part of the contract"
    assert str(error({"a.proto": text})).splitlines() == [
        said.format("gone.proto"),
        said.format("lost.proto"),
    ]


def test_a_rule_that_buf_does_not_know_is_not_passed_over() -> None:
    one = contract("api", {"a.proto": 'syntax = "proto3";'})
    with pytest.raises(ContractError, match='"WIRE_J" is not a known rule'):
        protobuf.compare(one, one, protobuf.Options(rules=("WIRE_J",)), Outside())


def test_the_rules_can_be_chosen() -> None:
    old, new = (
        {"a.proto": f'syntax = "proto3";\nmessage T {{\n  string {name} = 1;\n}}'} for name in "ab"
    )
    assert compared(protobuf, old, new, rules=("WIRE",)) == []
    assert compared(protobuf, old, new, rules=("FIELD_SAME_NAME",)) == [
        "breaking protobuf-field-same-name T.a a.proto:3 a.proto:3"
    ]


def test_what_is_imported_is_compared_too() -> None:
    main = 'syntax = "proto3";\npackage a;\nimport "sub/b.proto";\nmessage T { U u = 1; }'
    shared = 'syntax = "proto3";\npackage a;\nmessage U {\n  KIND a = 1;\n}'
    old, new = (
        contract("api", {"a.proto": main, "sub/b.proto": shared.replace("KIND", kind)}, "a.proto")
        for kind in ("int64", "string")
    )
    assert told(protobuf.compare(old, new, protobuf.Options(), Outside())) == [
        "breaking protobuf-field-wire-json-compatible-type U.a sub/b.proto:4 sub/b.proto:4"
    ]


def test_only_the_main_file_and_what_it_imports_is_read() -> None:
    files = {"a.proto": 'syntax = "proto3";', "broken.proto": "message"}
    one = contract("api", files, "a.proto")
    assert protobuf.compare(one, one, protobuf.Options(), Outside()) == ()


def test_namesakes_have_no_place_that_could_be_wrong() -> None:
    kinds = "message A {\n  message In {\n    int32 a = 1;\n  }\n}\n"
    kinds += kinds.replace("message A", "message B")
    old = {"a.proto": f'syntax = "proto3";\n{kinds}'}
    new = {"a.proto": old["a.proto"].replace("int32", "string", 1)}
    assert compared(protobuf, old, new) == [
        "breaking protobuf-field-wire-json-compatible-type In.a - a.proto:4"
    ]


def test_google_s_own_types_are_there() -> None:
    text = 'syntax = "proto3";\nimport "google/protobuf/timestamp.proto";\n'
    text += "message T { google.protobuf.Timestamp at = 1; }"
    assert compared(protobuf, {"a.proto": text}, {"a.proto": text}) == []


def test_without_buf_it_says_what_to_install() -> None:
    one = contract("api", {"a.proto": 'syntax = "proto3";'})
    options = protobuf.Options(program="buf-that-is-not-here")
    with pytest.raises(ContractError, match="the program buf-that-is-not-here is not") as missing:
        protobuf.compare(one, one, options, Outside())
    assert missing.value.hint == "Install it: pip install 'ci-steps[protobuf]'."


def test_a_buf_on_the_path_is_used(tmp_path: Path) -> None:
    buf = tmp_path / "my-buf"
    buf.write_text("#!/bin/sh\necho Failure: asked $1\nexit 1\n")
    buf.chmod(0o755)
    one = contract("api", {"a.proto": 'syntax = "proto3";'})
    outside = Outside({"PATH": f"{tmp_path}:/usr/bin:/bin"})
    with pytest.raises(ContractError, match=r"^api: asked build$"):
        protobuf.compare(one, one, protobuf.Options(program="my-buf"), outside)


def test_a_rehearsal_compares_too() -> None:
    old = contract("old", {"a.proto": 'syntax = "proto3";\nmessage T {\n  int32 a = 1;\n}'})
    new = contract("new", {"a.proto": 'syntax = "proto3";\nmessage T {\n  bytes a = 1;\n}'})
    assert protobuf.compare(old, new, protobuf.Options(), InertOutside()) != ()


def test_it_is_recognised_by_name_or_content() -> None:
    assert protobuf.recognises("auth/v1/auth.proto", b"")
    assert protobuf.recognises("auth", b'// tokens\nsyntax = "proto3";\n')
    assert protobuf.recognises("auth", b'edition = "2023";')
    assert not protobuf.recognises("api.yaml", b"syntax: proto3\n")
