"""A document is what its classes declare: written, read, and described by its schema."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, datetime, timezone
from enum import Enum
from pathlib import Path
from typing import Any, cast, get_args, get_origin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ci_steps.changelog.document import BUMPS, SCHEMA, ChangeLog
from ci_steps.changelog.files import UnreadableError, read_json
from ci_steps.changelog.form_reading import Reading
from ci_steps.changelog.forms import as_json, keys_of
from ci_steps.changelog.schema import changelog_schema
from ci_steps.changelog.writing import as_text
from ci_steps.errors import Problem
from tests.parts import changelogs

PUBLISHED = Path(__file__).parents[2] / "docs" / "changelog.schema.json"
VALIDATOR = Draft202012Validator(
    json.loads(PUBLISHED.read_text("utf-8")), format_checker=Draft202012Validator.FORMAT_CHECKER
)
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: _TEXTS,
    bool: st.booleans(),
    int: st.integers(0, 10**9),
    date: st.dates(date(2000, 1, 1)),
    datetime: st.datetimes(datetime(2000, 1, 1), timezones=st.just(timezone.utc)),  # noqa: DTZ001
}
_FITTING: dict[str, st.SearchStrategy[Any]] = {
    "schema": st.just(SCHEMA),
    "bump": st.sampled_from(BUMPS),
    "version": st.sampled_from(["1.1.0", "v1_20171001-2", "201610"]),
}


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Return values of a kind, such as its class declares."""
    arguments = get_args(kind)
    if type(None) in arguments:
        return st.none() | values(next(one for one in arguments if one is not type(None)))
    if get_origin(kind) is tuple:
        return st.lists(values(arguments[0]), max_size=2).map(tuple)
    if dataclasses.is_dataclass(kind):
        return st.builds(
            cast("Any", kind), **{name: _key(one) for name, one in keys_of(kind).items()}
        )
    return st.sampled_from(kind) if issubclass(kind, Enum) else _SCALARS[kind]


def _key(one: Any) -> st.SearchStrategy[Any]:
    if one.check is None:
        return values(one.kind)
    return _FITTING.get(one.name, _TEXTS.map(lambda text: f"x{text}"))


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(values(ChangeLog))
def test_what_is_written_is_read_and_has_the_published_form(log: ChangeLog) -> None:
    text = as_text(log)
    VALIDATOR.validate(json.loads(text))
    assert read_json(ChangeLog, text, "changelog.json").value == log


def test_the_published_schema_is_one() -> None:
    Draft202012Validator.check_schema(changelog_schema())


@pytest.mark.parametrize("path", [("plan", 0), ("history", 1, "changes", 0), ("current", 0)])
def test_a_key_too_many_and_one_too_few_are_refused_by_schema_and_reader(path: Any) -> None:
    content = changelogs.document()
    inner: Any = content
    for part in path:
        inner = inner[part]
    gone = next(iter(inner))
    inner["strange"] = inner.pop(gone)
    assert not VALIDATOR.is_valid(content)
    with pytest.raises(UnreadableError) as raised:
        changelogs.read(content)
    keys = {one.key.rpartition(".")[2]: one.text for one in raised.value.problems}
    assert keys[gone] == "must be given"
    assert keys["strange"].startswith("unknown key")


@pytest.mark.parametrize(
    ("change", "key", "text"),
    [
        ({"at": "2017-10-01T12:00:00"}, "at", "2017-10-01T12:00:00 has no time zone"),
        ({"at": "soon"}, "at", "'soon' is not a time"),
        ({"at": 1}, "at", "expected a text, got 1: put it in quotes"),
        ({"schema": "x/1"}, "schema", "'x/1' is not 'ci-steps/changelog/1'"),
        ({"service": ""}, "service", "is empty"),
        ({"history": {}}, "history", "expected a list, got keys"),
        ({"plan": [1]}, "plan[0]", "expected keys and values, got 1"),
        ({"plan": [changelogs.item(kind="opration")]}, "plan[0].kind", "'opration' is none of"),
        ({"plan": [changelogs.item(day="2017-13-01")]}, "plan[0].retire_on", "is not a day"),
        (
            {"history": [changelogs.release("1.x", "huge", "2017-07-01T12:00:00Z")]},
            "history[0].version",
            "'1.x' is not a version",
        ),
    ],
)
def test_a_document_edited_into_nonsense_is_refused_at_its_line(
    change: dict[str, Any], key: str, text: str
) -> None:
    content = {**changelogs.document(), **change}
    with pytest.raises(UnreadableError) as raised:
        changelogs.read(content)
    found = next(one for one in raised.value.problems if one.key == key)
    assert text in found.text
    assert found.file == changelogs.NAME
    assert found.line > 1


def test_all_that_is_wrong_is_said_at_once() -> None:
    content = {**changelogs.document(), "service": "", "at": "soon", "owner": None}
    with pytest.raises(UnreadableError) as raised:
        changelogs.read(content)
    assert [one.key for one in raised.value.problems] == ["service", "owner", "at"]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"a": 1, "a": 2}', "{]", "\0"])
def test_what_is_no_document_at_all_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError) as raised:
        read_json(ChangeLog, text, "changelog.json")
    assert all(isinstance(one, Problem) for one in raised.value.problems)
    assert all(one.line >= 1 for one in raised.value.problems)


def test_reading_is_the_inverse_of_writing_a_value() -> None:
    log = changelogs.read(changelogs.document()).value
    assert Reading().read(ChangeLog, as_json(log)) == log
