"""What changed of bindings: whether it breaks callers, only the protocol knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ci_steps.asyncapi_rules.changes import changed
from ci_steps.comparisons.changes import Change, Level
from ci_steps.documents.node import Node

_VERSION = "bindingVersion"  # of the description of a binding, which nobody sends


def compare_bindings(
    subject: str,
    old: Mapping[str, Node],
    new: Mapping[str, Node],
    before: Node,
    after: Node,
) -> Iterator[Change]:
    """Yield a warning for each protocol whose binding is another one."""
    for protocol in sorted({*old, *new}):
        one, other = old.get(protocol), new.get(protocol)
        if one is None or other is None:
            rule = "binding-added" if one is None else "binding-removed"
            text = f"the binding to {protocol} was {'added' if one is None else 'removed'}"
            places = one or before, other or after
            yield changed(rule, Level.WARNING, subject, text, *places)
        elif _content(one) != _content(other):
            text = f"the binding to {protocol} changed"
            yield changed("binding-changed", Level.WARNING, subject, text, one, other)


def _content(binding: Node) -> object:
    value = binding.resolved().value
    if not isinstance(value, dict):
        return value
    return {key: one for key, one in value.items() if key != _VERSION}
