"""Files of many documents: each has its content and its lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci_steps.config.document import parse_all, read_text
from ci_steps.errors import ConfigError


def test_every_document_has_the_lines_of_the_file() -> None:
    first, second = parse_all("a: 1\n---\nb:\n  c: 2\n", "f.yaml")
    assert (first.content, first.lines) == ({"a": 1}, {(): 1, ("a",): 1})
    assert second.content == {"b": {"c": 2}}
    assert second.lines == {(): 3, ("b",): 3, ("b", "c"): 4}


def test_empty_documents_are_left_out() -> None:
    assert [one.content for one in parse_all("---\n---\na: 1\n---\n# none\n", "f")] == [{"a": 1}]
    assert parse_all("", "f") == ()


def test_an_anchor_ends_with_its_document() -> None:
    with pytest.raises(ConfigError, match=r"f:3: the alias \*x has no anchor"):
        parse_all("a: &x 1\n---\nb: *x\n", "f")


def test_a_key_that_stands_twice_is_found_in_every_document() -> None:
    with pytest.raises(ConfigError) as raised:
        parse_all("a: 1\na: 2\n---\na: 1\n---\nb: 1\nb: 2\n", "f")
    assert [one.line for one in raised.value.problems] == [2, 7]


def test_a_file_of_nothing_but_beginnings_is_refused() -> None:
    with pytest.raises(ConfigError, match="more than 100,000 documents"):
        parse_all("---\n" * 100_001, "f")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"x" * 11, "f: is longer than 10 bytes"),
        (b"\xff", "f: is not UTF-8 (byte 0)"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "f").write_bytes(content)
    with pytest.raises(ConfigError) as raised:
        read_text(tmp_path / "f", shown="f", most_bytes=10)
    assert str(raised.value) == said
