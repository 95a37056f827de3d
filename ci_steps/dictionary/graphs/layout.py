"""Where the services of a graph stand: columns from dependents to what they need.

The layered layout of Sugiyama: columns by the longest path, long edges lead through an empty
place in each column between, places are ordered by the mean of their neighbours.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ci_steps.dictionary.graphs.graph import Edge

_SWEEPS = 8
_GAP = 28.0
_LANE = 14.0


@dataclass
class Layout:
    """The column and the upper edge of each service, and the lanes of each long edge."""

    columns: dict[str, int]
    tops: dict[str, float]
    lanes: dict[tuple[str, str], tuple[tuple[int, float], ...]]
    height: float


@dataclass
class _Places:
    """Services by name and lanes by pair and column, with their heights and neighbours."""

    heights: dict[object, float] = field(default_factory=dict)
    columns: dict[int, list[object]] = field(default_factory=lambda: defaultdict(list))
    before: dict[object, list[object]] = field(default_factory=lambda: defaultdict(list))
    after: dict[object, list[object]] = field(default_factory=lambda: defaultdict(list))

    def connect(self, chain: Sequence[object]) -> None:
        """Make each place the neighbour of the next."""
        for left, right in pairwise(chain):
            self.after[left].append(right)
            self.before[right].append(left)


def layout(heights: Mapping[str, float], edges: Iterable[Edge]) -> Layout:
    """Return where services of these heights stand; an edge of a circle may lead back."""
    pairs = sorted({(one.dependent, one.provider) for one in edges})
    columns = _columns(list(heights), pairs)
    places = _Places()
    places.heights.update(heights)
    for name in heights:
        places.columns[columns[name]].append(name)
    chains = {pair: _chain(pair, columns, places) for pair in pairs if pair[0] != pair[1]}
    tops = _tops(places)
    lanes = {
        pair: tuple((column, tops[pair, column] + _LANE / 2) for _, column in chain)
        for pair, chain in chains.items()
    }
    height = max((tops[name] + heights[name] for name in heights), default=0.0)
    lowest = max((y for chain in lanes.values() for _, y in chain), default=0.0)
    return Layout(columns, {name: tops[name] for name in heights}, lanes, max(height, lowest))


def _chain(
    pair: tuple[str, str], columns: Mapping[str, int], places: _Places
) -> list[tuple[tuple[str, str], int]]:
    """Put a lane into each column between the two of a pair."""
    start, end = columns[pair[0]], columns[pair[1]]
    step = 1 if end >= start else -1
    chain = [(pair, column) for column in range(start + step, end, step)]
    for lane in chain:
        places.heights[lane] = _LANE
        places.columns[lane[1]].append(lane)
    whole: list[object] = [pair[0], *chain, pair[1]]
    places.connect(whole if step == 1 else whole[::-1])
    return chain


def _columns(names: Sequence[str], pairs: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Return the longest way from a service that nobody needs; circles are cut."""
    needs: dict[str, list[str]] = defaultdict(list)
    for dependent, provider in pairs:
        needs[dependent].append(provider)
    order, kept = _without_circles(names, needs)
    columns = dict.fromkeys(names, 0)
    for name in order:
        for provider in kept[name]:
            columns[provider] = max(columns[provider], columns[name] + 1)
    needed = {provider for providers in kept.values() for provider in providers}
    for name in names:
        if name not in needed and kept[name]:
            columns[name] = min(columns[provider] for provider in kept[name]) - 1
    return columns


def _without_circles(
    names: Sequence[str], needs: Mapping[str, list[str]]
) -> tuple[list[str], dict[str, list[str]]]:
    """Return the names with dependents first, and what they need without the way back."""
    kept: dict[str, list[str]] = {name: [] for name in names}
    done: list[str] = []
    state: dict[str, int] = {}
    needed = {provider for providers in needs.values() for provider in providers}
    for root in sorted(names, key=lambda name: (name in needed, name)):
        if root in state:
            continue
        state[root] = 1
        # No recursion: a chain may be longer than Python's stack.
        stack = [(root, iter(needs.get(root, ())))]
        while stack:
            name, following = stack[-1]
            provider = next(following, None)
            if provider is None:
                state[name] = 2
                done.append(stack.pop()[0])
                continue
            if state.get(provider) == 1:
                continue
            kept[name].append(provider)
            if provider not in state:
                state[provider] = 1
                stack.append((provider, iter(needs.get(provider, ()))))
    return done[::-1], kept


def _tops(places: _Places) -> dict[object, float]:
    """Order each column by its neighbours, then draw each place towards them."""
    tops: dict[object, float] = {}
    for column in places.columns.values():
        _stack(column, {}, places.heights, tops)
    numbers = sorted(places.columns)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        neighbours = places.before if forward else places.after
        for number in numbers if forward else reversed(numbers):
            column = places.columns[number]
            wanted = {one: _wanted(one, neighbours, places.heights, tops) for one in column}
            column.sort(key=lambda one: wanted[one] + places.heights[one] / 2)
            _stack(column, wanted, places.heights, tops)
    highest = min(tops.values(), default=0.0)
    return {one: top - highest for one, top in tops.items()}


def _wanted(
    one: object,
    neighbours: Mapping[object, list[object]],
    heights: Mapping[object, float],
    tops: Mapping[object, float],
) -> float:
    beside = neighbours.get(one)
    if not beside:
        return tops[one]
    middle = sum(tops[other] + heights[other] / 2 for other in beside) / len(beside)
    return middle - heights[one] / 2


def _stack(
    column: Sequence[object],
    wanted: Mapping[object, float],
    heights: Mapping[object, float],
    tops: dict[object, float],
) -> None:
    """Place a column top down near what is wanted, without overlaps, around the same middle."""
    top, off = float("-inf"), 0.0
    for one in column:
        tops[one] = max(top, wanted.get(one, 0.0))
        off += tops[one] - wanted.get(one, tops[one])
        top = tops[one] + heights[one] + _GAP
    for one in column:
        tops[one] -= off / len(column)
