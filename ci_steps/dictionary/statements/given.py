"""Lists that a statement is given as one value, so that its text is always the same.

A database reads them as rows of JSON. So a statement is put together once, compiled once and
planned once, and takes as many values as there are.

    releases_of = select(release).where(release.c.service_id.in_(numbers("ids")))
    connection.execute(releases_of, {"ids": [1, 2]})

    wanted = rows("wanted", service_id=int, label=str)
    exact = select(release).join(wanted, release.c.label == wanted.c.label)
    connection.execute(exact, {"wanted": [(1, "1.1.0")]})
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Text, TypeDecorator, bindparam, literal_column, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Dialect, Select, Subquery
    from sqlalchemy.sql.compiler import SQLCompiler


class _Json(TypeDecorator[Any]):
    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Iterable[Any] | None, dialect: Dialect) -> str:
        return json.dumps(list(value or ()))


class _Each(FunctionElement[Any]):
    inherit_cache = True


class _EachNumber(_Each):
    inherit_cache = True


class _Value(FunctionElement[Any]):
    inherit_cache = True


class _Number(_Value):
    inherit_cache = True
    type = BigInteger()


class _Text(_Value):
    inherit_cache = True
    type = Text()


_KINDS: dict[type, type[_Value]] = {int: _Number, str: _Text}


def numbers(key: str) -> Select[Any]:
    """Return the whole numbers that are given as *key*, for ``column.in_``."""
    return select(_each(key, _EachNumber).c.value)


def texts(key: str) -> Select[Any]:
    """Return the texts that are given as *key*, for ``column.in_``."""
    return select(_Text(_each(key).c.value))


def rows(key: str, **columns: type) -> Subquery:
    """Return the rows that are given as *key*, to join with."""
    each = _each(key)
    values = (
        _KINDS[kind](each.c.value, literal_column(str(place))).label(name)
        for place, (name, kind) in enumerate(columns.items())
    )
    return select(*values).subquery(key)


def _each(key: str, kind: type[_Each] = _Each) -> Any:
    return kind(bindparam(key, type_=_Json())).table_valued("value", name=f"each_{key}")


@compiles(_Each, "sqlite")
def _in_file(element: _Each, compiler: SQLCompiler, **_: Any) -> str:
    return f"json_each({compiler.process(element.clauses)})"


@compiles(_Each, "postgresql")
def _on_server(element: _Each, compiler: SQLCompiler, **_: Any) -> str:
    values = f"json_array_elements(CAST({compiler.process(element.clauses)} AS json))"
    # By way of an array, of which the planner expects ten values: of a function it expects a
    # hundred, and rather reads a table of services whole.
    return f"(SELECT unnest(ARRAY(SELECT {values})) AS value)"


@compiles(_EachNumber, "postgresql")
def _numbers_on_server(element: _EachNumber, compiler: SQLCompiler, **_: Any) -> str:
    # Of numbers, JSON is but for its brackets what an array is written as: half the time.
    array = f"translate({compiler.process(element.clauses)}, '[]', '{{}}')"
    return f"(SELECT unnest(CAST({array} AS BIGINT[])) AS value)"


@compiles(_Value, "sqlite")
def _value_in_file(element: _Value, compiler: SQLCompiler, **_: Any) -> str:
    value, *place = (compiler.process(one) for one in element.clauses)
    return f"json_extract({value}, '$[{place[0]}]')" if place else value


@compiles(_Value, "postgresql")
def _value_on_server(element: _Value, compiler: SQLCompiler, **_: Any) -> str:
    value, *place = (compiler.process(one) for one in element.clauses)
    text = f"{value} ->> {place[0]}" if place else f"{value} #>> '{{}}'"
    return f"CAST({text} AS BIGINT)" if isinstance(element, _Number) else f"({text})"
