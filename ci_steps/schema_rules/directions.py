"""What a change of a schema means: who sends the value decides."""

from __future__ import annotations

from enum import Enum

from ci_steps.comparisons.changes import Level


class Direction(Enum):
    """Which way a value goes: callers send it, or they get it."""

    REQUEST = "request"
    RESPONSE = "response"

    __hash__ = object.__hash__  # of a member, and of nothing equal: that of Enum is in Python

    @property
    def opposite(self) -> Direction:
        """The other way."""
        return Direction.RESPONSE if self is Direction.REQUEST else Direction.REQUEST


class Effect(Enum):
    """What a change does to the values that a schema allows."""

    NARROWER = "fewer values"
    WIDER = "more values"
    DIFFERENT = "other values"

    def level(self, direction: Direction) -> Level:
        """Return what it is to callers: a request may not get narrower, a response not wider."""
        harmless = Effect.WIDER if direction is Direction.REQUEST else Effect.NARROWER
        return Level.COMPATIBLE if self is harmless else Level.BREAKING
