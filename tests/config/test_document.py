"""Files that people write: what is read, what is refused, and with which line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ci_steps.config.document import parse, read
from ci_steps.errors import ConfigError


def content(text: str) -> Any:
    return parse(text, "f.yaml").content


def refusal(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(text, "f.yaml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("010", 10),
        ("1.10", 1.1),
        ("'1.10'", "1.10"),
        ("!!str 1.10", "1.10"),
        ("1_000", "1_000"),
        ("0x10", "0x10"),
        ("2017-10-01", "2017-10-01"),
        ("12:30:00", "12:30:00"),
        ("~", None),
        ("True", True),
        (".inf", ".inf"),
        ("1" * 5000, "1" * 5000),
        ("größe", "größe"),
        ("", None),
        ("---\na: 1\n", {"a": 1}),
        ("\ufeffa: 1", {"a": 1}),
        ("1: x\nnull: y", {"1": "x", "null": "y"}),
    ],
)
def test_a_value_is_what_a_reader_of_the_file_expects(text: str, value: object) -> None:
    found = content(text)
    assert found == value
    assert type(found) is type(value)


def test_every_value_knows_its_line() -> None:
    document = parse("a:\n  b:\n    - x\n    - y\nc: {d: 1}\n", "f.yaml")
    assert document.lines == {
        (): 1,
        ("a",): 1,
        ("a", "b"): 2,
        ("a", "b", 0): 3,
        ("a", "b", 1): 4,
        ("c",): 5,
        ("c", "d"): 5,
    }


def test_an_alias_stands_for_its_anchor() -> None:
    assert content("a: &x {b: [1]}\nc: *x") == {"a": {"b": [1]}, "c": {"b": [1]}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "f.yaml:1: is not YAML: "),
        ("a: 1\n\tb: 2", "f.yaml:2: is not YAML: "),
        ("a: \x00", "f.yaml: is not YAML: "),
        ("a: 1\n---\nb: 2", "f.yaml:2: a second document (---) is not read"),
        ("a: *x", "f.yaml:1: the alias *x has no anchor before it"),
        ("a: &x [*x]", "f.yaml:1: the alias *x has no anchor before it"),
        ("x: &x 1\n*x : 2", "f.yaml:2: a key must be a text"),
        ("? [a]\n: 1", "f.yaml:1: a key must be a text"),
        ("a: !!python/object:os.system {}", "f.yaml:1: the tag "),
        ("a: !secret b", "f.yaml:1: the tag !secret is not read"),
    ],
)
def test_what_is_not_read_is_refused_with_its_line(text: str, said: str) -> None:
    found = refusal(text)
    assert found.startswith(said)
    assert len(found.splitlines()) == 1


def test_every_key_that_stands_twice_is_reported() -> None:
    *twice, not_yaml = refusal("a: 1\nb: {c: 1,\n c: 2}\na: 2\nd: [").splitlines()
    assert twice == [
        "f.yaml:3: b.c: stands here for the second time, first in line 2",
        "f.yaml:4: a: stands here for the second time, first in line 1",
    ]
    assert not_yaml.startswith("f.yaml:5: is not YAML: ")


def test_a_quote_that_is_not_closed_is_said_with_the_line_where_it_begins() -> None:
    said = refusal('a: 1\nb: "x\nc: 2\nd: 3\n')
    assert said.startswith("f.yaml:4: is not YAML: ")
    assert said.endswith("(begun in line 2)")


def test_an_alias_bomb_is_refused_before_it_explodes() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert refusal("\n".join(lines)) == "f.yaml:5: more than 100,000 values"


def test_a_million_brackets_are_refused_at_the_first_too_many() -> None:
    assert refusal("[" * 1_000_000) == "f.yaml:1: more than 50 levels of nesting"
    assert content("[" * 50 + "]" * 50)


def test_a_file_of_10_mb_is_refused_without_being_parsed(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_bytes(b"a: [" + b"x, " * 3_500_000)
    with pytest.raises(ConfigError, match=r"f.yaml: is longer than 1,000,000 bytes"):
        read(file, shown="f.yaml")


def test_the_largest_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_text("a: 1 #".ljust(1_000_000, "x"))
    assert read(file).content == {"a": 1}


def test_a_device_without_an_end_is_refused() -> None:
    with pytest.raises(ConfigError, match="longer than"):
        read(Path("/dev/zero"))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.mkdir(), "is a folder, not a file"),
        (lambda path: path.write_bytes(b"a: \xff"), r"is not UTF-8 \(byte 3\)"),
        (lambda path: path.write_bytes("a: 1".encode("utf-16")), r"is not UTF-8 \(byte 0\)"),
        (lambda path: None, "cannot be read: no such file or directory"),
        (lambda path: path.symlink_to(path), "cannot be read: too many levels"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(make: Any, said: str, tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    make(file)
    with pytest.raises(ConfigError, match=f"^f.yaml: {said}"):
        read(file, shown="f.yaml")


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match="is not the name of a file"):
        read(Path("a\0b"))
