"""In which parts of a document places are looked for: all others need not be known by line."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from ci_steps.documents.node import Node, Path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ci_steps.comparisons.changes import Location
    from ci_steps.documents.node import Document

# components -> schemas -> Pet -> properties -> name -> type, and a little more
_LEVELS = 8
_Position = tuple[int, int]


class Sought:
    """The parts of a contract that some places are in; of no others a line has to be known."""

    def __init__(self, root: Node, places: Iterable[Location]) -> None:
        self._library = root.document.library
        self._entries: dict[tuple[str, Path], list[tuple[_Position, Node]]] = {}
        self._parts: set[tuple[str, Path]] = set()
        for place in set(places):
            document = self._library.document(place.file)
            self._parts |= {(place.file, path) for path in self._ways(document, place)}

    def may_be(self, node: Node) -> bool:
        """Return whether *node*, or what is in it, may stand at one of the places."""
        name = node.document.file.name
        if node.document.file is not self._library.document(name).file:
            return True  # what was put together from several places, such as a form
        return (name, node.path[:_LEVELS]) in self._parts

    def _ways(self, document: Document, place: Location) -> Iterator[Path]:
        """Yield the paths that may lead to *place*; what an alias brings stands where it is."""
        waiting: list[Node] = [document.root]
        while waiting:
            node = waiting.pop()
            yield node.path
            if len(node.path) < _LEVELS:
                waiting += self._around(node, (place.line, place.column))

    def _around(self, node: Node, position: _Position) -> Iterator[Node]:
        """Yield the entries of *node* that begin last before a position, or there."""
        if node.place not in self._entries:
            entries = [*node.items(), *(inner for _, inner in node.entries())]
            placed = [(one.document.file.position(one.path), one) for one in entries]
            self._entries[node.place] = sorted(placed, key=_position)
        placed = self._entries[node.place]
        end = bisect_right(placed, position, key=_position)
        last = placed[end - 1][0] if end else position
        start = bisect_left(placed, last, key=_position)
        yield from (one for _, one in placed[start:end])


def _position(placed: tuple[_Position, Node]) -> _Position:
    return placed[0]
