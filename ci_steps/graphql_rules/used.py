"""What operations use of a schema: types, members, arguments, directives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Used:
    """What is used by its coordinates; `doubts` say what of it the schema does not have."""

    operations: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    arguments: set[str] = field(default_factory=set)
    doubts: list[str] = field(default_factory=list)

    def take_result(self, member: Any) -> None:
        """Take what a member is of; an enum that is read may be any of its values."""
        from graphql import get_named_type

        kind: Any = get_named_type(getattr(member, "type", None))
        if kind is not None:
            self.types.add(kind.name)
            self.members |= {f"{kind.name}.{value}" for value in getattr(kind, "values", ())}

    def take_input(self, kind: Any) -> None:
        """Take all of a type that is sent: what is in a variable is not known."""
        from graphql import get_named_type

        waiting: list[Any] = [get_named_type(kind)]
        seen: set[str] = set()
        while waiting:
            one = waiting.pop()
            if one is None or one.name in seen:
                continue
            seen.add(one.name)
            self.types.add(one.name)
            self.members |= {f"{one.name}.{member}" for member in members_of(one)}
            fields = getattr(one, "fields", {})
            waiting += [get_named_type(input_field.type) for input_field in fields.values()]


def members_of(kind: Any) -> dict[str, Any]:
    """Return the fields or values of a type by name."""
    return {**getattr(kind, "fields", {}), **getattr(kind, "values", {})}
