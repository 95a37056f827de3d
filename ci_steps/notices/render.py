"""Facts -> words: the subject, the text and the page of a message."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

    from jinja2 import Environment

    from ci_steps.changes import Change
    from ci_steps.protocols import Message

_WIDTH = 78
_NAMED = 3  # services that a subject names
_SUBJECT_LIMIT = 120
_MOST_CHANGES = 10
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")

# Not strftime: a locale would make the same message differ from machine to machine.
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


@dataclass(frozen=True)
class Words:
    """One message as people read it; `text` has lines of at most 78, `html` is a whole page."""

    subject: str
    summary: str
    text: str
    html: str


def words(message: Message) -> Words:
    """Return the words of *message*; the same facts give the same words."""
    values = facts(message)
    text = _environment().get_template(f"{message.stage}.txt.jinja").render(values)
    html = _environment().get_template(f"{message.stage}.html.jinja").render(values)
    return Words(subject(message), values["summary"], text, html)


def subject(message: Message) -> str:
    """Return what is to be done, by when: the first words are all that some people see."""
    what = f"{message.provider} {message.version} in {message.environment}"
    names = [one.dependent for one in message.obligations]
    short = f"[action by {message.due}] {what}: update {counted(names)}"
    if len(names) > _NAMED:
        return clean(short)
    long = f"[action by {message.due}] {what}: update {listed(names)}"
    return clean(long if len(long) <= _SUBJECT_LIMIT else short)


def facts(message: Message) -> dict[str, Any]:
    """Return every value a template may use, free of line breaks and control characters."""
    names = [one.dependent for one in message.obligations]
    asked = message.provider_owner
    values = {
        "provider": message.provider,
        "version": message.version,
        "to": message.to,
        "environment": message.environment,
        "shipped": f"{message.at:%Y-%m-%d %H:%M} UTC",
        "due": str(message.due),
        "due_day": spoken(message.due),
        "names": listed(names) if len(names) <= _NAMED else counted(names),
        "owner": message.contact_owner.title or message.contact_owner.name,
        "asked": (asked.title or asked.name) if asked else "",
        "url": message.url,
        "link": message.url if is_link(message.url) else "",
        "reference": f"{message.to}/{message.environment}/{message.contact_owner.name}",
        "key": message.key,
    }
    cleaned: dict[str, Any] = {name: clean(value) for name, value in values.items()}
    cleaned["summary"] = f"Move {cleaned['names']} to {cleaned['to']} by {cleaned['due_day']}."
    cleaned["services"] = [
        {"name": clean(one.dependent), "requires": clean(one.requirement)}
        for one in message.obligations
    ]
    cleaned["breaks"] = _breaks(message)
    cleaned["changes"] = [_noticed(one) for one in (message.changes or ())[:_MOST_CHANGES]]
    cleaned["more"] = max(len(message.changes or ()) - _MOST_CHANGES, 0)
    cleaned["mails"] = [clean(one) for one in message.reply_to]
    return cleaned


def _breaks(message: Message) -> str:
    """Return what is known about what breaks; nothing of it is a guess."""
    provider = clean(message.provider)
    if message.changes is None:
        return (
            f"Nobody knows yet which calls of {provider} your services use, and no contracts were "
            "compared for this notice. Read what changed before you plan the move."
        )
    if not message.changes:
        return (
            f"The contract of {provider} was compared with that of the release before, and nothing "
            "in it breaks callers. Read what else changed before you plan the move."
        )
    return (
        f"This is what callers of {provider} notice, compared with the release before; which of "
        "it your services use is not known."
    )


def _noticed(change: Change) -> dict[str, str]:
    place = change.new or change.old
    return {
        "text": clean(change.text),
        "subject": clean(change.subject),
        "place": clean(str(place)) if place else "",
    }


def spoken(day: date) -> str:
    """Return a date nobody can misread: ``Wednesday 23 December 2026``."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def listed(names: list[str]) -> str:
    """Return ``gis``, ``geo and gis``, ``a, b and c``."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def counted(names: list[str]) -> str:
    """Return how many services there are: ``12 services``."""
    return "1 service" if len(names) == 1 else f"{len(names)} services"


def clean(text: str) -> str:
    """Return *text* on one line: a line break in a name must not begin a header or a section."""
    return _CONTROL.sub(" ", text).strip()


def is_link(url: str) -> bool:
    """Return whether *url* may be put behind a link: short, and nothing a browser executes."""
    return re.fullmatch(r"https?://[^\s\"'<>]{1,1000}", url) is not None


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
    environment.filters["filled"] = _filled
    return environment


def _filled(text: str, indent: int = 0, mark: str = "") -> str:
    """Return *text* in lines of at most 78; an address that is longer stays whole."""
    return textwrap.fill(
        " ".join(text.split()),
        _WIDTH,
        initial_indent=" " * indent + mark,
        subsequent_indent=" " * (indent + len(mark)),
        break_long_words=False,
        break_on_hyphens=False,
    )
