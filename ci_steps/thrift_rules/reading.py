"""Thrift files -> an interface, with thriftpy2's parser."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ci_steps.comparisons.changes import Contract, Location
from ci_steps.errors import ContractError
from ci_steps.thrift_rules.interface import Enum, Field, Interface, Method, Service, Struct
from ci_steps.thrift_rules.parsing import declared, file_of, parsed

if TYPE_CHECKING:
    from ci_steps.outside import Outside

_KINDS = {"structs": "struct", "unions": "union", "exceptions": "exception"}
_DECLARED = (*_KINDS, "enums", "services")
_BASE = {
    1: "void",
    2: "bool",
    3: "byte",
    4: "double",
    6: "i16",
    8: "i32",
    10: "i64",
    11: "string",
    18: "binary",
}
_MAP, _SET, _LIST = 13, 14, 15


def read(
    contract: Contract, outside: Outside, before: Mapping[str, str] = MappingProxyType({})
) -> Interface:
    """Return what *contract* declares; ContractError with the line where it cannot be read.

    *before* are the `Interface.files` of the contract that it is compared with: of namesakes,
    the one in the same file is the same.
    """
    whole = list(parsed(contract, outside))
    owners = _owners(whole, before)
    structs: dict[str, Struct] = {}
    enums: dict[str, Enum] = {}
    services: dict[str, Service] = {}
    for folder, modules in whole:
        reader = _Reader(contract, folder, modules, owners)
        structs.update(reader.structs())
        enums.update(reader.enums())
        services.update(reader.services())
    return Interface(structs, enums, services, owners)


def _owners(whole: Iterable[tuple[Path, list[Any]]], before: Mapping[str, str]) -> dict[str, str]:
    """Return the file whose type has each name for itself; a namesake has its file before it."""
    files: dict[str, list[str]] = {}
    for folder, modules in whole:
        for module, kind in product(modules, _DECLARED):
            for thing in declared(module, kind):
                files.setdefault(thing.__name__, []).append(file_of(thing, folder))
    return {
        name: before[name] if before.get(name) in found else found[0]
        for name, found in files.items()
    }


class _Reader:
    """Turns the classes that thriftpy2 makes into values of ours."""

    def __init__(
        self, contract: Contract, folder: Path, modules: list[Any], owners: Mapping[str, str]
    ) -> None:
        self._contract, self._folder = contract, folder
        self._modules = modules
        self._names: dict[int, str] = {}
        for kind in _DECLARED:
            for thing in self._all(kind):
                file, name = file_of(thing, folder), thing.__name__
                # Where a type lives is not on the wire: its file only tells namesakes apart.
                is_owner = owners[name] == file
                self._names[id(thing)] = (
                    name if is_owner else f"{file.removesuffix('.thrift')}.{name}"
                )

    def _all(self, kind: str) -> Iterator[Any]:
        for module in self._modules:
            yield from declared(module, kind)

    def structs(self) -> dict[str, Struct]:
        found = {}
        for key, kind in _KINDS.items():
            for thing in self._all(key):
                name = self._names[id(thing)]
                found[name] = Struct(name, kind, self._fields(thing, thing), self._place(thing))
        return found

    def enums(self) -> dict[str, Enum]:
        found = {}
        for thing in self._all("enums"):
            file = file_of(thing, self._folder)
            places = {
                name: Location(file, line) for name, line in thing.__thrift_item_linenos__.items()
            }
            name = self._names[id(thing)]
            values = dict(thing._NAMES_TO_VALUES)  # noqa: SLF001 (what generated code offers)
            found[name] = Enum(name, values, places, self._place(thing))
        return found

    def services(self) -> dict[str, Service]:
        found = {}
        for thing in self._all("services"):
            name = self._names[id(thing)]
            methods = {method: self._method(thing, method) for method in thing.thrift_services}
            found[name] = Service(name, methods, self._place(thing))
        return found

    def _method(self, service: Any, name: str) -> Method:
        owner = next(base for base in service.__mro__ if f"{name}_args" in vars(base))
        arguments, result = getattr(owner, f"{name}_args"), getattr(owner, f"{name}_result")
        returned = result.thrift_spec.get(0)
        throws = self._fields(result, owner)
        return Method(
            name,
            self._names[id(owner)],
            bool(result.oneway),
            self._type(*_kind(returned)) if returned else "void",
            self._fields(arguments, owner),
            {key: one for key, one in throws.items() if key},
            Location(file_of(owner, self._folder), owner.__thrift_function_linenos__[name]),
        )

    def _fields(self, thing: Any, owner: Any) -> dict[int, Field]:
        file = file_of(owner, self._folder)
        lines: Mapping[str, int] = thing.__thrift_field_linenos__
        defaults = dict(thing.default_spec)
        return {
            key: Field(
                key,
                spec[1],
                self._type(*_kind(spec)),
                bool(spec[-1]),
                self._written(defaults.get(spec[1])),
                Location(file, lines.get(spec[1], 0)),
            )
            for key, spec in thing.thrift_spec.items()
        }

    def _type(self, kind: Any, content: Any = None) -> str:
        if isinstance(kind, tuple):
            return self._type(*kind)
        if content is not None and id(content) in self._names:
            return self._names[id(content)]
        if kind == _MAP and isinstance(content, tuple):
            return f"map<{self._type(content[0])}, {self._type(content[1])}>"
        if kind in (_LIST, _SET) and content is not None:
            return f"{'list' if kind == _LIST else 'set'}<{self._type(content)}>"
        if kind in _BASE and content is None:
            return _BASE[kind]
        # A type that the parser left open.
        raise ContractError(f"{self._contract.name}: a type is used that nothing declares")

    def _written(self, default: Any) -> str:
        """Return a default as text that two readings share."""
        if isinstance(default, dict):
            return str(sorted((self._written(k), self._written(v)) for k, v in default.items()))
        if isinstance(default, (list, set, frozenset)):
            items = [self._written(item) for item in default]
            return str(items if isinstance(default, list) else sorted(items))
        if hasattr(default, "thrift_spec"):
            return self._written(vars(default))
        return "" if default is None else repr(default)

    def _place(self, thing: Any) -> Location:
        return Location(file_of(thing, self._folder), thing.__thrift_lineno__ or 0)


def _kind(spec: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the type of ``(type, name[, content], required)``; ``success`` has no *required*."""
    has_content = len(spec) > 3 or (len(spec) == 3 and not isinstance(spec[2], bool))  # noqa: PLR2004
    return (spec[0], spec[2]) if has_content else (spec[0],)
