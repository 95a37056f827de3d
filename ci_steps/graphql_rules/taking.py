"""A walk through GraphQL operations that takes what it comes by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

# Imported only where a walk begins: graphql-core is an extra.
from graphql import GraphQLSchema, TypeInfo, Visitor, get_named_type, is_abstract_type

if TYPE_CHECKING:
    from ci_steps.graphql_rules.used import Used


class Taking(Visitor):
    """Takes types, members and arguments; *info* says where in *schema* the walk is."""

    def __init__(self, info: TypeInfo, schema: GraphQLSchema, used: Used) -> None:
        super().__init__()
        self._info, self._schema, self._used = info, schema, used

    def enter_operation_definition(self, node: Any, *_: Any) -> None:
        """Take the kind of an operation."""
        self._used.operations.add(node.operation.value)

    def enter_variable_definition(self, *_: Any) -> None:
        """Take all that a variable may hold."""
        self._used.take_input(self._info.get_input_type())

    def enter_field(self, node: Any, *_: Any) -> None:
        """Take a field, of the type around and of those that this one may stand for."""
        owners, name = self._owners(), node.name.value
        self._used.types.update(owners)
        self._used.members.update(f"{owner}.{name}" for owner in owners)
        self._used.arguments.update(
            f"{owner}.{name}({argument.name.value}:)"
            for owner in owners
            for argument in node.arguments or ()
        )
        self._used.take_result(self._info.get_field_def())

    def enter_argument(self, *_: Any) -> None:
        """Take the type of an argument."""
        argument = self._info.get_argument()
        if argument is not None:
            self._used.types.add(get_named_type(argument.type).name)

    def enter_directive(self, node: Any, *_: Any) -> None:
        """Take a directive."""
        self._used.types.add(f"@{node.name.value}")

    def enter_object_field(self, node: Any, *_: Any) -> None:
        """Take a field that is sent."""
        owner = get_named_type(self._info.get_parent_input_type())
        if owner is not None:
            self._used.types.add(owner.name)
            self._used.members.add(f"{owner.name}.{node.name.value}")

    def enter_enum_value(self, node: Any, *_: Any) -> None:
        """Take a value that is sent."""
        kind = get_named_type(self._info.get_input_type())
        if kind is not None:
            self._used.members.add(f"{kind.name}.{node.value}")

    def enter_named_type(self, node: Any, *_: Any) -> None:
        """Take the type that a fragment or a variable is of."""
        self._used.types.add(node.name.value)

    def _owners(self) -> list[str]:
        parent = self._info.get_parent_type()
        possible = self._schema.get_possible_types(parent) if is_abstract_type(parent) else ()
        return [one.name for one in (parent, *possible) if one is not None]
