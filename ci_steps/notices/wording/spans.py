"""Pieces of sentences that every form of a message shows in its own way, and how names are put."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")

# Not strftime: a locale would make the same message differ from machine to machine.
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


@dataclass(frozen=True)
class Code:
    """What a computer reads: a version, a command."""

    form: ClassVar[str] = "code"

    text: str


@dataclass(frozen=True)
class Strong:
    """What the eye should find."""

    form: ClassVar[str] = "strong"

    text: str


@dataclass(frozen=True)
class Link:
    """An address behind words; the text form shows the address as it is."""

    form: ClassVar[str] = "link"

    text: str
    url: str


Span: TypeAlias = "str | Code | Strong | Link"
Line: TypeAlias = "tuple[Span, ...]"


def plain(line: Line) -> str:
    """Return a line without any form: what a phone shows, and a screen reader says."""
    return "".join(one if isinstance(one, str) else _plain(one) for one in line)


def _plain(span: Code | Strong | Link) -> str:
    if isinstance(span, Link) and span.url not in (span.text, f"mailto:{span.text}"):
        return f"{span.text}: {span.url}"
    return span.text


def spoken(day: date) -> str:
    """Return a date nobody can misread: ``Wednesday 23 December 2026``."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def listed(names: Sequence[str]) -> str:
    """Return ``gis``, ``geo and gis``, ``a, b and c``."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def counted(number: int, what: str = "service") -> str:
    """Return how many there are: ``12 services``."""
    return f"1 {what}" if number == 1 else f"{number:,} {what}s"


def clean(text: str) -> str:
    """Return *text* on one line: a line break in a name must not begin a header or a section."""
    return _CONTROL.sub(" ", text).strip()


def is_link(url: str) -> bool:
    """Return whether *url* may be put behind a link: short, and nothing a browser executes."""
    return re.fullmatch(r"https?://[^\s\"'<>]{1,1000}", url) is not None
