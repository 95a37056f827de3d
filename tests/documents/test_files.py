"""JSON and YAML: what is read, where it stands, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ci_steps.documents import yaml_file
from ci_steps.documents.json_file import JsonFile
from ci_steps.documents.node import File, Path
from ci_steps.documents.parts import DocumentError, Parts
from ci_steps.documents.yaml_file import YamlFile

SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab: #'\"-\\é", max_size=6)
VALUES = st.recursive(
    SCALARS,
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(st.text("a/$ {}1", min_size=1), below)
    ),
    max_leaves=12,
)
MAPPINGS = st.dictionaries(st.text("ab{}/$.1", min_size=1), VALUES, min_size=1, max_size=4)


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    listed = enumerate(value) if isinstance(value, list) else ()
    for key, below in value.items() if isinstance(value, dict) else listed:
        yield from paths(below, (*path, key))


def written(text: str, file: File, path: Path) -> str:
    line, column = file.position(path)
    return text.split("\n")[line - 1][column - 1 :]


@pytest.mark.parametrize("indent", [None, 2])
@settings(max_examples=50)
@given(value=MAPPINGS)
def test_json_means_what_it_says_and_each_key_is_found(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    file = JsonFile("a.json", text, Parts())
    assert file.value == value
    for path in paths(value):
        if path and isinstance(path[-1], str):
            assert written(text, file, path).startswith(json.dumps(path[-1]) + ":")


@pytest.mark.parametrize("least_length", [0, 8_000])
@pytest.mark.parametrize("is_flow", [True, False, None])
@settings(max_examples=50)
@given(value=MAPPINGS)
def test_yaml_means_the_same_read_in_parts_and_as_a_whole(
    value: Any, is_flow: bool | None, least_length: int
) -> None:
    text = yaml.safe_dump(value, default_flow_style=is_flow, allow_unicode=True, width=20)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_file, "_LEAST_LENGTH", least_length)
        file = YamlFile("a.yaml", text, Parts())
    assert file.value == value
    for path in paths(value):
        if path and isinstance(path[-1], str) and path[-1].isalpha():
            assert written(text, file, path).lstrip("'\"? ").startswith(path[-1])


YAML = """\
openapi: 3.0.3
on: yes
number: 010
paths:
  /a: &a
    get: {x: [1, 2]}
  /b: *a
  /c:
    <<: *a
    put: |
      paths:
        /d: 1
"""


def test_yaml_follows_version_1_2_aliases_and_merges() -> None:
    file = YamlFile("a.yaml", YAML, Parts())
    assert (file.value["on"], file.value["number"]) == ("yes", 10)
    paths_ = file.value["paths"]
    assert paths_["/b"] == {"get": {"x": [1, 2]}}
    assert paths_["/c"] == {"get": {"x": [1, 2]}, "put": "paths:\n  /d: 1\n"}
    assert file.position(("paths", "/a", "get", "x", 1)) == (6, 18)
    assert file.position(("paths", "/b", "get")) == (7, 3)  # where the alias stands
    assert file.position(("paths", "/c", "get")) == (8, 3)


@pytest.mark.parametrize(("read", "text"), [(JsonFile, json.dumps), (YamlFile, yaml.safe_dump)])
def test_what_two_releases_have_in_common_is_one_value(
    read: Any, text: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yaml_file, "_LEAST_LENGTH", 40)
    old = {"components": {"schemas": {"A": {"type": "object"}, "B": {"type": "string"}}}}
    new = {"components": {"schemas": {"A": {"type": "object"}, "B": {"type": "number"}}}}
    parts = Parts()
    one, other = (
        read("a", text(value), parts).value["components"]["schemas"] for value in (old, new)
    )
    assert one["A"] is other["A"]
    assert (one["B"], other["B"]) == ({"type": "string"}, {"type": "number"})


DEEP = 1_000_000
WRONG = [
    pytest.param(JsonFile, "", 1, "expecting value", id="json: nothing"),
    pytest.param(JsonFile, '{"a": 1,\n"b": [1, ', 2, "expecting value", id="json: truncated"),
    pytest.param(JsonFile, '{"a": 1,\n"a": 2}', 2, "'a' is there twice", id="json: twice"),
    pytest.param(
        JsonFile,
        '{"a": {"b": {"c": {"d": [\n{"e": 1,\n"e": 2}]}}}}',
        3,
        "'e' is there twice",
        id="json: twice, below",
    ),
    pytest.param(JsonFile, '{"a": 1}\n}', 2, "more follows after the end", id="json: more"),
    pytest.param(JsonFile, '{"a": 1,}', 1, "a name in quotes and ':'", id="json: a comma more"),
    pytest.param(JsonFile, '{"a": NaN}', 1, "NaN is no number of JSON", id="json: NaN"),
    pytest.param(JsonFile, '{"a":' + "[" * DEEP, 1, "nested too deeply", id="json: deep"),
    pytest.param(JsonFile, '{"a": ' + "1" * 5_000 + "}", 1, "digits", id="json: a long number"),
    pytest.param(YamlFile, "", 1, "the file is empty", id="yaml: nothing"),
    pytest.param(YamlFile, "a:\n  b: [1, 2\n", 3, "while parsing", id="yaml: truncated"),
    pytest.param(YamlFile, "a: 1\nb: 1\na: 2\n", 3, "'a' is there twice", id="yaml: twice"),
    pytest.param(
        YamlFile, "a:\n  b:\n    c: 1\n    c: 2\n", 4, "'c' is there twice", id="yaml: twice, below"
    ),
    pytest.param(YamlFile, "a: 1\n---\nb: 1\n", 2, "a second document", id="yaml: two documents"),
    pytest.param(YamlFile, "a: *b\n", 1, "the alias *b has no anchor", id="yaml: an alias"),
    pytest.param(YamlFile, "a: &b\n  c: *b\n", 2, "the alias *b has no anchor", id="yaml: itself"),
    pytest.param(YamlFile, "a: !!python/none 1\n", 1, "the tag ", id="yaml: a tag"),
    pytest.param(YamlFile, "? [a]\n: 1\n", 1, "a key must be a text", id="yaml: a list as key"),
    pytest.param(YamlFile, "a: " + "[" * 500, 1, "levels of nesting", id="yaml: deep"),
    pytest.param(YamlFile, "a: \a\n", 1, "is not read", id="yaml: a control character"),
    pytest.param(YamlFile, "a: &a {}\n<<: 1\n", 3, "<< brings no mapping", id="yaml: a merge"),
]
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)


@pytest.mark.parametrize(("read", "text", "line", "reason"), WRONG)
def test_what_is_no_document_is_refused_with_its_line(
    read: Any, text: str, line: int, reason: str
) -> None:
    with pytest.raises(DocumentError) as refused:
        read("a", text, Parts())
    assert reason in str(refused.value)
    assert refused.value.line == line


def test_a_few_aliases_that_stand_for_billions_are_refused() -> None:
    with pytest.raises(DocumentError, match="more than 5,000,000 values"):
        YamlFile("a.yaml", BOMB, Parts())
