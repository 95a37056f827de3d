"""A page -> words: the subject, the text and the HTML of a message."""

from __future__ import annotations

import textwrap
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ci_steps.notices.wording.own_words import HTML, TEXT
from ci_steps.notices.wording.pages import page
from ci_steps.notices.wording.spans import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinja2 import Environment

    from ci_steps.notices.wording.own_words import OwnWords
    from ci_steps.notices.wording.page import Page
    from ci_steps.protocols import Message

_WIDTH = 78


@dataclass(frozen=True)
class Words:
    """One message as people read it; `text` has lines of at most 78, `html` is a whole page."""

    subject: str
    summary: str
    text: str
    html: str


_OWN: ContextVar[OwnWords | None] = ContextVar("own words", default=None)


@contextmanager
def own_words_are(own: OwnWords | None) -> Iterator[None]:
    """Let a company's templates count for what is put into words meanwhile."""
    before = _OWN.set(own)
    try:
        yield
    finally:
        _OWN.reset(before)


def words(message: Message) -> Words:
    """Return the words of *message*; the same facts give the same words."""
    said = page(message)
    text, html = own_form(message, said, TEXT), own_form(message, said, HTML)
    return Words(
        said.subject,
        said.summary,
        text or _rendered("txt", said),
        html or _rendered("html", said),
    )


def own_form(message: Message, said: Page, suffix: str) -> str | None:
    """Return a message in the company's own words, where it has any that work."""
    own = _OWN.get()
    return own.said(message, said, suffix) if own else None


def _rendered(form: str, said: Page) -> str:
    return _environment().get_template(f"message.{form}.jinja").render(page=said)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import PackageLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(
        loader=PackageLoader("ci_steps.notices.wording"),
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
