"""The JSON Schema of ci-steps.yaml, derived from the options; editors complete with it.

It refuses what is wrong in a file whatever else there is. What is missing in it a file of the
organisation, a variable or a flag may supply, so of all keys only `service` is required.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args, get_origin

import attrs

from ci_steps import registry
from ci_steps.config.settings import Settings
from ci_steps.options import (
    Command,
    OperationText,
    Option,
    VersionText,
    is_optional,
    options_of,
    required_kind,
)
from ci_steps.versions import Requirement

_NAME = r"^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$"
_LONG_FORM_NAME = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
_DESCRIPTION = (
    "What a service says about itself. A file of defaults (extends, CI_STEPS_DEFAULTS) has the "
    "same keys without service and extends."
)
_SIMPLE = {
    str: "string",
    VersionText: "string",
    OperationText: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
}
_COMMAND = {
    "anyOf": [
        {"type": "string", "pattern": r"\S"},
        {"type": "array", "items": {"type": "string"}, "minItems": 1},
    ]
}
_REQUIREMENT = {
    "anyOf": [
        {"type": "string", "pattern": r"^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*-v?[0-9][^+\s]*$"},
        {
            "type": "object",
            "properties": {
                "service": {"type": "string", "pattern": _LONG_FORM_NAME},
                "version": {"type": "string", "minLength": 1},
            },
            "required": ["service", "version"],
            "additionalProperties": False,
        },
    ]
}


def schema() -> dict[str, Any]:
    """Return the schema of the whole file."""
    described = _object(Settings)
    properties = described["properties"]
    properties["service"]["pattern"] = _NAME
    properties["steps"] = _plugs(registry.STEPS, properties["steps"])
    environments = properties["environments"]
    environments["propertyNames"] = {"pattern": _NAME}
    place = environments["additionalProperties"]["properties"]
    one = {"minProperties": 1, "maxProperties": 1}
    place["target"] = {**_plugs(registry.TARGETS, place["target"]), **one, "type": "object"}
    place["traffic"] = {**_plugs(registry.BALANCERS, place["traffic"]), "maxProperties": 1}
    properties["probes"]["additionalProperties"] = _plugs(registry.PROBES, {})
    properties["formats"] = _plugs(registry.CONTRACTS, properties["formats"])
    notify = properties["notify"]["properties"]
    notify["channels"] = _plugs(registry.CHANNELS, notify["channels"])
    retirement = properties["retirement"]["properties"]
    retirement["usage"] = _plugs(registry.USAGES, retirement["usage"])
    retirement["front"] = {
        **_plugs(registry.FRONTS, retirement["front"]),
        "maxProperties": 1,
        "type": "object",
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ci-steps.yaml",
        **described,
        "description": _DESCRIPTION,
        "type": "object",
        "required": ["service"],
    }


def _plugs(plugs: Mapping[str, Any], around: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object whose keys are names of plugs and whose values are their options."""
    described = {key: around[key] for key in ("description", "examples") if key in around}
    return {
        **described,
        "type": ["object", "null"],
        "properties": {name: _object(plug.Options) for name, plug in plugs.items()},
        "additionalProperties": False,
    }


def _object(cls: type[Any]) -> dict[str, Any]:
    return {
        "type": ["object", "null"],
        "description": (cls.__doc__ or "").strip(),
        "properties": {option.key: _property(option) for option in options_of(cls)},
        "additionalProperties": False,
    }


def _property(option: Option) -> dict[str, Any]:
    described = {**_kind(option.kind), "description": option.explain}
    if option.choices:
        described["enum"] = list(option.choices)
    if option.at_least is not None:
        described["minimum"] = option.at_least
    if option.at_most is not None:
        described["maximum"] = option.at_most
    if option.default not in (None, "", (), {}) and not option.is_required:
        described["default"] = _plain(option.default)
    if option.example is not None:
        described["examples"] = [option.example]
    return described


def _kind(kind: Any) -> dict[str, Any]:
    if is_optional(kind):
        return _or_null(_kind(required_kind(kind)))
    if kind is Command:
        return dict(_COMMAND)
    if kind is Requirement:
        return dict(_REQUIREMENT)
    if kind in _SIMPLE:
        return {"type": _SIMPLE[kind]}
    if attrs.has(kind):
        return _with_short_form(kind)
    return _container(kind)


def _with_short_form(kind: Any) -> dict[str, Any]:
    """Return the schema of an options class, which may be what its short form stands for."""
    described = _object(kind)
    short = getattr(kind, "SHORT_FOR", "")
    for option in options_of(kind) if short else ():
        if option.key == short:
            meant = _kind(option.kind)
            kinds = meant["type"] if isinstance(meant["type"], list) else [meant["type"]]
            described.update(meant, type=list(dict.fromkeys([*described["type"], *kinds])))
    return described


def _or_null(described: dict[str, Any]) -> dict[str, Any]:
    if "anyOf" in described:
        return {"anyOf": [*described["anyOf"], {"type": "null"}]}
    kinds = described["type"] if isinstance(described["type"], list) else [described["type"]]
    return {**described, "type": list(dict.fromkeys([*kinds, "null"]))}


def _container(kind: Any) -> dict[str, Any]:
    inner = get_args(kind)
    if get_origin(kind) is tuple:
        return {"type": ["array", "null"], "items": _kind(inner[0])}
    described: dict[str, Any] = {"type": ["object", "null"]}
    if inner[1] is not Any:
        described["additionalProperties"] = _kind(inner[1])
    return described


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
