"""One declaration for everything a user may configure.

An options class is an attrs class whose fields come from `option`. Flags, names of
environment variables, the JSON Schema for editors, the inputs of the action and the
reference pages are derived from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NewType, TypeVar, get_args, get_origin, get_type_hints

import attrs

Command = NewType("Command", tuple[str, ...])
"""A program and its arguments; never a line for a shell."""

VersionText = NewType("VersionText", str)
"""A version as people write it; a number is refused with the reason."""

OperationText = NewType("OperationText", str)
"""An operation or a name of a contract, as people write it: ``POST /login: token, expires``."""

_T = TypeVar("_T")

REQUIRED: Any = attrs.NOTHING

_BOOLS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def option(
    default: _T,
    explain: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    choices: Sequence[str] = (),
    example: Any = None,
) -> _T:
    """Declare one option; *explain* is a sentence, `REQUIRED` as *default* means: must be given."""
    metadata = {
        "explain": explain,
        "at_least": at_least,
        "at_most": at_most,
        "choices": tuple(choices),
        "example": example,
    }
    declared: Any = {"metadata": metadata, "validator": _check}
    if isinstance(default, (dict, list)):
        kind, content = type(default), default
        return attrs.field(factory=lambda: kind(content), **declared)  # type: ignore[no-any-return]
    return attrs.field(default=default, **declared)  # type: ignore[no-any-return]


def _check(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    problem = _problem(value, attribute.metadata)
    if problem:
        raise ValueError(f"{attribute.name}: {problem}")


def _problem(value: Any, limits: Mapping[str, Any]) -> str:
    least, most, choices = limits["at_least"], limits["at_most"], limits["choices"]
    if value is None:
        return ""
    if least is not None and not value >= least:
        return f"expected at least {least:g}, got {value:g}"
    if most is not None and not value <= most:
        return f"expected at most {most:g}, got {value:g}"
    if choices and value not in choices:
        return f"expected {' or '.join(filter(None, choices))}, got {value!r}"
    return ""


@dataclass(frozen=True)
class Option:
    """One declared option, as flags, schema and reference pages need it."""

    key: str
    kind: Any
    default: Any
    explain: str
    at_least: float | None
    choices: tuple[str, ...]
    example: Any
    at_most: float | None = None

    @property
    def is_required(self) -> bool:
        """Return whether it has no default."""
        return self.default is REQUIRED

    @property
    def is_section(self) -> bool:
        """Return whether it has keys of its own: it is written in the file, and has no flag."""
        return attrs.has(section_kind(self.kind))

    @property
    def flag(self) -> str:
        """Return the name on the command line."""
        return "--" + self.key.replace("_", "-")

    def variable(self, step: str) -> str:
        """Return the name of the environment variable that sets it for *step*."""
        return f"CI_STEPS_{step}_{self.key}".upper().replace("-", "_")

    def problem(self, value: Any) -> str:
        """Return why a value of the right kind is not allowed, or nothing."""
        limits = {"at_least": self.at_least, "at_most": self.at_most, "choices": self.choices}
        return _problem(value, limits)


def section_kind(kind: Any) -> Any:
    """Return what a section is made of, where *kind* is one or a list of them."""
    kind = required_kind(kind)
    return get_args(kind)[0] if get_origin(kind) is tuple else kind


def options_of(cls: type[Any]) -> tuple[Option, ...]:
    """Return the options an options class declares, in their order."""
    kinds = get_type_hints(cls)
    return tuple(_option(attribute, kinds[attribute.name]) for attribute in attrs.fields(cls))


def _option(attribute: attrs.Attribute[Any], kind: Any) -> Option:
    default: Any = attribute.default
    # A factory is an attrs.Factory: the class has no name that mypy and `isinstance` share.
    if hasattr(default, "takes_self"):
        default = default.factory()
    return Option(key=attribute.name, kind=kind, default=default, **attribute.metadata)


def flags_of(cls: type[Any]) -> tuple[Option, ...]:
    """Return the options that a flag or a variable can give."""
    return tuple(option for option in options_of(cls) if not option.is_section)


def secret_names(options: Any) -> tuple[str, ...]:
    """Return the environment variables with secrets that an options object names."""
    found: list[str] = []
    for option in options_of(type(options)):
        value = getattr(options, option.key)
        if option.key.endswith("_env"):
            found.append(value or "")
        elif option.key == "secrets":
            found += value.values() if isinstance(value, Mapping) else value
    return tuple(filter(None, found))


def from_text(kind: Any, text: str) -> Any:
    """Return what *text*, a flag or a variable, means for an option of *kind*.

    A text that does not fit is returned as it is: reading the options then says what
    was expected, at the place the text came from.
    """
    kind = required_kind(kind)
    if kind is bool:
        return _BOOLS.get(text.lower(), text)
    if kind in (int, float):
        return _number(kind, text)
    if get_origin(kind) is tuple:
        parts = (part.strip() for part in text.replace(",", "\n").splitlines())
        return [from_text(get_args(kind)[0], part) for part in parts if part]
    if get_origin(kind) is dict:
        return _entries(get_args(kind)[1], text)
    return text


def _number(kind: Any, text: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        return text


def _entries(kind: Any, text: str) -> Any:
    lines = [line.partition("=") for line in text.splitlines() if line.strip()]
    if not all(separator for _, separator, _ in lines):
        return text
    return {key.strip(): from_text(kind, value) for key, _, value in lines}


def is_optional(kind: Any) -> bool:
    """Return whether *kind* admits None."""
    return type(None) in get_args(kind)


def required_kind(kind: Any) -> Any:
    """Return *kind* without None."""
    if not is_optional(kind):
        return kind
    return next(part for part in get_args(kind) if part is not type(None))
