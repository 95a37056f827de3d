"""A graph as text for other programs: DOT of Graphviz, Mermaid, and plain values for JSON."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_steps.dictionary.graphs.graph import Edge, Graph, Node

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def as_dot(graph: Graph) -> str:
    """Return the graph for Graphviz; names are labels, never ids."""
    return "\n".join(_dot(graph)) + "\n"


def as_mermaid(graph: Graph) -> str:
    """Return the graph as a Mermaid flowchart."""
    return "\n".join(_mermaid(graph)) + "\n"


def as_values(graph: Graph) -> dict[str, Any]:
    """Return the graph as what JSON can hold; null is nobody, or no problem."""
    return {
        "nodes": [
            {**_values(node), "lines": list(map(asdict, node.lines))} for node in graph.nodes
        ],
        "edges": list(map(_values, graph.edges)),
        "left_out": graph.left_out,
    }


def _values(of: Node | Edge) -> dict[str, Any]:
    return {key: None if value == "" else value for key, value in asdict(of).items()}


def _dot(graph: Graph) -> Iterator[str]:
    ids = _ids(graph)
    yield "digraph dependencies {"
    yield "  rankdir=LR; node [shape=box, style=rounded]; edge [fontsize=10];"
    for node in graph.nodes:
        label = r"\n".join(map(_quoted, _label(node)))
        marked = ' color="#9a6700", style="rounded,dashed",' if node.why else ""
        yield f'  {ids[node.service]} [{marked.strip()}{" " if marked else ""}label="{label}"];'
    for edge in graph.edges:
        said = _quoted(f"{edge.needs}: {edge.problem}" if edge.problem else edge.needs)
        marked = ', color="#cf222e", style=dashed' if edge.problem else ""
        ends = f"{ids[edge.dependent]} -> {ids[edge.provider]}"
        yield f'  {ends} [label="{said}"{marked}];'
    if graph.left_out:
        yield f'  label="{graph.left_out} more services are not shown";'
    yield "}"


def _mermaid(graph: Graph) -> Iterator[str]:
    ids = _ids(graph)
    yield "flowchart LR"
    for node in graph.nodes:
        label = "<br/>".join(map(_entities, _label(node)))
        yield f'  {ids[node.service]}["{label}"]{":::unowned" if node.why else ""}'
    for edge in graph.edges:
        said = _entities(f"{edge.needs}: {edge.problem}" if edge.problem else edge.needs)
        arrow = "-.->" if edge.problem else "-->"
        yield f'  {ids[edge.dependent]} {arrow}|"{said}"| {ids[edge.provider]}'
    broken = ",".join(str(at) for at, edge in enumerate(graph.edges) if edge.problem)
    if broken:
        yield f"  linkStyle {broken} stroke:#cf222e"
    if graph.left_out:
        yield f'  more["{graph.left_out} more services are not shown"]'
    yield "  classDef unowned stroke:#9a6700,stroke-dasharray:5 3"


def _ids(graph: Graph) -> dict[str, str]:
    return {node.service: f"n{at}" for at, node in enumerate(graph.nodes)}


def _label(node: Node) -> list[str]:
    lines = [f"line {line.name}: {', '.join(line.versions)}" for line in node.lines]
    return [node.service, node.why or node.owner, *(lines or ["not live"])]


def _quoted(text: str) -> str:
    """Return text as Graphviz shows it letter by letter; in its labels, entities are letters."""
    plain = _CONTROL.sub(" ", text).replace("\\", "\\\\").replace('"', '\\"')
    return plain.replace("&", "&amp;")


def _entities(text: str) -> str:
    """Return text in which every letter that Mermaid might read is a number."""
    return re.sub(r"[^\w .,:/-]", lambda found: f"#{ord(found.group())};", _CONTROL.sub(" ", text))
