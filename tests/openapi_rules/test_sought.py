"""Wherever a change stands, the parts that stand there are known, and most others are ruled out."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from ci_steps.documents.node import Node
from ci_steps.openapi_rules.reading import read
from ci_steps.openapi_rules.sought import Sought
from tests.parts.contract_pairs import contract

DEEP = "{properties: {a: {properties: {b: {properties: {c: {items: {maxLength: 5}}}}}}}}"
API = f"""\
swagger: '2.0'
paths:
  /a:
    parameters: &both
      - {{name: x, in: query, type: string}}
      - name: y
        in: query
        type: string
    get: &get
      responses: {{200: {{schema: {{$ref: 'more.json#/Deep'}}}}}}
    put:
      <<: *get
      deprecated: true
  /b: {{parameters: *both, get: *get}}
definitions:
  Deep: {DEEP}
"""
MORE = json.dumps({"Deep": {"properties": {"a": {"items": [{"enum": ["b"]}, True]}}}}, indent=1)


def roots() -> tuple[Node, Node]:
    api = read(contract("api", {"a.yaml": API, "more.json": MORE}, "a.yaml"))
    return api.root, api.root.document.library.document("more.json").root


def below(node: Node) -> Iterator[Node]:
    yield node
    for inner in (*node.items(), *(one for _, one in node.entries())):
        yield from below(inner)


@pytest.mark.parametrize("file", [0, 1], ids=["a.yaml", "more.json"])
def test_what_stands_at_a_place_is_never_ruled_out(file: int) -> None:
    root, document = roots()[0], roots()[file]
    for node in below(document):
        sought = Sought(root, [node.location])
        assert all(sought.may_be(one) for one in below(document) if one.location == node.location)


def test_what_is_elsewhere_is_ruled_out() -> None:
    root, more = roots()
    place = root.at("definitions", "Deep", "properties", "a")
    assert place is not None
    sought = Sought(root, [place.location])
    assert not any(map(sought.may_be, below(more)))
    assert [str(one.path[-1]) for one in below(root) if one.path and sought.may_be(one)] == [
        "definitions",
        "Deep",
        "properties",
        "a",
    ]
