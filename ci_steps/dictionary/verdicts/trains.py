"""An order in which several deployments break nobody on the way.

Every service is there once, so that a requirement depends on at most two deployments: that
of its dependent and that of its provider. Where it is refused in one of the two worlds in
which only one of them is done, the other one has to go first. A world is free of new breaks exactly
when all its requirements are, so an order breaks nobody if and only if it obeys all these
pairs: taking what waits for nobody, one after the other, finds an order whenever there is one,
and what is left over waits in a circle. Cost: O(deployments + requirements).

An order in which nothing becomes unknown on the way, such as a provider that is not there yet,
is preferred to one in which only nothing is refused.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from ci_steps.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ci_steps.dictionary.verdicts.needs import Need
    from ci_steps.dictionary.verdicts.reasons import Edge
    from ci_steps.dictionary.verdicts.world_after import WorldAfter

_BAD = (Verdict.NO, Verdict.UNKNOWN)


class Precedence(NamedTuple):
    """One deployment has to go before another one, by their places in the train, and why.

    `eased` says what would take the wait away, if anything would.
    """

    first: int
    then: int
    because: str
    eased: str = ""


class Ordered(NamedTuple):
    """The places of a train in an order, or a circle of those that wait for each other."""

    order: tuple[int, ...]
    circle: tuple[Precedence, ...] = ()


def order_of(world: WorldAfter, edges: Sequence[Edge]) -> tuple[tuple[str, ...], str]:
    """Return an order in which nothing is refused that was not before, or why there is none.

    *edges* are those of the world after.
    """
    names = [placed.candidate.name for placed in world.placed.values()]
    refused = next((placed.text for placed in world.placed.values() if placed.reason), "")
    if refused:
        return (), refused
    before = {
        edge[:4]: edge.verdict
        for need in (*world.needed, *_there_before(world))
        if (edge := world.edge(need, world.before.get(need.provider, ()))).verdict in _BAD
    }
    for edge in edges:
        if edge.verdict is Verdict.NO and before.get(edge[:4]) is not Verdict.NO:
            return (), f"whatever the order, at its end {edge.who} lacks {edge.required}"
    waits = list(_waits(world, before))
    # Who would run without knowing waits as well, as long as that closes no circle.
    found = ordered(len(names), (one for one, _ in waits))
    if found.circle:
        found = ordered(len(names), (one for one, verdict in waits if verdict is Verdict.NO))
    if not found.circle:
        return tuple(names[place] for place in found.order), ""
    return (), _told(names, found.circle)


def _there_before(world: WorldAfter) -> Iterator[Need]:
    """Yield what candidates need that run already and are deployed once more."""
    again = {
        name
        for name, placed in world.placed.items()
        for one in world.before.get(name, ())
        if one.version == placed.candidate.release.version
    }
    return (need for need in world.needs if need.dependent in again)


def _waits(
    world: WorldAfter, before: Mapping[tuple[str, str, str, str], Verdict | None]
) -> Iterator[tuple[Precedence, Verdict]]:
    """Yield who waits for whom, from the worlds in which one of two deployments is done.

    The verdict is what a requirement would come to if it did not wait.
    """
    places = {name: place for place, name in enumerate(world.placed)}
    pairs = (
        *((need, world.before.get(need.provider, ()), False) for need in world.needs),
        *((n, world.after[n.provider], True) for n in world.needed if world.is_replaced(n)),
    )
    for need, live, is_old in pairs:
        if need.provider not in places or need.provider == need.dependent:
            continue
        edge = world.edge(need, live)
        if edge.verdict in _BAD and before.get(edge[:4]) not in {Verdict.NO, edge.verdict}:
            ends = places[need.provider], places[need.dependent]
            first, then = reversed(ends) if is_old else ends
            because, eased = f"{edge.who} needs {edge.required}", ""
            if is_old:
                eased = _eased(world, need)
            yield Precedence(first, then, because, eased), edge.verdict


def _eased(world: WorldAfter, need: Need) -> str:
    """Say which provider should stay beside its old line, if that is enough for who needs it."""
    provider = world.placed[need.provider]
    if world.edge(need, world.beside(need.provider)).verdict in _BAD:
        return ""
    return f"release {provider.candidate.name} beside {provider.replaces} first"


def _told(names: Sequence[str], circle: Sequence[Precedence]) -> str:
    waiting = "; ".join(
        f"{names[one.first]} before {names[one.then]}, for {one.because}" for one in circle
    )
    eased = next((f"; {one.eased}" for one in circle if one.eased), "")
    return f"they wait for each other in a circle: {waiting}{eased}"


def ordered(length: int, precedences: Iterable[Precedence]) -> Ordered:
    """Return an order that obeys all *precedences*, as near to the given one as can be."""
    waits: dict[int, dict[int, Precedence]] = defaultdict(dict)
    followers: dict[int, list[int]] = defaultdict(list)
    for one in precedences:
        if one.first not in waits[one.then]:
            waits[one.then][one.first] = one
            followers[one.first].append(one.then)
    open_ones = {place: len(waits[place]) for place in range(length)}
    ready = [place for place in range(length) if not open_ones[place]]
    done: list[int] = []
    while ready:
        place = heapq.heappop(ready)
        done.append(place)
        for follower in followers[place]:
            open_ones[follower] -= 1
            if not open_ones[follower]:
                heapq.heappush(ready, follower)
    if len(done) == length:
        return Ordered(tuple(done))
    left = set(range(length)) - set(done)
    return Ordered((), _circle(left, [one for place in left for one in waits[place].values()]))


def _circle(left: set[int], precedences: Sequence[Precedence]) -> tuple[Precedence, ...]:
    """Return a circle: everyone left waits for somebody left, so going back comes round."""
    before = {one.then: one for one in precedences if one.first in left}
    place, path = min(left), dict[int, None]()
    while place not in path:
        path[place] = None
        place = before[place].first
    circle = list(path)[list(path).index(place) :]
    return tuple(before[one] for one in reversed(circle))
