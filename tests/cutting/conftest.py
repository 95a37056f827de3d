"""Machines on which a dependency runs, as the targets have them."""

from tests.targets.conftest import compose_world, ecs_world, world

__all__ = ["compose_world", "ecs_world", "world"]
