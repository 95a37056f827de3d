"""What would make a verdict a yes, in sentences; where many are alike, one."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ci_steps.dictionary.verdicts.reasons import Edge, Placed, Reason, some
from ci_steps.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ci_steps.dictionary.verdicts.world_after import WorldAfter

# A tuple, for an Enum is slow to hash, and a hub has thousands of edges.
_BAD = (Verdict.NO, Verdict.UNKNOWN)
_MOST_VERIFIED = 3
_TO_VERIFY = frozenset({Reason.MAY_BREAK, Reason.NOT_VERIFIED})
_BY_A_VERSION = frozenset({Reason.TOO_OLD, Reason.PRERELEASE, Reason.OTHER_SCHEME})


def ways_out(world: WorldAfter, edges: Sequence[Edge]) -> tuple[str, ...]:
    """Return what one can do about each candidate and edge that is not a yes, nearest first."""
    found = [*_about_candidates(world), *_beside(world)]
    bad = [edge for edge in edges if edge.verdict in _BAD]
    retired = {need[3:5] for need in world.needs if bad and world.judge.retired(need)}
    own = {(name, str(one.candidate.release.version)) for name, one in world.placed.items()}
    by_reason: dict[tuple[Reason, str, bool], list[Edge]] = defaultdict(list)
    for edge in bad:
        reason = Reason.LINE_RETIRED if edge[2:4] in retired else edge.reason
        by_reason[reason, edge.provider, edge[:2] in own].append(edge)
    for (reason, provider, is_own), alike in by_reason.items():
        any_placed = next(iter(world.placed.values()))
        found += _about_edges(reason, alike, world.placed.get(provider), any_placed, is_own=is_own)
    others = [_other(world, edge) for edge in bad]
    if others:
        ignored = others[0] if len(set(others)) == 1 else "SERVICE"
        found.append(
            f"or pass on purpose, for a while: --ignore {ignored} --until DATE --reason TEXT"
        )
    return tuple(dict.fromkeys(found))


def _other(world: WorldAfter, edge: Edge) -> str:
    return edge.provider if edge.dependent in world.placed else edge.dependent


def _about_candidates(world: WorldAfter) -> Iterator[str]:
    for name, placed in world.placed.items():
        if placed.reason is Reason.LINE_RETIRED:
            yield f"choose a version of {name} in a line that is not retired"


def _beside(world: WorldAfter) -> Iterator[str]:
    """Yield who may stand beside what it would replace, where that refuses nobody."""
    for name, placed in world.placed.items():
        version = placed.candidate.release.version
        gone = [one for one in world.before.get(name, ()) if one.slot == placed.slot]
        if not gone or any(
            one.recorded and one.recorded.version.line == version.line for one in gone
        ):
            continue
        needs = [need for need in world.needs_after if need.provider == name]
        after, beside = world.after[name], world.beside(name)
        broken = [need for need in needs if world.edge(need, after).verdict is Verdict.NO]
        if broken and all(world.edge(need, beside).verdict is not Verdict.NO for need in broken):
            old = ", ".join(str(one.version) for one in gone)
            instead = f" instead of --slot {placed.slot}" if placed.candidate.slot else ""
            yield f"release {name} {version} beside {old}: --beside{instead}"


def _about_edges(
    reason: Reason,
    edges: Sequence[Edge],
    placed: Placed | None,
    any_placed: Placed,
    *,
    is_own: bool,
) -> Iterator[str]:
    provider, environment = edges[0].provider, any_placed.candidate.environment
    dependents = some(edge.who for edge in edges)
    required = some(edge.required for edge in edges)
    need = "needs" if len({edge.who for edge in edges}) == 1 else "need"
    if reason in _TO_VERIFY or reason is Reason.PROVIDER_NOT_LIVE:
        yield from to_be_known(edges, environment)
    elif reason is Reason.VERIFICATION_FAILED:
        yield f"choose another version of {provider} or of {dependents}, or mend and verify again"
    elif placed is None:
        if reason is Reason.LINE_RETIRED:
            yield f"move {dependents} to a line of {provider} that is not retired"
        else:
            yield f"deploy what {required} asks for to {environment} first{_in_place(edges)}"
    elif reason in _BY_A_VERSION:
        yield f"choose another version of {provider}: {dependents} {need} {required}"
    elif is_own:
        names = some(edge.dependent for edge in edges)
        yield f"choose a version of {names} that does not need {required}"
    else:
        yield f"wait until {dependents} no longer {need} {required}"


def _in_place(edges: Sequence[Edge]) -> str:
    """Say which of several versions of a line is to be replaced."""
    old = [one for edge in edges if edge.deciding != edge.found for one in edge.deciding]
    return f", in place of {some(old)}" if old else ""


def to_be_known(edges: Sequence[Edge], environment: str) -> Iterator[str]:
    """Yield what makes something known about edges that nobody knows enough about."""
    yield from _verify([edge for edge in edges if edge.reason in _TO_VERIFY])
    absent = [edge for edge in edges if edge.reason is Reason.PROVIDER_NOT_LIVE]
    if absent:
        required = some(edge.required for edge in absent)
        yield f"deploy what {required} asks for to {environment} first"
        recorded = f"{absent[0].provider} VERSION {environment}"
        yield f"or say what runs there without ci-steps: ci-steps dictionary record {recorded}"


def _verify(edges: Sequence[Edge]) -> Iterator[str]:
    pairs = [
        f"{edge.dependent}@{edge.dependent_version} {edge.provider}@{version}"
        for edge in edges
        for version in edge.deciding
    ]
    for pair in pairs[:_MOST_VERIFIED]:
        yield f"try them together and record it: ci-steps dictionary verify {pair} passed --url URL"
    if len(pairs) > _MOST_VERIFIED:
        yield f"verify {len(pairs) - _MOST_VERIFIED:,} more in the same way"
