"""Everything a dictionary holds, taken from one kind of database to the other and back."""

from __future__ import annotations

import json
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, func, select

from ci_steps.dictionary.exports.export import export
from ci_steps.dictionary.exports.loading import is_export, load_export
from ci_steps.dictionary.store import Dictionary
from ci_steps.dictionary.tables import Utc, metadata
from ci_steps.errors import ConfigError, DictionaryError, RefusedError
from ci_steps.model import Service
from tests.parts.commands import typed
from tests.parts.dictionaries import dictionary_at, ship

# With a gap, as after something was taken away.
_IDS = (3, 7)
_AT = datetime(2017, 10, 1, 23, 59, 59, 123456, tzinfo=timezone.utc)


def value(column: Column[Any], number: int) -> Any:
    """Return what is hard to keep: quotes, other scripts, every byte, parts of a second."""
    kind = datetime if isinstance(column.type, Utc) else column.type.python_type
    if column.foreign_keys or column.primary_key:
        found: Any = number
    elif kind is str:
        found = f"{number} \u00fc\u65e5\u672c\"';--\n"[: getattr(column.type, "length", None)]
    elif kind is bytes:
        found = bytes(range(256))
    elif kind is datetime:
        found = _AT.replace(day=number)
    elif kind is date:
        found = date(2017, 10, number)
    else:
        found = kind(number % 2) if kind is bool else 2**40 + number
        if kind is int and column.name in {"position", "level", "attempts"}:
            found = number
    return None if column.nullable and number == _IDS[1] else found


def fill(dictionary: Dictionary) -> None:
    """Put two rows into every table there is, a later one as well."""
    with dictionary.writing() as connection:
        for table in metadata.sorted_tables:
            rows = [{c.name: value(c, number) for c in table.columns} for number in _IDS]
            for row in rows:
                connection.execute(table.insert(), row)


def lines(dictionary: Dictionary) -> list[str]:
    with dictionary.reading() as connection:
        return list(export(connection))


def written(path: Path, content: list[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in content), "utf-8")
    return path


@pytest.fixture(params=["sqlite to postgresql", "postgresql to sqlite"])
def move(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """The addresses of two databases in which nothing is."""
    found = []
    for number, kind in enumerate(request.param.split(" to ")):
        server = kind == "postgresql"
        path = str(tmp_path / f"{number}.db")
        found.append(request.getfixturevalue("postgres_url") if server else path)
    return found[0], found[1]


def test_every_row_of_every_table_arrives_and_comes_back(
    move: tuple[str, str], tmp_path: Path
) -> None:
    with dictionary_at(move[0]) as old, dictionary_at(move[1]) as new:
        fill(old)
        before = lines(old)
        tables = {next(iter(json.loads(line))) for line in before[1:-1]}
        assert tables == set(metadata.tables)
        counts = load_export(new, written(tmp_path / "export", before))
        assert {name: count.added for name, count in counts.items()} == dict.fromkeys(tables, 2)
        assert lines(new) == before
    with dictionary_at(str(tmp_path / "back.db")) as back:
        load_export(back, written(tmp_path / "again", before))
        assert lines(back) == before


def test_what_is_recorded_after_a_move_gets_numbers_of_its_own(
    move: tuple[str, str], tmp_path: Path
) -> None:
    with dictionary_at(move[0]) as old, dictionary_at(move[1]) as new:
        fill(old)
        load_export(new, written(tmp_path / "export", lines(old)))
        ship(new, "auth 1.1", "gis-201610")
        with new.reading() as connection:
            for name in ("service", "release", "deployment", "requirement"):
                table = metadata.tables[name]
                assert connection.scalar(select(func.max(table.c.id))) == _IDS[1] + 1, name


def test_the_same_again_changes_nothing_and_anything_else_is_refused(
    dictionary: Dictionary, tmp_path: Path
) -> None:
    fill(dictionary)
    file = written(tmp_path / "export", lines(dictionary))
    counts = load_export(dictionary, file)
    assert {count.unchanged for count in counts.values()} == {2}
    assert {count.added for count in counts.values()} == {0}
    dictionary.record_service(Service("web"))
    before = lines(dictionary)
    with pytest.raises(RefusedError, match=r"not empty, and holds other things than"):
        load_export(dictionary, file)
    assert lines(dictionary) == before


def test_an_export_of_the_first_schema_is_brought_up_to_date(
    dictionary: Dictionary, tmp_path: Path
) -> None:
    old = [
        '{"ci_steps_dictionary": 1, "schema": "0001"}',
        '{"owner": {"id": 4, "name": "auth-team", "title": "Auth team"}}',
        '{"service": {"id": 9, "name": "auth", "owner_id": 4, "repository": ""}}',
        '{"rows": 2}',
    ]
    load_export(dictionary, written(tmp_path / "export", old))
    assert dictionary.services() == (Service("auth", "auth-team"),)
    ship(dictionary, "gis 201610")
    assert len(dictionary.services()) == 2


_OWNER = '{"owner": {"id": 1, "name": "x", "title": ""}}'


@pytest.mark.parametrize(
    ("schema", "content", "said"),
    [
        ("0001", [_OWNER], "the file ends in the middle"),
        ("0001", [_OWNER, '{"rows": 2}'], "2 rows were written, 1 are here"),
        ("0001", ['{"rows": 0}', _OWNER], "something behind the last line"),
        ("0001", ['{"nothing": {}}'], "no table 'nothing'"),
        ("0001", ['{"owner": {"id": 1}}'], "expected values for id, name, title"),
        ("0001", [_OWNER.replace("1", "true")], "True is no id"),
        ("0001", [_OWNER.replace("1", "9" * 30)], "is no id"),
        ("0001", [_OWNER.replace('"x"', "null")], "None is no name"),
        ("0001", [_OWNER.replace("x", "\\ud800")], "is no name"),
        ("0001", [_OWNER.replace("x", "\\u0000")], "is no name"),
        ("0001", ["{"], "is not JSON"),
        ("0001", ["[]"], "expected keys and values"),
        ("0001", ['{"owner": 1, "service": 2}'], "expected one row of one table"),
        ("9999", [], "is newer than this ci-steps"),
        ("0000", [], "is not an export that this ci-steps knows"),
        ("1", [], "is not an export that this ci-steps knows"),
    ],
)
def test_a_damaged_export_is_an_error_and_leaves_the_dictionary_as_it_was(
    dictionary: Dictionary, tmp_path: Path, schema: str, content: list[str], said: str
) -> None:
    first = f'{{"ci_steps_dictionary": 1, "schema": "{schema}"}}'
    empty = lines(dictionary)
    with pytest.raises(ConfigError) as raised:
        load_export(dictionary, written(tmp_path / "export", [first, *content]))
    assert said in str(raised.value.problems)
    assert lines(dictionary) == empty


def test_rows_that_contradict_each_other_are_refused_whole(
    dictionary: Dictionary, tmp_path: Path
) -> None:
    first = '{"ci_steps_dictionary": 1, "schema": "0001"}'
    twice = [first, _OWNER, _OWNER.replace("1", "2"), '{"rows": 2}']
    empty = lines(dictionary)
    with pytest.raises(DictionaryError):
        load_export(dictionary, written(tmp_path / "export", twice))
    assert lines(dictionary) == empty


def test_what_is_more_than_is_read_at_once_is_there_whole(dictionary: Dictionary) -> None:
    table = metadata.tables["owner"]
    numbers = range(1, 5002, 2)
    with dictionary.writing() as connection:
        connection.execute(table.insert(), [{"id": n, "name": f"o{n}"} for n in numbers])
    found = [json.loads(line)["owner"]["id"] for line in lines(dictionary)[1:-1]]
    assert found == list(numbers)


def test_only_an_export_says_that_it_is_one(tmp_path: Path) -> None:
    assert not is_export(tmp_path / "nowhere")
    assert not is_export(written(tmp_path / "world.yaml", ["owners: {}"]))
    assert is_export(written(tmp_path / "export", ['{"ci_steps_dictionary": 1}']))


def test_the_commands_move_a_dictionary(
    move: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with dictionary_at(move[0]) as old:
        fill(old)
        before = lines(old)
    file = tmp_path / "export.jsonl"
    words = ["dictionary", "export", str(file), "--dictionary", move[0]]
    assert typed(capsys, *words).status == 0
    assert file.read_text("utf-8").splitlines() == before
    loading = typed(capsys, "dictionary", "load", str(file), "--dictionary", move[1])
    assert (loading.status, loading.err) == (0, "")
    printed = typed(capsys, "dictionary", "export", "--dictionary", move[1])
    assert printed.out.splitlines() == before
