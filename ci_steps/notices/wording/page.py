"""What a message says, in the order in which it is read, before it has a form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ci_steps.notices.wording.spans import Line

# What colour may underline; the words say it as well.
CALM, SOON, NOW, NEWS = "calm", "soon", "now", "news"


@dataclass(frozen=True)
class Deadline:
    """The day it is about: ``by``, ``Wednesday 23 December 2026``, ``30 days``."""

    label: str
    day: str
    rest: str = ""
    then: str = ""


@dataclass(frozen=True)
class Block:
    """A titled part: a command to copy, sentences, a list, what is said `after` it, pairs.

    A pair is a name and what it is. A block with `columns` is a table where there is room for
    one, and its `items` are the same rows as lines. `more` items are left out.
    """

    title: str
    lines: tuple[Line, ...] = ()
    items: tuple[Line, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Line, ...], ...] = ()
    pairs: tuple[tuple[str, Line], ...] = ()
    command: str = ""
    more: int = 0
    after: tuple[Line, ...] = ()
    name: str = ""


@dataclass(frozen=True)
class Page:
    """One message. `headline` is what to do; `lead` what happened; `footer` why one gets it."""

    subject: str
    headline: str
    summary: str
    tone: str
    lead: tuple[Line, ...]
    blocks: tuple[Block, ...]
    footer: tuple[Line, ...]
    deadline: Deadline | None = None
    notes: tuple[Line, ...] = ()
    preheader: str = ""
