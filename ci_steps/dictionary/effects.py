"""What becomes of what is recorded."""

from enum import Enum


class Effect(Enum):
    """What became of something that was recorded."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
