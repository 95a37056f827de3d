"""Raw values -> options classes, strictly: no unknown keys, no silent casts, every problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, get_args, get_origin

import attrs

from ci_steps.config.document import KeyPath
from ci_steps.config.scalars import SCALARS, NotThisError, shown
from ci_steps.options import (
    Command,
    OperationText,
    Option,
    VersionText,
    is_optional,
    options_of,
    required_kind,
)
from ci_steps.writing.nearest import did_you_mean, nearest

_T = TypeVar("_T")


class Wrong(NamedTuple):
    """Something wrong at a path of keys."""

    path: KeyPath
    text: str


def read_options(cls: type[_T], raw: Any, path: KeyPath = ()) -> tuple[_T | None, list[Wrong]]:
    """Return the options in *raw*, or None and everything that is wrong with them."""
    value, wrong = read_partly(cls, raw, path)
    return (None if wrong else value), wrong


def read_partly(cls: type[_T], raw: Any, path: KeyPath = ()) -> tuple[_T, list[Wrong]]:
    """Return the options in *raw* and all that is wrong; what is wrong has its default or is empty.

    So the rest can be judged as well, and people see every problem at once.
    """
    reader = _Reader()
    return reader.options(cls, raw, path), reader.wrong


class _Reader:
    """Reads values by the kind that is declared for them, and gathers what is wrong."""

    def __init__(self) -> None:
        self.wrong: list[Wrong] = []

    def options(self, cls: type[_T], raw: Any, path: KeyPath) -> _T:
        short = getattr(cls, "SHORT_FOR", "")
        if short and raw is not None and not isinstance(raw, Mapping):
            return self._short(cls, short, raw, path)
        given: Mapping[str, Any] = self._keys(raw, path)
        declared = options_of(cls)
        meant = self._unknown(given, [option.key for option in declared], path)
        if raw is None or isinstance(raw, Mapping):
            for option in declared:
                if option.is_required and option.key not in {*given, *meant}:
                    self.wrong.append(Wrong((*path, option.key), "must be given"))
        values = {one.key: self._option(one, given, path) for one in declared}
        # Each value was checked above, where its key is known.
        with attrs.validators.disabled():
            return cls(**values)

    def _unknown(
        self, given: Mapping[str, Any], keys: Sequence[str], path: KeyPath
    ) -> frozenset[str]:
        """Refuse what nobody declares; return the keys that were probably meant."""
        unknown = [key for key in given if key not in keys]
        for key in unknown:
            self.wrong.append(Wrong((*path, key), "unknown key" + did_you_mean(key, keys)))
        return frozenset(nearest(key, keys) for key in unknown)

    def _short(self, cls: type[_T], key: str, raw: Any, path: KeyPath) -> _T:
        """Read ``version: "1.1.0"``, which is short for ``version: {text: "1.1.0"}``."""
        option = next(option for option in options_of(cls) if option.key == key)
        value, problem = self.value(option.kind, raw, path), ""
        if (*path,) not in {wrong.path for wrong in self.wrong}:
            problem = option.problem(value)
        if problem:
            self.wrong.append(Wrong(path, problem))
        return cls(**({} if problem else {key: value}))

    def _option(self, option: Option, given: Mapping[str, Any], path: KeyPath) -> Any:
        empty = _empty(option.kind) if option.is_required else option.default
        if option.key not in given:
            return empty
        before = len(self.wrong)
        value = self.value(option.kind, given[option.key], (*path, option.key))
        if len(self.wrong) > before:
            return value
        problem = option.problem(value)
        if problem:
            self.wrong.append(Wrong((*path, option.key), problem))
        return empty if problem else value

    def value(self, kind: Any, raw: Any, path: KeyPath) -> Any:
        if is_optional(kind):
            return None if raw is None else self.value(required_kind(kind), raw, path)
        if attrs.has(kind):
            return self.options(kind, raw, path)
        if get_origin(kind) is tuple:
            return self._list(get_args(kind)[0], raw, path)
        if get_origin(kind) is dict:
            return self._mapping(get_args(kind)[1], raw, path)
        try:
            return raw if kind is Any else SCALARS[kind](raw)
        except NotThisError as error:
            self.wrong.append(Wrong(path, str(error)))
            return _empty(kind)

    def _list(self, kind: Any, raw: Any, path: KeyPath) -> tuple[Any, ...]:
        if raw is not None and not isinstance(raw, list):
            self.wrong.append(Wrong(path, f"expected a list, got {shown(raw)}"))
        parts = raw if isinstance(raw, list) else []
        return tuple(self.value(kind, part, (*path, index)) for index, part in enumerate(parts))

    def _mapping(self, kind: Any, raw: Any, path: KeyPath) -> dict[str, Any]:
        content = self._keys(raw, path)
        return {key: self.value(kind, part, (*path, key)) for key, part in content.items()}

    def _keys(self, raw: Any, path: KeyPath) -> Mapping[str, Any]:
        if isinstance(raw, Mapping):
            return raw
        if raw is not None:  # a null section is an empty one
            self.wrong.append(Wrong(path, f"expected keys and values, got {shown(raw)}"))
        return {}


def _empty(kind: Any) -> Any:
    """Return what stands for a value that could not be read, until the problem is reported."""
    if kind in (str, VersionText, OperationText):
        return ""
    if get_origin(kind) is dict:
        return {}
    return () if get_origin(kind) is tuple or kind is Command else None
