"""A page -> words: the subject, the text and the HTML of a message."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ci_steps.notices.pages import page
from ci_steps.notices.spans import plain

if TYPE_CHECKING:
    from jinja2 import Environment

    from ci_steps.notices.page import Page
    from ci_steps.protocols import Message

_WIDTH = 78


@dataclass(frozen=True)
class Words:
    """One message as people read it; `text` has lines of at most 78, `html` is a whole page."""

    subject: str
    summary: str
    text: str
    html: str


def words(message: Message) -> Words:
    """Return the words of *message*; the same facts give the same words."""
    said = page(message)
    return Words(said.subject, said.summary, _rendered("txt", said), _rendered("html", said))


def _rendered(form: str, said: Page) -> str:
    return _environment().get_template(f"message.{form}.jinja").render(page=said)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import PackageLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(
        loader=PackageLoader("ci_steps.notices"),
        undefined=StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith(".html.jinja"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["filled"] = filled
    environment.filters["plain"] = plain
    return environment


def filled(text: str, indent: int = 0, mark: str = "") -> str:
    """Return *text* in lines of at most 78; an address that is longer stays whole."""
    return textwrap.fill(
        " ".join(text.split()),
        _WIDTH,
        initial_indent=" " * indent + mark,
        subsequent_indent=" " * (indent + len(mark)),
        break_long_words=False,
        break_on_hyphens=False,
    )
