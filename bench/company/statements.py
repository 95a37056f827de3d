"""Which statements a question needs, and by which indexes they find their rows.

Only what stays the same from one version of a database to the next is kept: for each table the
columns and the index by which its rows are found, or that all of it is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Connection, event, text

from ci_steps.dictionary.store import Dictionary
from ci_steps.dictionary.tables import metadata
from company.questions import QUESTIONS, READ_WHOLE, Question, Subjects

WHOLE = "all of "

_Statement = tuple[str, Any]
_COUNTED = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")

# What a server is told about every table, and what it is to do without.
_ROWS = 1_000_000
_PREFER_INDEXES = ("seqscan", "hashjoin", "mergejoin", "material", "memoize")


class Plan(NamedTuple):
    """The statements of a question; each says how it finds its rows."""

    question: Question
    statements: Sequence[str]

    @property
    def title(self) -> str:
        """Return the question in a few words."""
        return f"{self.question.name} ({self.question.kind.name.lower()})"

    def __str__(self) -> str:
        """Return the plan as it stands in the baseline."""
        return "\n".join([f"{self.title}: {len(self.statements)}", *map("    {}".format, self)])

    def __iter__(self) -> Iterator[str]:
        return iter(self.statements)


def plans(dictionary: Dictionary, subjects: Subjects) -> list[Plan]:
    """Return the plan of every question, about the first of its subjects."""
    if dictionary.engine.dialect.name == "postgresql":
        _pretend_size(dictionary)
    asked = (*QUESTIONS, *READ_WHOLE)
    return [_plan(dictionary, question, subjects) for question in asked]


def made_with(dictionary: Dictionary) -> str:
    """Return the planner behind the plans: another one may find other ways."""
    with dictionary.engine.connect() as connection:
        version = connection.dialect.server_version_info or ()
    if dictionary.engine.dialect.name == "postgresql":
        return f"made with PostgreSQL {version[0]}"
    return f"made with SQLite {version[0]}.{version[1]}"


def baseline(found: Sequence[Plan]) -> str:
    """Return plans as one text."""
    return "\n\n".join(map(str, found)) + "\n"


def _pretend_size(dictionary: Dictionary) -> None:
    """Let the server plan as if the tables were large, for it reads small ones whole."""
    names = ", ".join(f"'{name}'" for name in metadata.tables)
    with dictionary.engine.begin() as connection:
        connection.execute(text(_PRETEND.format(rows=_ROWS, names=names)))


# It counts on as many rows on a page as it has found before: so there are pages, too. Of an
# index that is not told, each is as good as another.
_PRETEND = """
UPDATE pg_class SET reltuples = {rows}, relpages = greatest(pg_relation_size(oid) / 8192, 1)
WHERE relname IN ({names})
   OR oid IN (SELECT indexrelid FROM pg_index WHERE indrelid::regclass::text IN ({names}))
"""


def _plan(dictionary: Dictionary, question: Question, subjects: Subjects) -> Plan:
    with _seen(dictionary) as statements:
        question.ask(dictionary, question.subjects(subjects)[0], subjects)
    with dictionary.engine.connect() as connection:
        return Plan(question, [_explained(connection, *one) for one in statements])


@contextmanager
def _seen(dictionary: Dictionary) -> Iterator[list[_Statement]]:
    seen: list[_Statement] = []

    def note(*about: Any) -> None:
        _, _, sql, given, _, is_many = about
        if sql.startswith(_COUNTED):
            seen.append((sql, given[0] if is_many else given))

    event.listen(dictionary.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(dictionary.engine, "before_cursor_execute", note)


def _explained(connection: Connection, sql: str, given: Any) -> str:
    is_server = connection.dialect.name == "postgresql"
    found = (_on_server if is_server else _in_file)(connection, sql, given)
    verb, *rest = sql.split()
    what = verb.lower() if verb in {"SELECT", "WITH"} else f"{verb.lower()} {_first_table(rest)}"
    # The arms of an "or" are alike.
    return f"{what}: {'; '.join(dict.fromkeys(found))}".removesuffix(": ")


def _first_table(words: Sequence[str]) -> str:
    return next(word for word in words if word in metadata.tables)


_STEP = re.compile(
    r"(?:SEARCH|SCAN) (?:TABLE )?(?P<table>\w+)(?: AS (?P<alias>\w+))?"
    r"(?: USING (?P<how>(?:AUTOMATIC )?(?:PARTIAL )?(?:COVERING )?INDEX|INTEGER PRIMARY KEY)"
    r"(?: (?P<index>\w+))?)?(?: \((?P<columns>.*)\))?"
)


def _in_file(connection: Connection, sql: str, given: Any) -> Iterator[str]:
    for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given):
        step = _STEP.match(row[3])
        if step is None:
            continue
        table = _table_of(sql, step["table"])
        if table not in metadata.tables:
            continue  # what the statement itself has put together
        columns = re.findall(r"(\w+)[=<>]", step["columns"] or "")
        if not columns:
            yield f"{WHOLE}{table}"
        elif step["how"].startswith("AUTOMATIC"):
            yield f"{WHOLE}{table}, for an index of the moment"
        else:
            yield _found_by(table, columns, step["index"] or "")


def _table_of(sql: str, name: str) -> str:
    """Return the table that a statement calls *name*."""
    if name in metadata.tables:
        return name
    called = re.search(rf"(\w+) AS {name}\b", sql)
    return called[1] if called else name


def _on_server(connection: Connection, sql: str, given: Any) -> Iterator[str]:
    for what in _PREFER_INDEXES:
        connection.execute(text(f"SET LOCAL enable_{what} = off"))
    (explained,) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {sql}", given).scalar_one()
    yield from sorted(_scans(explained["Plan"], ""))


def _scans(node: dict[str, Any], table: str) -> Iterator[str]:
    table = node.get("Relation Name", table)
    index = node.get("Index Name", "")
    if index and "Index Cond" in node:
        columns = re.findall(r'\(\(?"?(\w+)"?\)?(?:::\w+)? (?:=|<=?|>=?) ', node["Index Cond"])
        yield _found_by(table, columns, index)
    elif index or node["Node Type"] == "Seq Scan":
        yield f"{WHOLE}{table}"
    for inner in node.get("Plans", ()):
        yield from _scans(inner, table)


def _found_by(table: str, columns: Sequence[str], index: str) -> str:
    named = f" in {index}" if index.startswith("ix_") else ""
    return f"{table} by {', '.join(dict.fromkeys(columns))}{named}"
