"""Who needs whom, line by line, as a graph of what is live.

An edge is broken where no live version of the required line satisfies it, judged by the
numbers alone: `may-deploy` also weighs evidence and answers with reasons.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_steps.dictionary import questions
from ci_steps.dictionary.aliases import aliases
from ci_steps.dictionary.owners import unowned
from ci_steps.versions import Satisfaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from ci_steps.model import Dependent
    from ci_steps.versions import Version


@dataclass(frozen=True)
class Line:
    """A line of a service, with its live versions."""

    name: str
    versions: tuple[str, ...]


@dataclass(frozen=True)
class Node:
    """A service; without lines it is needed and not live. `why` says why nobody is reached."""

    service: str
    owner: str = ""
    why: str = ""
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Edge:
    """A line of a dependent needs a line of a provider; `problem` says why that is broken."""

    dependent: str
    dependent_line: str
    provider: str
    line: str
    needs: str
    problem: str = ""


@dataclass(frozen=True)
class Graph:
    """Nodes by name, edges by dependent, and how many services were left out."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    left_out: int = 0


def graph(
    connection: Connection, environment: str = "", *, around: str = "", steps: int = 1, most: int
) -> Graph:
    """Return the graph of an environment or of all; of more than *most* services the busiest.

    With *around*, only the services that are at most some *steps* away from that one.
    """
    renamed = aliases(connection)
    live: dict[str, dict[str, set[Version]]] = defaultdict(dict)
    there: dict[tuple[str, str], set[Version]] = defaultdict(set)
    for one in questions.live(connection, environment):
        live[one.service].setdefault(one.version.line, set()).add(one.version)
        there[one.service, one.environment].add(one.version)
    edges = _edges(questions.dependencies(connection, "", environment), there, renamed)
    names = {*live, *(edge.provider for edge in edges)}
    centre = renamed.get(around, around)
    near = _near(edges, centre, steps) if centre else names
    kept = _busiest(near, edges, most, centre)
    shown = tuple(one for one in edges if one.dependent in kept and one.provider in kept)
    return Graph(_nodes(connection, kept, live), shown, len(near) - len(kept))


def _nodes(
    connection: Connection, names: Iterable[str], live: Mapping[str, Mapping[str, set[Version]]]
) -> tuple[Node, ...]:
    owners = {one.name: one.owner for one in questions.services(connection)}
    why = {one.service: one.why for one in unowned(connection)}
    return tuple(
        Node(
            name,
            owners.get(name, ""),
            why.get(name, "") if name in owners else "nobody has recorded it",
            tuple(
                Line(line, tuple(map(str, sorted(versions, key=_newest, reverse=True))))
                for line, versions in sorted(live.get(name, {}).items(), key=_by_age)
            ),
        )
        for name in sorted(names)
    )


def _newest(version: Version) -> tuple[str, int, str]:
    # A service that changed its scheme may run in both for a while.
    return (version.scheme, version.order, str(version))


def _by_age(line: tuple[str, set[Version]]) -> tuple[str, int, str]:
    return max(map(_newest, line[1]))


def _edges(
    needed: Iterable[Dependent],
    there: Mapping[tuple[str, str], set[Version]],
    renamed: Mapping[str, str],
) -> tuple[Edge, ...]:
    """Return the edges; one that is broken in any environment is broken."""
    found: dict[Edge, str] = {}
    for one in needed:
        need = one.requirement
        provider = renamed.get(need.provider, need.provider)
        edge = Edge(one.service, one.version.line, provider, need.line, need.written)
        problem = _problem(one, there.get((provider, one.environment), set()))
        found[edge] = found.get(edge) or problem
    return tuple(
        Edge(
            one.dependent,
            one.dependent_line,
            one.provider,
            one.line,
            one.needs,
            problem,
        )
        for one, problem in found.items()
    )


def _problem(one: Dependent, live: set[Version]) -> str:
    """Return what is wrong with a requirement where it is live, or nothing."""
    need, where = one.requirement, one.environment
    if not live:
        return f"{need.provider} is not live in {where}"
    of_line = [version for version in live if version.line == need.line]
    if not of_line:
        return f"line {need.line} is not live in {where}"
    wrong = [version for version in of_line if need.satisfied_by(version) is Satisfaction.NO]
    return f"{min(map(str, wrong))} in {where} is too old" if wrong else ""


def _near(edges: Sequence[Edge], centre: str, steps: int) -> set[str]:
    beside: dict[str, set[str]] = defaultdict(set)
    for edge in edges:
        beside[edge.dependent].add(edge.provider)
        beside[edge.provider].add(edge.dependent)
    reached = edge_of = {centre}
    for _ in range(steps):
        edge_of = {other for name in edge_of for other in beside[name]} - reached
        reached = reached | edge_of
        if not edge_of:
            break
    return reached


def _busiest(names: set[str], edges: Sequence[Edge], most: int, centre: str) -> set[str]:
    """Return the names with the most edges; broken ones count for more."""
    if len(names) <= most:
        return names
    weight: dict[str, int] = defaultdict(int)
    for edge in edges:
        for name in (edge.dependent, edge.provider):
            weight[name] += 100 if edge.problem else 1
    ordered = sorted(names, key=lambda name: (name != centre, -weight[name], name))
    return set(ordered[:most])
