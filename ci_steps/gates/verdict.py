"""The gates *dependencies* and *dependents*: the two ends of one verdict, before a deployment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ci_steps.dependencies import Checked, check
from ci_steps.dictionary.verdicts.reasons import Reason, some
from ci_steps.dictionary.verdicts.ways_out import to_be_known
from ci_steps.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ci_steps.deploying.places import Slot
    from ci_steps.dictionary.verdicts.reasons import Edge, VerdictReport
    from ci_steps.protocols import Job

_BY_EVIDENCE = frozenset(
    {
        Reason.SAME_CONTRACT,
        Reason.COMPATIBLE_CONTRACT,
        Reason.CONTRACT_BREAKS,
        Reason.VERIFIED,
        Reason.VERIFICATION_FAILED,
    }
)
_MOST_NAMED = 3


@dataclass(frozen=True)
class Gate:
    """One question before a deployment, its answer and what would make it a yes.

    A warning is about a gate that is open although something is not known. `affected` are the
    services that it would protect, where it is closed for their sake.
    """

    name: str
    passed: bool
    reason: str
    hint: str = ""
    warning: str = ""
    affected: tuple[str, ...] = ()


def stops(job: Job, *, strict: bool = False) -> frozenset[Verdict]:
    """Return the verdicts that refuse: in production what is not known is never a yes."""
    is_production = bool(job.environment and job.environment.production)
    unknown = {Verdict.UNKNOWN} if strict or is_production else set()
    return frozenset({Verdict.NO} | unknown)


def dependencies(job: Job, report: VerdictReport, *, strict: bool) -> Gate:
    """Ask whether what this version needs runs in the environment."""
    name, refusing = "dependencies", stops(job, strict=strict)
    known = {edge.required: edge for edge in report.as_dependent}
    checked = [
        _with_evidence(one, known[one.requirement.written])
        for one in check(job, job.environment_name)
    ]
    wrong = [one for one in checked if one.verdict in refusing]
    if wrong:
        reasons = "; ".join(f"{one.requirement.written}: {one.reason}" for one in wrong)
        edges = [known[one.requirement.written] for one in wrong]
        return Gate(name, passed=False, reason=reasons, hint=_needed_hint(job, wrong, edges))
    unknown = [one.requirement.written for one in checked if one.verdict is Verdict.UNKNOWN]
    satisfied = f"{len(checked)} satisfied" if checked else "needs nothing"
    return _not_known(name, unknown) if unknown else Gate(name, passed=True, reason=satisfied)


def dependents(job: Job, slot: Slot, report: VerdictReport, *, strict: bool) -> Gate:
    """Ask whether what is live and needs this service would still have what it needs."""
    name, refusing = "dependents", stops(job, strict=strict)
    refusal = next((one.text for one in report.candidates if one.reason), "")
    if refusal:
        hint = "Choose a version of another line."
        return Gate(name, passed=False, reason=refusal, hint=hint)
    edges = report.as_provider
    wrong = [e for e in edges if e.verdict in refusing or e.reason is Reason.NOT_VERIFIED]
    if wrong:
        told = (f"{edge.who} needs {edge.required}: {edge.text}" for edge in wrong)
        hint = _way_out(job, slot, report, wrong)
        reason, affected = some(told, _MOST_NAMED), tuple(sorted({e.dependent for e in wrong}))
        return Gate(name, passed=False, reason=reason, hint=hint, affected=affected)
    unknown = [edge.who for edge in edges if edge.verdict is Verdict.UNKNOWN]
    satisfied = f"{len(edges):,} have what they need" if edges else "nobody live needs it"
    return _not_known(name, unknown) if unknown else Gate(name, passed=True, reason=satisfied)


def _not_known(name: str, unknown: Sequence[str]) -> Gate:
    reason = f"not known, and not strict: {some(unknown)}"
    warning = f"{name}: not known whether all is well: {some(unknown)}; production would refuse"
    return Gate(name, passed=True, reason=reason, warning=warning)


def _with_evidence(one: Checked, edge: Edge) -> Checked:
    """Add to what runs what the dictionary knows of it beyond its number."""
    if edge.reason is Reason.IGNORED:
        return replace(one, verdict=Verdict.YES, reason=edge.text)
    if edge.provider != one.requirement.provider:  # nothing answers to its old name
        return replace(one, verdict=edge.verdict or Verdict.YES, reason=edge.text)
    if {str(found.version) for found in one.found if found.version} != set(edge.found):
        return one  # proof of another version than the one that answers
    if edge.reason is Reason.NOT_VERIFIED:  # the policy asks, whether the step is strict or not
        return replace(one, verdict=Verdict.NO, reason=edge.text)
    if edge.reason in _BY_EVIDENCE and edge.verdict:
        return replace(one, verdict=edge.verdict, reason=edge.text)
    return one


def _needed_hint(job: Job, wrong: Sequence[Checked], edges: Sequence[Edge]) -> str:
    """Return what to do about needs; a provider that is silent has to answer first."""
    unknown = [edge for edge in edges if edge.verdict is Verdict.UNKNOWN]
    if unknown:
        return _sentences([*to_be_known(unknown, job.environment_name), *_ignored(job, unknown)])
    silent = [one.requirement.provider for one in wrong if one.verdict is Verdict.UNKNOWN]
    if silent:
        return f"See what answers: ci-steps probe {silent[0]} {job.environment_name}."
    return "Deploy what it needs first."


def _way_out(job: Job, slot: Slot, report: VerdictReport, wrong: Sequence[Edge]) -> str:
    """Return what to do about dependents; the way that the step itself offers comes first."""
    old = slot.replaces
    if old and old.version.line != job.version.line:
        return "Release it beside the old line: steps.deploy.lines: beside."
    unknown = [edge for edge in wrong if edge.verdict is Verdict.UNKNOWN]
    if len(unknown) < len(wrong):
        return _sentences(report.ways_out[:1])
    return _sentences([*to_be_known(unknown, job.environment_name), *_ignored(job, unknown)])


def _ignored(job: Job, edges: Sequence[Edge]) -> Iterator[str]:
    """Yield how an edge is ignored for a while; of a stranger nobody knows what it needs."""
    if job.dictionary.release(job.service, job.version) is None:
        return
    edge = edges[0]
    other = edge.provider if edge.dependent == job.service else edge.dependent
    asked = f"ci-steps dictionary may-deploy {job.service} {job.version} {job.environment_name}"
    yield f"or ignore it for a while: {asked} --ignore {other} --until DATE --reason '…'"


def _sentences(ways: Sequence[str]) -> str:
    return " ".join(f"{way[:1].upper()}{way[1:]}." for way in ways)
