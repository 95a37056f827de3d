"""Templates of the company: sandboxed, strict, and bounded in what they may do and write.

A template that does not work is no reason to leave anybody untold: our words are sent instead,
and the job says why.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ci_steps.notices.stages import kind_of
from ci_steps.notices.wording.mrkdwn import escaped
from ci_steps.notices.wording.spans import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import FrameType

    from jinja2.sandbox import SandboxedEnvironment

    from ci_steps.notices.wording.page import Page
    from ci_steps.protocols import Message

TEXT, HTML, SLACK = "txt.jinja", "html.jinja", "slack.jinja"
SUFFIXES = (TEXT, HTML, SLACK)

_MOST_CHARACTERS = 200_000
_MOST_LINES = 200_000
_OWN_FILE = "<template>"
# These write as much as a number says, at once.
_GREEDY = frozenset({"format", "format_map", "center", "ljust", "rjust", "zfill", "expandtabs"})
_GREEDY_FILTERS = ("center", "format", "indent", "wordwrap")


class OwnWordsError(Exception):
    """A template of the company does not work."""


@dataclass(frozen=True)
class OwnWords:
    """Templates by their file names: ``message.txt.jinja``, ``overdue.slack.jinja``."""

    sources: Mapping[str, str]
    problems: list[str] = field(default_factory=list)

    def said(self, message: Message, page: Page, suffix: str) -> str | None:
        """Return a message in one form; None where no template has it, or it does not work."""
        names = (f"{kind_of(message.stage)}.{suffix}", f"message.{suffix}")
        name = next((one for one in names if one in self.sources), None)
        if name is None:
            return None
        try:
            return rendered(self.sources, name, {"page": page, "message": message})
        except Exception as error:  # whatever a stranger's template does
            problem = f"the template {name} does not work, ours was used: {_why(error)}"
            if problem not in self.problems:
                self.problems.append(problem)
            return None


def rendered(sources: Mapping[str, str], name: str, values: Mapping[str, Any]) -> str:
    """Return what a template says; it sees *values* and other *sources*, and nothing else."""
    template = _environment(sources, name).get_template(name)
    parts: list[str] = []
    length = 0
    with _bounded():
        for part in template.generate(**values):
            length += len(part)
            if length > _MOST_CHARACTERS:
                raise OwnWordsError(f"it writes more than {_MOST_CHARACTERS:,} characters")
            parts.append(part)
    if not "".join(parts).strip():
        raise OwnWordsError("it writes nothing")
    return "".join(parts)


@contextmanager
def _bounded() -> Iterator[None]:
    """Let a template run a number of lines, which is the same on every machine, not a time."""
    left = _MOST_LINES
    before = sys.gettrace()

    def count(frame: FrameType, event: str, _: object) -> Any:
        nonlocal left
        if event == "call":
            return count if "jinja" in frame.f_code.co_filename or _is_own(frame) else None
        left -= 1
        if left < 0:
            raise OwnWordsError("it runs too long")
        return count

    sys.settrace(count)
    try:
        yield
    finally:
        sys.settrace(before)


def _is_own(frame: FrameType) -> bool:
    return frame.f_code.co_filename == _OWN_FILE


def _environment(sources: Mapping[str, str], name: str) -> SandboxedEnvironment:
    from jinja2 import DictLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Bounded(ImmutableSandboxedEnvironment):
        intercepted_binops = frozenset({"*", "**", "%"})

        def wrap_str_format(self, value: Any) -> Any:
            """Return nothing, so that `format` is refused as the others are."""
            return None

        def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
            return attr not in _GREEDY and super().is_safe_attribute(obj, attr, value)

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            if not (isinstance(left, int | float) and isinstance(right, int | float)):
                raise OwnWordsError(f"{operator} is for numbers")
            if operator == "**":
                raise OwnWordsError("** is not allowed")
            return super().call_binop(context, operator, left, right)

    environment = Bounded(
        loader=DictLoader(dict(sources)),
        undefined=StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith(HTML),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for greedy in _GREEDY_FILTERS:
        environment.filters.pop(greedy, None)
    if name.endswith(SLACK):
        environment.finalize = _escaped
    environment.filters["plain"] = plain
    return environment


def _escaped(value: Any) -> Any:
    """Return a value so that it mentions nobody in Slack; what the template says itself may."""
    return escaped(value) if isinstance(value, str) else value


def _why(error: Exception) -> str:
    said = " ".join(str(error).split()) or type(error).__name__
    line = getattr(error, "lineno", None)
    return f"line {line}: {said}"[:300] if line else said[:300]
