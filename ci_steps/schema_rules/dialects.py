"""What a schema says in one dialect and not in the other: most say the same in both."""

from __future__ import annotations

from typing import Any

from ci_steps.schema_rules.schema import TEXTS

_NULLABLE = frozenset({"nullable", "x-nullable"})


def is_neutral(value: Any) -> bool:
    """Return whether a value surely means the same in OpenAPI 3.0 and in JSON Schema."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if one.__class__ is dict:
            if not _NULLABLE.isdisjoint(one) or ("$ref" in one and not TEXTS.issuperset(one)):
                return False
            waiting += one.values()
        elif one.__class__ is list:
            if "null" in one:  # a type in JSON Schema alone
                return False
            waiting += one
    return True
