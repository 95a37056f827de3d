"""Where a comparison is: whose value it is, which way it goes, and how people call it."""

from __future__ import annotations

from collections.abc import Hashable
from enum import Enum
from typing import NamedTuple

from ci_steps.documents.node import Node
from ci_steps.schema_rules.directions import Direction


class Kind(Enum):
    """What a schema belongs to; the value is a part of the names of rules."""

    BODY = "body"
    PROPERTY = "property"
    PARAMETER = "parameter"
    PARAMETER_PROPERTY = "parameter-property"
    HEADER = "header"
    HEADER_PROPERTY = "header-property"

    __hash__ = object.__hash__  # of a member, and of nothing equal: that of Enum is in Python

    @property
    def of_property(self) -> Kind:
        """What a property of it is."""
        return _PROPERTIES.get(self, self)

    @property
    def of_item(self) -> Kind:
        """What an item of it is."""
        return Kind.PROPERTY if self is Kind.BODY else self

    @property
    def is_text(self) -> bool:
        """Whether its value is written as text, so that a number is a text as well."""
        return self in {Kind.PARAMETER, Kind.HEADER}


_PROPERTIES = {
    Kind.BODY: Kind.PROPERTY,
    Kind.PARAMETER: Kind.PARAMETER_PROPERTY,
    Kind.HEADER: Kind.HEADER_PROPERTY,
}


class Spot(NamedTuple):
    """A pair of schemas that are compared; a tuple, because every part of a schema makes one.

    `owner` is what is compared as a whole (an operation, a shared schema), `called` its name in
    sentences, `short` in tables; `noun` is what the value is there (``the body``), and `path`
    leads from there to the value.
    """

    direction: Direction
    kind: Kind
    owner: Hashable
    called: str
    noun: str
    old: Node
    new: Node
    path: str = ""
    is_text: bool = False
    short: str = ""

    @property
    def subject(self) -> str:
        """What changed, in short: ``GET /tokens 200 application/json /expires``."""
        return f"{self.short or self.called} {self.path}".strip()

    @property
    def it(self) -> str:
        """What changed, in a sentence."""
        return f"the property `{self.path[1:]}`" if self.path else self.noun

    def below(self, part: str, old: Node | None, new: Node | None, *, kind: Kind) -> Spot:
        """Return the spot of a part; where a side has none, it is at what it would be in."""
        path = f"{self.path}/{part}" if part else self.path
        is_text = self.is_text and kind is self.kind
        # Not by `_replace`, which takes three times as long.
        return Spot(
            self.direction,
            kind,
            self.owner,
            self.called,
            self.noun,
            old or self.old,
            new or self.new,
            path,
            is_text,
            self.short,
        )

    def behind(self, is_direct: bool) -> Spot:  # noqa: FBT001 (one place asks)
        """Return the spot of what is referred to, by the schema itself or by a part of it."""
        kind = self.kind if is_direct else self.kind.of_property
        return self if kind is self.kind else self._replace(kind=kind, is_text=False)

    def property(self, name: str, old: Node | None, new: Node | None) -> Spot:
        """Return the spot of a property."""
        return self.below(name, old, new, kind=self.kind.of_property)

    def item(self, name: str, old: Node | None, new: Node | None) -> Spot:
        """Return the spot of the items of a list."""
        return self.below(name, old, new, kind=self.kind.of_item)
