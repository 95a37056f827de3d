"""Which changes of an interface touch somebody who says which names of it they use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ci_steps.uses.by_name import doubts_about, doubts_about_calls, doubts_about_files, reached
from ci_steps.uses.narrowed import Narrowed, narrowed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci_steps.comparisons.changes import Change
    from ci_steps.thrift_rules.interface import Field, Interface
    from ci_steps.uses.values import Uses

# What a type is made of: list<billing/types.Token>.
_NAME = re.compile(r"[\w./]+")


def narrow(changes: Sequence[Change], uses: Uses, interface: Interface) -> Narrowed:
    """Return which of *changes* touch who uses *uses* of the old *interface*; in doubt all."""
    types = dict(_types(interface))
    known = {*types, *_named(interface)}
    doubts = [*doubts_about_calls(uses.calls, "Thrift"), *doubts_about(uses.names, known)]
    doubts += doubts_about_files(uses, "Thrift")
    used = reached(uses.names, known, types)
    around = {one for name in used for one in _owners(name)}

    def touches(change: Change) -> bool:
        about = change.subject
        is_new = about not in known  # whoever uses what it is in is asked for it, or meets it
        return bool(doubts) or about in used | around or (is_new and _owner(about) in used | around)

    return narrowed(changes, touches, doubts)


def _types(interface: Interface) -> Iterator[tuple[str, set[str]]]:
    """Yield each field, method and argument, and the types that it is of or refers to."""
    for struct in interface.structs.values():
        for field in struct.fields.values():
            yield f"{struct.name}.{field.name}", _names(field)
    for service in interface.services.values():
        for method in service.methods.values():
            own, inherited = (f"{one}.{method.name}" for one in (service.name, method.owner))
            thrown = set().union(*map(_names, method.throws.values()))
            yield own, {inherited, *_NAME.findall(method.returns), *thrown}
            for argument in method.arguments.values():
                yield f"{own}.{argument.name}", _names(argument)


def _named(interface: Interface) -> Iterator[str]:
    yield from (*interface.structs, *interface.enums, *interface.services)
    for enum in interface.enums.values():
        yield from (f"{enum.name}.{value}" for value in enum.values)


def _names(field: Field) -> set[str]:
    return set(_NAME.findall(field.type))


def _owner(name: str) -> str:
    return name.rpartition(".")[0]


def _owners(name: str) -> Iterable[str]:
    """Return what a name is in: of ``Tokens.get.id`` the method and the service."""
    while name := _owner(name):
        yield name
