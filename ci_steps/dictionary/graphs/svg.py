"""A graph as a picture: a card for each service, from dependents on the left to providers."""

from __future__ import annotations

import re
import unicodedata
from html import escape
from itertools import accumulate, takewhile
from typing import TYPE_CHECKING

from ci_steps.dictionary.graphs.layout import layout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_steps.dictionary.graphs.graph import Edge, Graph, Node
    from ci_steps.dictionary.graphs.layout import Layout

_WIDTH, _BETWEEN, _MARGIN = 216.0, 116.0, 28.0
_HEAD, _LINE, _NEED, _FOOT = 54.0, 26.0, 24.0, 8.0
_LEGEND = 44.0
# What fits into a card in the widest of the usual fonts; a name is bold and larger.
_LETTERS, _OF_NAME, _OF_LINE, _OF_VERSIONS = 26, 19, 9, 18
_PORT = 4

# What XML 1.0 cannot hold, and what would turn the order of the letters around it.
_UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)

_STYLE = """\
svg{--page:#f6f8fa;--card:#fff;--rim:#d0d7de;--text:#1f2328;--soft:#59636e;--line:#ddf4ff;\
--on-line:#0550ae;--edge:#7d8fa3;--bad:#cf222e;--warn:#9a6700;--warn-card:#fff8c5}
@media(prefers-color-scheme:dark){svg{--page:#0d1117;--card:#161b22;--rim:#30363d;--text:#f0f6fc;\
--soft:#9198a1;--line:#12315c;--on-line:#a5d6ff;--edge:#6e7f92;--bad:#ff7b72;--warn:#d29922;\
--warn-card:#2a2211}}
text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;fill:var(--text)}
.page{fill:var(--page)}.card{fill:var(--card);stroke:var(--rim)}
.unowned .card{fill:var(--warn-card);stroke:var(--warn);stroke-dasharray:5 3}
.missing .card{stroke:var(--bad);stroke-dasharray:5 3}
.name{font-size:15px;font-weight:600}.soft{font-size:12px;fill:var(--soft)}
.unowned .owner{fill:var(--warn)}
.line{fill:var(--line)}.on-line{font-size:12px;font-weight:600;fill:var(--on-line)}
.version{font-size:12px;fill:var(--on-line)}
.edge{fill:none;stroke:var(--edge);stroke-width:1.6}.port{fill:var(--edge)}
.bad .edge{stroke:var(--bad);stroke-dasharray:6 4}.bad .port{fill:var(--bad)}
.bad.soft,.missing .soft{fill:var(--bad)}
g:hover>.edge{stroke-width:3}"""


def as_svg(graph: Graph, title: str) -> str:
    """Return the picture; it follows the reader's light or dark mode."""
    picture = _Picture(graph)
    return "\n".join(picture.lines(title)) + "\n"


class _Picture:
    """The cards of a graph, with the height at which each line and each need stands."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._needs: dict[tuple[str, str], list[Edge]] = {}
        for edge in graph.edges:
            self._needs.setdefault((edge.dependent, edge.dependent_line), []).append(edge)
        self._absent: dict[str, list[str]] = {}
        live = {(node.service, line.name) for node in graph.nodes for line in node.lines}
        for edge in graph.edges:
            missing = self._absent.setdefault(edge.provider, [])
            if (edge.provider, edge.line) not in live and edge.line not in missing:
                missing.append(edge.line)
        self._at: dict[object, float] = {}
        tied = {name for edge in graph.edges for name in (edge.dependent, edge.provider)}
        # Who needs nobody and is not needed stands below the others.
        nodes = sorted(graph.nodes, key=lambda node: (node.service not in tied, node.service))
        self._heights = {node.service: self._measure(node) for node in nodes}
        self._layout: Layout = layout(self._heights, graph.edges)
        for needs in self._needs.values():
            needs.sort(key=self._next_height)
        for node in nodes:
            self._measure(node)

    def _next_height(self, edge: Edge) -> float:
        """Return where an edge goes first, so that the rows of a card are in that order."""
        lanes = self._layout.lanes.get((edge.dependent, edge.provider))
        if lanes:
            return lanes[0][1]
        return self._layout.tops[edge.provider] + self._at[edge.provider, edge.line]

    def _measure(self, node: Node) -> float:
        """Note where the rows of a card are, and return its height."""
        height = _HEAD
        for name in [*(line.name for line in node.lines), *self._absent.get(node.service, ())]:
            self._at[node.service, name] = height + _LINE / 2
            height += _LINE
            for edge in self._needs.get((node.service, name), ()):
                self._at[edge] = height + _NEED / 2
                height += _NEED
        return height + _FOOT

    def lines(self, title: str) -> Iterator[str]:
        """Yield the lines of the file; edges first, so that cards stand on them."""
        columns = max(self._layout.columns.values(), default=0) + 1
        width = max(2 * _MARGIN + columns * _WIDTH + (columns - 1) * _BETWEEN, 460.0)
        height = 2 * _MARGIN + self._layout.height + _LEGEND
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
            f'width="{width:.0f}" height="{height:.0f}" role="img" aria-labelledby="title about">'
        )
        yield f'<title id="title">{_text(title)}</title>'
        yield f'<desc id="about">{_text(self._about())}</desc>'
        yield f"<style>{_STYLE}</style>"
        yield f'<rect class="page" width="{width:.0f}" height="{height:.0f}" rx="12"/>'
        for edge in self._graph.edges:
            yield self._edge(edge)
        for node in self._graph.nodes:
            yield from self._card(node)
        for edge in self._graph.edges:
            yield self._port(edge)
        yield from self._legend(height - _MARGIN)
        yield "</svg>"

    def _about(self) -> str:
        graph = self._graph
        broken = [f"{one.dependent} needs {one.needs}: {one.problem}" for one in _broken(graph)]
        unowned = [node.service for node in graph.nodes if node.why]
        said = [f"{len(graph.nodes)} services, {len(graph.edges)} requirements."]
        said += [f"Broken: {'; '.join(broken)}."] if broken else []
        said += [f"Nobody can be told about {', '.join(unowned)}."] if unowned else []
        return " ".join(said)

    def _left(self, service: str) -> float:
        return _MARGIN + self._layout.columns[service] * (_WIDTH + _BETWEEN)

    def _edge(self, edge: Edge) -> str:
        x = self._left(edge.dependent) + _WIDTH
        y = _MARGIN + self._layout.tops[edge.dependent] + self._at[edge]
        end_x = self._left(edge.provider)
        end_y = _MARGIN + self._layout.tops[edge.provider] + self._at[edge.provider, edge.line]
        path = [f"M{x:.1f} {y:.1f}"]
        lanes = self._layout.lanes.get((edge.dependent, edge.provider), ())
        # An edge of a circle that leads back passes behind the cards.
        for column, lane in lanes if end_x > x else ():
            left = _MARGIN + column * (_WIDTH + _BETWEEN)
            path.append(_curve(x, y, left, _MARGIN + lane) + f"h{_WIDTH:.1f}")
            x, y = left + _WIDTH, _MARGIN + lane
        path.append(_curve(x, y, end_x, end_y))
        said = f"{edge.dependent} needs {edge.needs}"
        said += f": {edge.problem}" if edge.problem else ""
        kind = ' class="bad"' if edge.problem else ""
        return f'<g{kind}><title>{_text(said)}</title><path class="edge" d="{"".join(path)}"/></g>'

    def _port(self, edge: Edge) -> str:
        x = self._left(edge.provider)
        y = _MARGIN + self._layout.tops[edge.provider] + self._at[edge.provider, edge.line]
        kind = "bad" if edge.problem else "good"
        return f'<g class="{kind}"><circle class="port" cx="{x:.1f}" cy="{y:.1f}" r="{_PORT}"/></g>'

    def _card(self, node: Node) -> Iterator[str]:
        kind = "missing" if not node.lines else "unowned" if node.why else "owned"
        left, top = self._left(node.service), _MARGIN + self._layout.tops[node.service]
        yield f'<g class="{kind}" transform="translate({left:.1f} {top:.1f})">'
        yield f"<title>{_text(f'{node.service}, {node.why or node.owner}')}</title>"
        height = self._heights[node.service]
        yield f'<rect class="card" width="{_WIDTH:.0f}" height="{height:.0f}" rx="8"/>'
        yield f'<text class="name" x="14" y="24">{_short(node.service, _OF_NAME)}</text>'
        said = node.why or node.owner
        yield f'<text class="soft owner" x="14" y="42">{_short(said, _LETTERS)}</text>'
        for line in node.lines:
            yield self._line(node.service, line.name, line.versions)
            for edge in self._needs.get((node.service, line.name), ()):
                yield self._need(edge)
        for name in self._absent.get(node.service, ()):
            at = self._at[node.service, name] + 4
            said = f"{_short(f'line {name}', _LETTERS - len(' not live'))} not live"
            yield f'<text class="soft bad" x="14" y="{at:.1f}">{said}</text>'
        yield "</g>"

    def _line(self, service: str, name: str, versions: tuple[str, ...]) -> str:
        at = self._at[service, name]
        wide = _WIDTH - 16
        return (
            f'<rect class="line" x="8" y="{at - 10:.1f}" width="{wide:.0f}" height="20" rx="5"/>'
            f'<text class="on-line" x="14" y="{at + 4:.1f}">'
            f"{_short(_line_name(name), _OF_LINE)}"
            f'</text><text class="version" x="{_WIDTH - 14:.0f}" y="{at + 4:.1f}" '
            f'text-anchor="end">{_short(", ".join(versions), _OF_VERSIONS)}</text>'
        )

    def _need(self, edge: Edge) -> str:
        kind = "soft bad" if edge.problem else "soft"
        before = "✕ needs " if edge.problem else "needs "
        port = "bad" if edge.problem else "good"
        at = self._at[edge]
        return (
            f'<text class="{kind}" x="{_WIDTH - 14:.0f}" y="{at + 4:.1f}" text-anchor="end">'
            f"{before}{_short(edge.needs, _LETTERS + 1 - len(before))}</text>"
            f'<g class="{port}"><circle class="port" cx="{_WIDTH:.0f}" cy="{at:.1f}" '
            f'r="{_PORT}"/></g>'
        )

    def _legend(self, y: float) -> Iterator[str]:
        """Yield what the signs mean, those that are there, and what is not shown."""
        graph = self._graph
        yield f'<g transform="translate({_MARGIN:.0f} {y:.0f})">'
        yield '<path class="edge" d="M0 -4h28"/><text class="soft" x="36" y="0">needs</text>'
        x = 92
        if _broken(graph):
            yield f'<g class="bad"><path class="edge" d="M{x} -4h28"/></g>'
            yield f'<text class="soft" x="{x + 36}" y="0">broken</text>'
            x += 98
        if any(node.why for node in graph.nodes):
            yield (
                f'<g class="unowned"><rect class="card" x="{x}" y="-12" width="26" height="15" '
                f'rx="4"/></g><text class="soft" x="{x + 34}" y="0">nobody can be told</text>'
            )
            x += 180
        if graph.left_out:
            yield f'<text class="soft" x="{x}" y="0">{graph.left_out:,} more not shown</text>'
        yield "</g>"


def _line_name(name: str) -> str:
    # A service with dated versions has one line, named by how they are written.
    return "live" if name == "calver" else f"line {name}"


def _broken(graph: Graph) -> list[Edge]:
    return [edge for edge in graph.edges if edge.problem]


def _curve(x: float, y: float, end_x: float, end_y: float) -> str:
    """Return a curve that leaves and arrives level; one that leads back swings out."""
    reach = (end_x - x) / 2 if end_x > x else 150.0
    return f"C{x + reach:.1f} {y:.1f} {end_x - reach:.1f} {end_y:.1f} {end_x:.1f} {end_y:.1f}"


def _text(text: str) -> str:
    return escape(_UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text))


def _short(text: str, letters: int) -> str:
    """Return what fits into a row; begin and end say most, as the version behind a name."""
    if len(_first(text, letters)) == len(text):
        return _text(text)
    end = _first(text[::-1], letters // 2)[::-1]
    return _text(f"{_first(text, letters - letters // 2 - 1).rstrip()}…{end.lstrip()}")


def _first(text: str, letters: int) -> str:
    """Return the first letters of a text; those of some scripts take two places."""
    places = accumulate(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
    return text[: sum(1 for used in takewhile(lambda used: used <= letters, places))]
