"""May these versions go to that environment? The world after their deployment is judged.

The rules are in docs/verdicts.md. What is live and what that needs is found through indexes:
the number of statements depends neither on the history nor on the number of dependents.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from ci_steps.dictionary.verdicts.reasons import (
    Candidate,
    Edge,
    Placed,
    Reason,
    VerdictReport,
    some,
    worst,
)
from ci_steps.dictionary.verdicts.trains import order_of
from ci_steps.dictionary.verdicts.ways_out import ways_out
from ci_steps.dictionary.verdicts.where import read_where
from ci_steps.dictionary.verdicts.world_after import WorldAfter, read_world
from ci_steps.model import Verdict

if TYPE_CHECKING:
    from datetime import date

    from ci_steps.dictionary.store import Dictionary
    from ci_steps.dictionary.verdicts.waivers import Waiver
    from ci_steps.dictionary.verdicts.where import Where

_WORST_FIRST = (Verdict.NO, Verdict.UNKNOWN, None, Verdict.YES)


def may_deploy(
    dictionary: Dictionary | Connection,
    *candidates: Candidate,
    today: date,
    ignoring: Sequence[Waiver] = (),
) -> VerdictReport:
    """Judge the world after *candidates*, all for one environment, were deployed.

    Recorded waivers count up to and with the day they end, those of *ignoring* likewise.
    Nothing is recorded. A service or an environment that nobody knows has no live versions;
    `ci_steps.dictionary.verdicts.named` is for names that people wrote.
    """
    if isinstance(dictionary, Connection):
        where = read_where(dictionary, candidates[0].environment)
        return judge(dictionary, where, candidates, today, ignoring)
    with dictionary.reading() as connection:
        return may_deploy(connection, *candidates, today=today, ignoring=ignoring)


def judge(
    connection: Connection,
    where: Where,
    candidates: Sequence[Candidate],
    today: date,
    ignoring: Sequence[Waiver],
) -> VerdictReport:
    """Judge *candidates* as `may_deploy` does, where their environment has been read already."""
    strangers = [one for one in candidates if not one.is_recorded]
    if strangers:
        return _unrecorded(candidates, strangers)
    world = read_world(connection, where, candidates, today, ignoring)
    edges = _edges(world)
    placed = tuple(world.placed.values())
    verdict, reason, text = _summary(placed, edges)
    order, obstacle = order_of(world, edges) if len(placed) > 1 else ((), "")
    return VerdictReport(
        verdict,
        reason,
        text,
        candidates[0].environment,
        placed,
        edges,
        ways_out(world, edges) if verdict is not Verdict.YES else (),
        order,
        obstacle,
    )


def _unrecorded(candidates: Sequence[Candidate], strangers: Sequence[Candidate]) -> VerdictReport:
    """Say no: what was never recorded needs nobody knows what. Nothing else is judged."""
    unknown = Reason.VERSION_UNKNOWN
    text = (
        f"{some(one.name for one in strangers)} was never recorded, so nobody knows what it needs"
    )
    placed = [
        Placed(one.release.service, one, one.slot, reason=None if one.is_recorded else unknown)
        for one in candidates
    ]
    first = strangers[0].release
    recorded = f"{first.service} {first.version} ENVIRONMENT --depends-on REQUIREMENT"
    ways = (
        "choose a recorded version, or deploy this one elsewhere first, which records it",
        f"or say where it runs without ci-steps: ci-steps dictionary record {recorded}",
    )
    return VerdictReport(
        Verdict.NO,
        unknown,
        text,
        candidates[0].environment,
        tuple(placed),
        ways_out=ways,
    )


def _edges(world: WorldAfter) -> tuple[Edge, ...]:
    """Return every edge of the world after, the worst first; one for two slots with one version."""
    found: dict[tuple[str, str, str, str], Edge] = {}
    for need in world.needs_after:
        key = (need.dependent, need.version, need.provider, need.written)
        if key not in found:
            found[key] = world.edge(need, world.after.get(need.provider, ()))
    # All differ before one comes to their verdicts, which have no order.
    edges = sorted(found.values())
    return tuple(one for verdict in _WORST_FIRST for one in edges if one.verdict is verdict)


def _summary(placed: Sequence[Placed], edges: Sequence[Edge]) -> tuple[Verdict, Reason, str]:
    refused = next((one for one in placed if one.reason), None)
    if refused and refused.reason:
        return Verdict.NO, refused.reason, refused.text
    verdict = worst(edge.verdict for edge in edges)
    if not edges:
        return verdict, Reason.NO_DEPENDENCIES, "it needs nothing, and nothing live needs it"
    if verdict is Verdict.YES:
        return (verdict, *_all_well(edges))
    deciding = [edge for edge in edges if edge.verdict is verdict]
    more = f" (and {len(deciding) - 1:,} more)" if len(deciding) > 1 else ""
    first = deciding[0]
    return verdict, first.reason, f"{first.who} needs {first.required}: {first.text}{more}"


def _all_well(edges: Sequence[Edge]) -> tuple[Reason, str]:
    ignored = sum(edge.verdict is None for edge in edges)
    if ignored == len(edges):
        return Reason.IGNORED, "every requirement is ignored"
    counted = len(edges) - ignored
    text = (
        "1 requirement is satisfied" if counted == 1 else f"{counted:,} requirements are satisfied"
    )
    return Reason.ALL_SATISFIED, text + (f", {ignored:,} ignored" if ignored else "")
