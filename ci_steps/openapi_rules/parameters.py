"""What callers send beside the body."""

from __future__ import annotations

from collections.abc import Mapping

from ci_steps.documents.node import Node
from ci_steps.openapi_rules.description import Operation, Parameter, names_in
from ci_steps.openapi_rules.reader import media_type
from ci_steps.openapi_rules.values import compare_values
from ci_steps.schema_rules.comparison import Comparison
from ci_steps.schema_rules.spots import Kind, Spot
from ci_steps.schema_rules.types import types_of

# OpenAPI says of these elsewhere, and ignores parameters that are called so.
_IGNORED = {("header", "accept"), ("header", "content-type"), ("header", "authorization")}
_Key = tuple[str, str]


def compare_parameters(old: Operation, new: Operation, spot: Spot, walk: Comparison) -> None:
    """Compare parameters by place and name; those of the path by their position."""
    before, after = _parameters(old), _parameters(new)
    for key, parameter in before.items():
        if key in after:
            _compare(parameter, after[key], parameter_spot(parameter, spot), walk)
        elif parameter.place != "path":
            here = parameter_spot(parameter, spot)
            walk.found.add("request-parameter-removed", here, parameter.node)
    for key, parameter in after.items():
        if key not in before and parameter.place != "path":
            need = "required" if parameter.is_required else "optional"
            here = parameter_spot(parameter, spot)
            walk.found.add(f"new-{need}-request-parameter", here, None, parameter.node)
            walk.tell_deprecated("request-parameter", here, None, parameter.node)


def _parameters(operation: Operation) -> Mapping[_Key, Parameter]:
    positions = {name: index for index, name in enumerate(names_in(operation.template))}
    found: dict[_Key, Parameter] = {}
    for parameter in operation.parameters:
        if parameter.place == "path" and parameter.name in positions:
            found["path", str(positions[parameter.name])] = parameter
        elif parameter.key not in _IGNORED:
            found[parameter.key] = parameter
    return found


def parameter_spot(parameter: Parameter, spot: Spot) -> Spot:
    """Return the spot of a parameter."""
    noun = f"the {parameter.place} parameter `{parameter.name}`"
    called = f"{spot.called} {parameter.place} {parameter.name}"
    return spot._replace(kind=Kind.PARAMETER, noun=noun, short=called, is_text=True)


def _compare(old: Parameter, new: Parameter, spot: Spot, walk: Comparison) -> None:
    _compare_styles(old, new, spot._replace(old=old.node, new=new.node), walk)
    is_text = not old.is_content and not new.is_content
    compare_values("request-parameter", old, new, spot, walk, is_text=is_text)


def _compare_styles(old: Parameter, new: Parameter, spot: Spot, walk: Comparison) -> None:
    """Compare how lists and objects are written; of a single value it makes no difference."""
    media = _media(old), _media(new)
    if media[0] != media[1]:
        said = media[0] or old.style, media[1] or new.style
        places = old.node.get("content"), new.node.get("content")
        walk.found.add("request-parameter-style-changed", spot, *places, said=said)
        return
    if not _has_parts(old) or not _has_parts(new):
        return
    for name in ("style", "explode"):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            keywords = (_written(one.node, name) for one in (old, new))
            before, after = keywords
            rule = f"request-parameter-{name}-changed"
            walk.found.add(rule, spot, before, after, said=(was, now))
            return


def _media(parameter: Parameter) -> str:
    """Return the media type that a value is written in, nothing where a style says how."""
    content = parameter.node.get("content")
    names = [media_type(name) for name, _ in content.entries()] if content is not None else []
    return next(iter(names), "")


def _written(node: Node, name: str) -> Node | None:
    return node.get(name) or node.get("collectionFormat")


def _has_parts(parameter: Parameter) -> bool:
    return parameter.schema is None or types_of(parameter.schema).has("array", "object")
