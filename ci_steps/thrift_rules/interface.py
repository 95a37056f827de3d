"""A Thrift interface as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ci_steps.comparisons.changes import Location


@dataclass(frozen=True)
class Field:
    """A field of a struct, an argument of a method, or an exception that it throws."""

    id: int
    name: str
    type: str
    is_required: bool
    default: str
    place: Location


@dataclass(frozen=True)
class Struct:
    """A ``struct``, ``union`` or ``exception``; `fields` are by id."""

    name: str
    kind: str
    fields: Mapping[int, Field]
    place: Location


@dataclass(frozen=True)
class Enum:
    """The values of an ``enum`` by name, with their places."""

    name: str
    values: Mapping[str, int]
    places: Mapping[str, Location]
    place: Location


@dataclass(frozen=True)
class Method:
    """A method; `owner` is the service that defines it, `returns` a type or ``void``."""

    name: str
    owner: str
    is_oneway: bool
    returns: str
    arguments: Mapping[int, Field]
    throws: Mapping[int, Field]
    place: Location


@dataclass(frozen=True)
class Service:
    """A service with all its methods, inherited ones among them."""

    name: str
    methods: Mapping[str, Method]
    place: Location


@dataclass(frozen=True)
class Interface:
    """All that the files of a contract declare, by name.

    `files` says which file has a name for itself; a namesake is called ``folder/file.Name``.
    """

    structs: Mapping[str, Struct] = field(default_factory=lambda: MappingProxyType({}))
    enums: Mapping[str, Enum] = field(default_factory=lambda: MappingProxyType({}))
    services: Mapping[str, Service] = field(default_factory=lambda: MappingProxyType({}))
    files: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
