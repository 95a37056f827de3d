"""Who may call: the choices of schemes and scopes, and what the schemes are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ci_steps.comparisons.changes import Level
from ci_steps.documents.node import Node
from ci_steps.openapi_rules.description import Api, Operation
from ci_steps.openapi_rules.flows import compare_flows
from ci_steps.openapi_rules.schemes import renamed, said_of, schemes_of
from ci_steps.schema_rules.comparison import Comparison
from ci_steps.schema_rules.spots import Spot


@dataclass(frozen=True)
class _Choice:
    """Schemes that are needed together, with their scopes."""

    node: Node
    schemes: dict[str, frozenset[str]]

    def is_enough_for(self, other: _Choice) -> bool:
        """Return whether who has all of this gets in where *other* is asked for."""
        return all(
            name in self.schemes and scopes <= self.schemes[name]
            for name, scopes in other.schemes.items()
        )

    def __str__(self) -> str:
        """Return its schemes for people."""
        return " and ".join(sorted(self.schemes)) or "nothing"


def compare_security(old: Operation, new: Operation, spot: Spot, walk: Comparison) -> None:
    """Compare who may call: everybody who got in before must still get in."""
    before, after = _choices(old, {}), _choices(new, renamed(old.api, new.api))
    for choice in before:
        if not any(choice.is_enough_for(other) for other in after):
            _shut_out(choice, after, spot, walk)
    for choice in after:
        if not any(other.is_enough_for(choice) for other in before):
            if not _is_scope_more(choice, before):
                _tell("added", choice, spot, walk, Level.COMPATIBLE, is_new=True)
        elif not any(choice.is_enough_for(other) for other in before):
            _fewer(choice, before, spot, walk)
    _compare_schemes(old.api, new.api, before, after, spot, walk)


def _asked(operation: Operation) -> Node | None:
    return operation.node.get("security") or operation.api.root.get("security")


def _choices(operation: Operation, names: Mapping[str, str]) -> list[_Choice]:
    listed = _asked(operation)
    found = [
        _Choice(
            node,
            {
                names.get(name, name): frozenset(map(str, one.value or ()))
                for name, one in node.entries()
            },
        )
        for node in (listed.items() if listed is not None else ())
    ]
    nobody_asks = listed or operation.node
    return found or [_Choice(nobody_asks, {})]


def _shut_out(choice: _Choice, after: list[_Choice], spot: Spot, walk: Comparison) -> None:
    """Tell that who got in by *choice* does not any more."""
    alike = next((one for one in after if one.schemes.keys() == choice.schemes.keys()), None)
    if alike is not None:
        for name, scopes in alike.schemes.items():
            for scope in sorted(scopes - choice.schemes[name]):
                place = _scope(alike.node, name, scope)
                walk.found.add(
                    "api-security-scope-added", spot, choice.node, place, said=("", scope)
                )
        return
    more = next((one for one in after if one.schemes.keys() > choice.schemes.keys()), None)
    if more is not None:
        _tell("added", more, spot, walk, Level.BREAKING, is_new=True)
    else:
        _tell("removed", choice, spot, walk, Level.BREAKING, is_new=False)


def _is_scope_more(choice: _Choice, before: list[_Choice]) -> bool:
    return any(
        one.schemes.keys() == choice.schemes.keys() or one.schemes.keys() < choice.schemes.keys()
        for one in before
    )


def _fewer(choice: _Choice, before: list[_Choice], spot: Spot, walk: Comparison) -> None:
    """Tell that less is asked for than before."""
    for one in before:
        if one.schemes.keys() == choice.schemes.keys():
            for name, scopes in one.schemes.items():
                for scope in sorted(scopes - choice.schemes[name]):
                    place = _scope(one.node, name, scope)
                    walk.found.add(
                        "api-security-scope-removed", spot, place, choice.node, said=(scope, "")
                    )
        elif one.is_enough_for(choice):
            _tell("removed", one, spot, walk, Level.COMPATIBLE, is_new=False)


def _tell(
    what: str, choice: _Choice, spot: Spot, walk: Comparison, level: Level, *, is_new: bool
) -> None:
    said = ("", str(choice)) if is_new else (str(choice), "")
    old, new = (None, choice.node) if is_new else (choice.node, None)
    walk.found.add(f"api-security-{what}", spot, old, new, level=level, said=said)


def _scope(node: Node, scheme: str, scope: str) -> Node:
    listed = node.get(scheme)
    found = (item for item in (listed.items() if listed else ()) if item.value == scope)
    return next(found, node)


def _compare_schemes(
    old: Api, new: Api, before: list[_Choice], after: list[_Choice], spot: Spot, walk: Comparison
) -> None:
    was = {name for choice in before for name in choice.schemes}
    now = {name for choice in after for name in choice.schemes}
    for name in was & now:
        one, other = (schemes_of(api).get(name) for api in (old, new))
        if one is not None and other is not None:
            here = spot._replace(called=name, noun=name, old=one, new=other)
            _compare_scheme(one, other, here, walk)


def _compare_scheme(old: Node, new: Node, spot: Spot, walk: Comparison) -> None:
    before, after = said_of(old), said_of(new)
    if before["type"] != after["type"]:
        places = old.get("type"), new.get("type")
        said = before["type"], after["type"]
        walk.found.add("api-security-component-type-changed", spot, *places, said=said)
        return
    for key, was in before.items():
        if was != after[key]:
            places, said = (old.get(key), new.get(key)), (was, after[key])
            walk.found.add("api-security-component-changed", spot, *places, said=said)
    compare_flows(old, new, spot, walk)
