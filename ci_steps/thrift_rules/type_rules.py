"""Structs, enums, services and their methods."""

from __future__ import annotations

from collections.abc import Iterator

from ci_steps.comparisons.changes import Change, Level, Location
from ci_steps.thrift_rules.field_rules import compare_fields
from ci_steps.thrift_rules.interface import Enum, Interface, Method, Service, Struct


def compare_interfaces(old: Interface, new: Interface) -> Iterator[Change]:
    """Yield what callers of *old* notice when they meet *new*."""
    for struct in old.structs.values():
        if struct.name in new.structs:
            yield from _struct(struct, new.structs[struct.name])
        else:
            # Where it was used the type of a field changed, and that is breaking.
            yield _gone(struct.kind, Level.WARNING, struct.name, struct.place)
    for enum in old.enums.values():
        if enum.name in new.enums:
            yield from _enum(enum, new.enums[enum.name])
        else:
            yield _gone("enum", Level.WARNING, enum.name, enum.place)
    for service in old.services.values():
        if service.name in new.services:
            yield from _service(service, new.services[service.name], new)
        else:
            yield _gone("service", Level.BREAKING, service.name, service.place)
    yield from _added(old, new)


def _added(old: Interface, new: Interface) -> Iterator[Change]:
    for struct in new.structs.values():
        if struct.name not in old.structs:
            yield _came(struct.kind, struct.name, struct.place)
    for enum in new.enums.values():
        if enum.name not in old.enums:
            yield _came("enum", enum.name, enum.place)
    for service in new.services.values():
        if service.name not in old.services:
            yield _came("service", service.name, service.place)


def _struct(old: Struct, new: Struct) -> Iterator[Change]:
    places = old.place, new.place
    if old.kind != new.kind:
        text = f"{old.name} was a {old.kind} and is now a {new.kind}"
        yield Change("thrift-kind-changed", Level.BREAKING, old.name, text, *places)
    what = "union-field" if old.kind == new.kind == "union" else "field"
    yield from compare_fields(what, old.name, old.fields, new.fields, places)


def _enum(old: Enum, new: Enum) -> Iterator[Change]:
    names = {number: name for name, number in new.values.items()}
    renamed = set()
    for name, number in old.values.items():
        subject, place = f"{old.name}.{name}", old.places.get(name, old.place)
        if name in new.values:
            if number != new.values[name]:
                text = f"the number of {subject} changed from {number} to {new.values[name]}"
                there = new.places.get(name, new.place)
                yield Change(
                    "thrift-enum-value-changed", Level.BREAKING, subject, text, place, there
                )
        elif number in names and names[number] not in old.values:
            renamed.add(names[number])
            text, there = f"{subject} is now called {names[number]}", new.places[names[number]]
            yield Change("thrift-enum-value-renamed", Level.WARNING, subject, text, place, there)
        else:
            text = f"{subject} was removed"
            yield Change(
                "thrift-enum-value-removed", Level.BREAKING, subject, text, place, new.place
            )
    for name in new.values:
        if name not in old.values and name not in renamed:
            subject, there = f"{old.name}.{name}", new.places.get(name, new.place)
            text = f"{subject} was added, which callers of before do not know"
            yield Change("thrift-enum-value-added", Level.WARNING, subject, text, old.place, there)


def _service(old: Service, new: Service, interface: Interface) -> Iterator[Change]:
    for name, method in old.methods.items():
        # One that is inherited belongs to its own service, unless only this one lost it.
        owner = interface.services.get(method.owner)
        lost_here = owner is None or name in owner.methods
        subject = f"{old.name if lost_here else method.owner}.{name}"
        if name in new.methods:
            yield from _method(method, new.methods[name], f"{method.owner}.{name}")
        else:
            text = f"{subject} was removed"
            where = new.place if lost_here or owner is None else owner.place
            yield Change(
                "thrift-method-removed", Level.BREAKING, subject, text, method.place, where
            )
    for name, method in new.methods.items():
        if name not in old.methods:
            subject = f"{method.owner}.{name}"
            text = f"{subject} was added"
            yield Change(
                "thrift-method-added", Level.COMPATIBLE, subject, text, old.place, method.place
            )


def _method(old: Method, new: Method, subject: str) -> Iterator[Change]:
    places = old.place, new.place
    if old.returns != new.returns:
        text = f"{subject} returned {old.returns} and now returns {new.returns}"
        yield Change("thrift-return-type-changed", Level.BREAKING, subject, text, *places)
    if old.is_oneway != new.is_oneway:
        text = f"{subject} {'is now' if new.is_oneway else 'is no longer'} oneway"
        yield Change("thrift-oneway-changed", Level.BREAKING, subject, text, *places)
    yield from compare_fields("argument", subject, old.arguments, new.arguments, places)
    yield from compare_fields("throws", subject, old.throws, new.throws, places)


def _gone(kind: str, level: Level, name: str, place: Location) -> Change:
    return Change(
        f"thrift-{_rule(kind)}-removed", level, name, f"{kind} {name} was removed", old=place
    )


def _came(kind: str, name: str, place: Location) -> Change:
    text = f"{kind} {name} was added"
    return Change(f"thrift-{_rule(kind)}-added", Level.COMPATIBLE, name, text, new=place)


def _rule(kind: str) -> str:
    """Return the word in the rule's id: the exceptions of methods have ``thrift-exception-…``."""
    return "exception-type" if kind == "exception" else kind
