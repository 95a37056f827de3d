"""What an HTTPRoute of the Gateway API says: who gets which part, and whether it is in force.

https://gateway-api.sigs.k8s.io/api-types/httproute/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ci_steps.errors import RefusedError

ROUTE = "httproutes.gateway.networking.k8s.io"
# Of each Gateway that the route asks for; the first two must be true, and the last one not.
_WANTED = ("Accepted", "ResolvedRefs")
_UNWANTED = "PartiallyInvalid"
_WHOLE_IF_UNSAID = 1


@dataclass(frozen=True)
class Part:
    """What the Service of a line gets in one rule of a route."""

    line: str
    rule: int
    backend: int
    weight: int


@dataclass(frozen=True)
class InForce:
    """Whether the Gateways do what a route says: why not yet, and whether that will stay so."""

    problem: str = ""
    for_good: bool = False


def parts(route: Any, services: Mapping[str, str]) -> tuple[Part, ...]:
    """Return what each line gets in each rule that shares calls out among them.

    *services* are the names of theirs by line. A rule with only one of them is not about lines.
    RefusedError if such a rule misses one of them, sends calls to others, or is not there.
    """
    name = route["metadata"]["name"]
    found: list[Part] = []
    for number, rule in enumerate(route["spec"].get("rules") or ()):
        backends = rule.get("backendRefs") or ()
        ours = tuple(_ours(number, backends, services))
        if len({part.line for part in ours}) > 1:
            _check(f"rule {number + 1} of the HTTPRoute {name!r}", backends, services)
            found += ours
    if not found:
        names = ", ".join(_names(route)) or "none"
        raise RefusedError(
            f"no rule of the HTTPRoute {name!r} has the backends {' and '.join(services.values())}",
            hint=f"Its backends are: {names}. Say under `backend` what the Service of a line is.",
        )
    return tuple(found)


def shares(found: Sequence[Part]) -> dict[str, int]:
    """Return the percent of the calls of each line: in the rule in which it gets least."""
    least: dict[str, int] = {}
    for part in found:
        whole = sum(other.weight for other in found if other.rule == part.rule)
        percent = round(100 * part.weight / whole) if whole else 0
        least[part.line] = min(percent, least.get(part.line, percent))
    return least


def weights(wanted: Sequence[Part]) -> list[dict[str, Any]]:
    """Return the operations of a JSON patch that give each part its weight."""
    return [
        {
            "op": "add",
            "path": f"/spec/rules/{part.rule}/backendRefs/{part.backend}/weight",
            "value": part.weight,
        }
        for part in wanted
    ]


def in_force(route: Any) -> InForce:
    """Return whether every Gateway of the route has taken what it says now."""
    asked = route["spec"].get("parentRefs") or ()
    if not asked:
        return InForce("it belongs to no Gateway: it has no parentRefs", for_good=True)
    said = route.get("status", {}).get("parents") or ()
    judged = [_taken(parent, said, route["metadata"]["generation"]) for parent in asked]
    lasting = [one for one in judged if one.for_good]
    return next((one for one in (*lasting, *judged) if one.problem), InForce())


def _taken(parent: Any, said: Sequence[Any], generation: int) -> InForce:
    gateway = f"Gateway {parent['name']!r}"
    answers = [one for one in said if _same(one.get("parentRef", {}), parent)]
    if not answers:
        return InForce(f"no controller says anything of it for {gateway}")
    for answer in answers:
        current = {
            one["type"]: one
            for one in answer.get("conditions") or ()
            if one.get("observedGeneration", 0) >= generation
        }
        if not current:
            return InForce(f"the controller of {gateway} has not seen it yet")
        bad = next((one for one in current.values() if _is_bad(one)), None)
        if bad:
            told = f"{bad.get('reason', '')}: {bad.get('message', '')}".strip(": ")
            return InForce(f"{gateway} does not take it: {bad['type']}: {told}", for_good=True)
        missing = [kind for kind in _WANTED if current.get(kind, {}).get("status") != "True"]
        if missing:
            return InForce(f"{gateway} does not say yet that it is {' and '.join(missing)}")
    return InForce()


def _is_bad(condition: Any) -> bool:
    kind, status = str(condition["type"]), str(condition.get("status"))
    return (kind in _WANTED and status == "False") or (kind == _UNWANTED and status == "True")


def _same(one: Any, other: Any) -> bool:
    """Return whether both mean one listener of one Gateway; the namespace may be left out."""
    keys = ("name", "sectionName", "port")
    spaces = {ref["namespace"] for ref in (one, other) if ref.get("namespace")}
    return len(spaces) < 2 and all(one.get(key) == other.get(key) for key in keys)  # noqa: PLR2004 (two differ)


def _ours(number: int, backends: Sequence[Any], services: Mapping[str, str]) -> Iterator[Part]:
    lines = {service: line for line, service in services.items()}
    for index, backend in enumerate(backends):
        if _is_service(backend) and backend["name"] in lines:
            weight = backend.get("weight", _WHOLE_IF_UNSAID)
            yield Part(lines[backend["name"]], number, index, weight)


def _check(rule: str, backends: Sequence[Any], services: Mapping[str, str]) -> None:
    names = [backend["name"] for backend in backends]
    missing = [service for service in services.values() if service not in names]
    if missing:
        raise RefusedError(
            f"{rule} has no backend {missing[0]}",
            hint=f"It has {', '.join(names)}: it needs one for each line, a new one of weight 0.",
        )
    others = [
        backend["name"]
        for backend in backends
        if backend.get("weight", _WHOLE_IF_UNSAID)
        and not (_is_service(backend) and backend["name"] in services.values())
    ]
    if others:
        raise RefusedError(
            f"{rule} sends calls to {', '.join(others)} as well, which is no line that is live",
            hint="Give it weight 0, or a rule of its own.",
        )


def _is_service(backend: Any) -> bool:
    return str(backend.get("kind") or "Service") == "Service"


def _names(route: Any) -> list[str]:
    found = [
        backend["name"]
        for rule in route["spec"].get("rules") or ()
        for backend in rule.get("backendRefs") or ()
    ]
    return list(dict.fromkeys(found))
