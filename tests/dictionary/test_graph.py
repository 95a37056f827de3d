"""The graph: who needs whom, what is broken, and pictures that no name can break."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from ci_steps.dictionary.graphs.graph import Edge, Graph, Line, Node, graph
from ci_steps.dictionary.graphs.layout import layout
from ci_steps.dictionary.graphs.svg import as_svg
from ci_steps.dictionary.graphs.text import as_dot, as_mermaid, as_values
from ci_steps.dictionary.store import Dictionary
from ci_steps.model import Contact, Environment, Owner, Service
from tests.parts.dictionaries import ship

# What .ci/run has installed from npm.
NPM = Path(os.environ.get("CI_STEPS_LINTERS") or Path(__file__).parents[2] / ".cache" / "linters")

NASTY = [
    pytest.param('a"; b -> c; "', id="quotes and semicolons"),
    pytest.param("<script>alert('x')</script>&amp;", id="markup"),
    pytest.param("服务-خدمة-сервис", id="other scripts"),
    pytest.param("x" * 300, id="300 characters"),
    pytest.param("end\\\nnext\x00]:::`", id="backslash, line end and zero"),
]


def drawn(dictionary: Dictionary, environment: str = "", around: str = "", most: int = 99) -> Graph:
    with dictionary.reading() as connection:
        return graph(connection, environment, around=around, most=most)


def problems(found: Graph) -> dict[str, str]:
    return {f"{one.dependent} {one.needs}": one.problem for one in found.edges}


def named(name: str) -> Graph:
    nodes = (Node(name, name, "", (Line("1", ("1.1",)),)), Node("auth", "", "nobody owns it"))
    return Graph(nodes, (Edge(name, "1", "auth", "1", name, f"{name} is gone"),), 3)


def test_an_edge_leads_from_line_to_line(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1")
    ship(dictionary, "auth 2.0")
    ship(dictionary, "gis 3.1", "auth-1.1")
    found = drawn(dictionary)
    assert found.edges == (Edge("gis", "3", "auth", "1", "auth-1.1"),)
    assert [line.name for line in found.nodes[0].lines] == ["1", "2"]


def test_what_is_too_old_or_not_live_is_broken_and_says_why(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1")
    ship(dictionary, "gis 1.0", "auth-1.2")
    ship(dictionary, "web 1.0", "auth-2", "mail-1")
    assert problems(drawn(dictionary)) == {
        "gis auth-1.2": "1.1 in production is too old",
        "web auth-2": "line 2 is not live in production",
        "web mail-1": "mail is not live in production",
    }


def test_who_cannot_be_told_is_marked(dictionary: Dictionary) -> None:
    dictionary.record_owner(Owner("gis-team", contacts=(Contact("file", "gis"),)))
    dictionary.record_service(Service("gis", "gis-team"))
    ship(dictionary, "gis 1.0", "auth-1")
    assert {one.service: one.why for one in drawn(dictionary).nodes} == {
        "auth": "nobody has recorded it",
        "gis": "",
    }


def test_another_environment_is_another_graph(dictionary: Dictionary) -> None:
    dictionary.record_environment(Environment("staging"))
    ship(dictionary, "auth 1.1")
    assert drawn(dictionary, "staging").nodes == ()


def test_only_neighbours_are_around_a_service(dictionary: Dictionary) -> None:
    for label, *needs in (["d 1.0"], ["c 1.0", "d-1"], ["b 1.0", "c-1"], ["a 1.0", "b-1"]):
        ship(dictionary, label, *needs)
    assert [one.service for one in drawn(dictionary, around="c").nodes] == ["b", "c", "d"]


def test_of_too_many_the_busiest_stay_and_the_rest_is_counted(dictionary: Dictionary) -> None:
    ship(dictionary, "hub 1.0")
    for name in "abcde":
        ship(dictionary, f"{name} 1.0", "hub-1")
    found = drawn(dictionary, most=3)
    assert ([one.service for one in found.nodes], found.left_out) == (["a", "b", "hub"], 3)


@pytest.mark.parametrize("name", NASTY)
def test_no_name_breaks_the_picture(name: str) -> None:
    picture = as_svg(named(name), name)
    root = ET.fromstring(picture)
    assert {one.tag.rpartition("}")[2] for one in root.iter()} <= {
        *("svg", "title", "desc", "style", "rect", "g", "path", "circle", "text")
    }
    assert "3 more not shown" in picture


@pytest.mark.parametrize("name", NASTY)
def test_no_name_breaks_a_line_of_dot(name: str) -> None:
    quoted = r'"(?:[^"\\]|\\.)*"'
    form = rf"  n\d+(?: -> n\d+)? \[(?:[^\"]|{quoted})*\];"
    lines = as_dot(named(name)).splitlines()
    assert len(lines) == 7
    assert all(re.fullmatch(form, line) for line in lines[2:5])


@pytest.mark.parametrize("name", NASTY)
def test_graphviz_shows_every_name_as_it_is(name: str) -> None:
    if shutil.which("dot") is None:
        pytest.skip("no Graphviz: not proven that its own parser reads the DOT of a graph")
    drawing = subprocess.run(
        ["dot", "-Tsvg"], input=as_dot(named(name)).encode(), capture_output=True, check=True
    )
    picture = ET.fromstring(drawing.stdout)
    texts = [one.text for one in picture.iter("{http://www.w3.org/2000/svg}text")]
    shown = re.sub(r"[\n\x00]+", " ", name)
    assert drawing.stderr == b""
    assert sorted(map(str, texts)) == sorted(
        [
            *(shown, shown, "line 1: 1.1"),
            *("auth", "nobody owns it", "not live"),
            f"{shown}: {shown} is gone",
            "3 more services are not shown",
        ]
    )


@pytest.mark.parametrize("name", NASTY)
def test_no_name_breaks_a_line_of_mermaid(name: str) -> None:
    lines = as_mermaid(named(name)).splitlines()
    assert re.fullmatch(r'  n0\["[^"<>`]*(<br/>[^"<>`]*)*"\]', lines[1])
    assert re.fullmatch(r'  n0 -\.->\|"[^"<>`|]*"\| n1', lines[3])
    assert "linkStyle 0 stroke:#cf222e" in lines[4]


@pytest.mark.slow
def test_mermaid_itself_reads_every_name_as_it_is() -> None:
    """All names in one graph: starting Mermaid takes a second."""
    names = [str(one.values[0]) for one in NASTY]
    nodes = tuple(Node(name, name, "", (Line("1", ("1.1",)),)) for name in names)
    edges = tuple(Edge(name, "1", names[0], "1", name, f"{name} is gone") for name in names)
    read = read_by_mermaid(as_mermaid(Graph(nodes, edges, 3)))
    shown = [re.sub(r"[\n\x00]+", " ", name) for name in names]
    assert read["nodes"] == [
        *([name, name, "line 1: 1.1"] for name in shown),
        ["3 more services are not shown"],
    ]
    assert read["edges"] == [
        [f"n{at}", "n0", f"{name}: {name} is gone"] for at, name in enumerate(shown)
    ]


def read_by_mermaid(diagram: str) -> dict[str, list[Any]]:
    """Return the nodes and edges that Mermaid's own parser sees in *diagram*."""
    if shutil.which("node") is None or not (NPM / "node_modules" / "mermaid").is_dir():
        pytest.skip("no Node with mermaid: not proven that its own parser reads a graph")
    done = subprocess.run(
        ["node", str(Path(__file__).parents[1] / "parts" / "mermaid.mjs"), str(NPM)],
        input=diagram.encode(),
        capture_output=True,
        check=True,
    )
    found: dict[str, list[Any]] = json.loads(done.stdout)
    return found


def test_cards_of_a_column_do_not_overlap_and_edges_lead_to_the_right() -> None:
    names = [f"s{number}" for number in range(30)]
    edges = [
        Edge(names[at], "1", names[other], "1", "")
        for at in range(30)
        for other in (2 * at + 1, 2 * at + 5)
        if other < len(names)
    ]
    found = layout(dict.fromkeys(names, 80.0), edges)
    assert all(found.columns[one.dependent] < found.columns[one.provider] for one in edges)
    for column in set(found.columns.values()):
        tops = sorted(found.tops[name] for name in names if found.columns[name] == column)
        assert all(below - above >= 80 for above, below in itertools.pairwise(tops))


def test_a_long_name_is_shortened_where_it_says_least() -> None:
    line, long = (Line("1", ("1.1.0",)),), "customer-relationship-gateway"
    nodes = (Node("gis", lines=line), Node(long, lines=line))
    edges = [Edge("gis", "1", long, "1", f"{long}-1.{minor}", minor * "!") for minor in range(2)]
    picture = as_svg(Graph(nodes, tuple(edges)), "long")
    assert ">customer-…p-gateway<" in picture
    assert ">needs customer-r…ateway-1.0<" in picture
    assert ">✕ needs customer-…teway-1.1<" in picture
    assert f"<title>gis needs {long}-1.0</title>" in picture  # whole where one points at


def test_a_circle_and_one_that_needs_itself_are_drawn() -> None:
    line = (Line("1", ("1.0",)),)
    nodes = tuple(Node(name, lines=line) for name in "abc")
    edges = tuple(Edge(*(left, "1", right, "1", "x")) for left, right in ("ab", "bc", "ca", "aa"))
    assert as_svg(Graph(nodes, edges), "circle").count('class="edge"') == 4 + 1


def test_a_chain_longer_than_the_stack_is_laid_out() -> None:
    names = [f"s{number}" for number in range(3000)]
    edges = [Edge(left, "1", right, "1", "") for left, right in itertools.pairwise(names)]
    assert layout(dict.fromkeys(names, 80.0), edges).columns["s2999"] == 2999


def test_an_empty_graph_is_a_picture_too() -> None:
    ET.fromstring(as_svg(Graph((), ()), "nothing"))
    assert as_values(Graph((), ())) == {"nodes": [], "edges": [], "left_out": 0}
