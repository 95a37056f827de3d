"""Spots of an API that are no schema."""

from __future__ import annotations

from ci_steps.documents.node import Node
from ci_steps.openapi_rules.description import Operation
from ci_steps.schema_rules.directions import Direction
from ci_steps.schema_rules.spots import Kind, Spot


def spot_of(
    called: str,
    old: Node,
    new: Node,
    owner: object,
    *,
    direction: Direction = Direction.REQUEST,
    kind: Kind = Kind.BODY,
    noun: str = "the body",
) -> Spot:
    """Return a spot that is called *called*."""
    return Spot(direction, kind, owner, called, noun, old, new, is_text=kind.is_text)


def owner_of(operation: Operation) -> tuple[str, str]:
    """Return what stands for an operation among those who reach a schema."""
    return operation.method, operation.template
