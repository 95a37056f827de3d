"""What steps found, as JSON can hold it: for the report of a job and whoever reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ci_steps.comparisons.changes import Change, Location
    from ci_steps.dependencies import Checked
    from ci_steps.dictionary.verdicts.reasons import Edge, VerdictReport
    from ci_steps.gates.verdict import Gate
    from ci_steps.model import DatabaseChange, Deployment
    from ci_steps.protocols import Announced, Sent


def verdict_facts(report: VerdictReport) -> dict[str, Any]:
    """Return a verdict with every candidate, edge and way out."""
    return {
        "verdict": report.verdict.value,
        "reason": report.reason.value,
        "text": report.text,
        "environment": report.environment,
        "candidates": [
            {
                "service": one.service,
                "version": str(one.candidate.release.version),
                "slot": one.slot,
                "replaces": one.replaces,
                "beside": list(one.beside),
            }
            for one in report.candidates
        ],
        "edges": [_edge(edge) for edge in report.edges],
        "ways_out": list(report.ways_out),
        "order": list(report.order),
        "obstacle": report.obstacle,
    }


def _edge(edge: Edge) -> dict[str, Any]:
    return {
        "dependent": edge.dependent,
        "dependent_version": edge.dependent_version,
        "provider": edge.provider,
        "required": edge.required,
        "found": list(edge.found),
        "verdict": edge.verdict.value if edge.verdict else None,
        "reason": edge.reason.value,
        "text": edge.text,
    }


def gate_facts(gates: Iterable[Gate], overrides: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the gates with their answers, and why one was passed all the same."""
    return [
        {
            "gate": gate.name,
            "open": _answer(gate, overrides),
            "because": gate.reason,
            "override_reason": "" if gate.passed else overrides.get(gate.name, ""),
        }
        for gate in gates
    ]


def _answer(gate: Gate, overrides: Mapping[str, str]) -> str:
    if gate.passed:
        return "yes"
    return "overridden" if gate.name in overrides else "no"


def deployment_facts(
    deployment: Deployment, replaced: Deployment | None, beside: Iterable[Deployment], image: str
) -> dict[str, Any]:
    """Return what was deployed where, what it replaced and what stands beside it."""
    return {
        "service": deployment.service,
        "version": str(deployment.version),
        "environment": deployment.environment,
        "slot": deployment.slot,
        "address": deployment.address,
        "image": image,
        "digest": deployment.digest,
        "replaces": str(replaced.version) if replaced else "",
        "beside": [str(one.version) for one in beside],
    }


def running_facts(before: Deployment) -> dict[str, str]:
    """Return what runs on after a deployment that failed."""
    return {
        "version": str(before.version),
        "environment": before.environment,
        "slot": before.slot,
        "address": before.address,
    }


def database_facts(change: DatabaseChange) -> dict[str, str]:
    """Return since when the database cannot be brought back, and how a person goes back."""
    return {"since": str(change.since), "note": change.note, "source": change.source}


def obligation_facts(announced: Announced) -> dict[str, Any]:
    """Return who must move by when, and who cannot be told."""
    return {
        "to": announced.to,
        "due": str(announced.due or ""),
        "services": [
            {
                "service": one.dependent,
                "needs": one.requirement,
                "to": one.to,
                "due": str(one.due),
                "owner": one.owner,
            }
            for one in announced.obligations
        ],
        "unreachable": list(announced.unreachable),
    }


def notice_facts(sent: Sent) -> list[dict[str, str]]:
    """Return who was told, and who was not."""
    return [
        {"who": who, "state": state}
        for state, listed in (
            ("sent", sent.delivered),
            ("waiting", sent.waiting),
            ("undelivered", sent.undelivered),
        )
        for who in listed
    ]


def change_facts(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """Return what callers notice, with the places in both files."""
    return [
        {
            "level": one.level.word,
            "rule": one.rule,
            "subject": one.subject,
            "text": one.text,
            "old": _place(one.old),
            "new": _place(one.new),
        }
        for one in changes
    ]


def _place(place: Location | None) -> dict[str, Any] | None:
    return {"file": place.file, "line": place.line} if place else None


def dependency_facts(checked: Iterable[Checked]) -> list[dict[str, Any]]:
    """Return what the service needs, what was found, and the verdict."""
    return [
        {
            "required": one.requirement.written,
            "found": [
                {
                    "where": found.where,
                    "version": str(found.version or ""),
                    "problem": found.problem,
                }
                for found in one.found
            ],
            "verdict": one.verdict.value,
            "reason": one.reason,
        }
        for one in checked
    ]
