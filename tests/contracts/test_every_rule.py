"""No rule of a format without a pair that meets it, with its places, and what the way back says.

Those of OpenAPI and JSON Schema are in a table (`tests/openapi_rules/test_rules.py`); of the other
formats each call that makes a change is watched while their pairs are compared.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ci_steps import asyncapi_rules, avro_rules, graphql_rules, thrift_rules
from ci_steps.comparisons.changes import Change
from ci_steps.contracts import asyncapi, avro, graphql, thrift
from ci_steps.outside import Outside
from tests.contracts import test_avro, test_graphql, test_thrift
from tests.parts.contract_corpus import pairs
from tests.parts.contract_pairs import compared

_MAKERS = {"Change", "_change", "change", "changed"}


def told_in(package: ModuleType) -> set[tuple[str, int, int]]:
    """Return file, first and last line of every call that makes a change."""
    return {
        (str(path), node.lineno, node.end_lineno or node.lineno)
        for path in Path(package.__path__[0]).glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and _called(node.func) in _MAKERS
    }


def _called(function: ast.expr) -> str:
    return str(getattr(function, "id", getattr(function, "attr", "")))


def of_lines(name: str, module: Any, cases: list[Any]) -> Iterator[None]:
    for case in cases:
        old, new = case.values[:2]
        for pair in ((old, new), (new, old)):
            compared(module, *({name: text} for text in pair))
            yield


def of_corpus(format_: str) -> Iterator[None]:
    for pair in pairs():
        if pair.format == format_:
            asyncapi.compare(*pair.contracts("json"), asyncapi.Options(**pair.options), Outside())
            yield


@pytest.mark.slow
@pytest.mark.parametrize(
    ("package", "cases"),
    [
        pytest.param(
            thrift_rules, of_lines("tokens.thrift", thrift, test_thrift.PAIRS), id="thrift"
        ),
        pytest.param(avro_rules, of_lines("token.avsc", avro, test_avro.PAIRS), id="avro"),
        pytest.param(
            graphql_rules, of_lines("a.graphql", graphql, test_graphql.PAIRS), id="graphql"
        ),
        pytest.param(asyncapi_rules, of_corpus("asyncapi"), id="asyncapi"),
    ],
)
def test_each_call_that_makes_a_change_is_met_by_a_pair(
    package: ModuleType, cases: Iterator[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    met: set[tuple[str, int]] = set()
    make = Change.__init__

    def watched(*given: Any, **named: Any) -> None:
        make(*given, **named)
        frame = inspect.currentframe()
        while frame is not None:
            met.add((frame.f_code.co_filename, frame.f_lineno))
            frame = frame.f_back

    monkeypatch.setattr(Change, "__init__", watched)
    assert sum(1 for _ in cases) > 1
    missed = {
        f"{Path(file).name}:{first}"
        for file, first, last in told_in(package)
        if not any((file, line) in met for line in range(first, last + 1))
    }
    assert missed == set()
