"""A person's terminal, or a CI system we know nothing about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.protocols import Facts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ci_steps.model import Mark
    from ci_steps.outside import Outside
    from ci_steps.protocols import Deployed


def is_here(environ: Mapping[str, str]) -> bool:
    """Return true: this is the host when no other one is."""
    del environ
    return True


def facts(environ: Mapping[str, str]) -> Facts:
    """Return who is logged in."""
    return Facts(actor=environ.get("USER") or environ.get("LOGNAME", ""))


def mask(secret: str) -> str:
    """Return nothing: the console masks by itself."""
    del secret
    return ""


def quoted(text: str) -> str:
    """Return it as it is: nobody looks for commands in it."""
    return text


def group(title: str) -> tuple[str, str]:
    """Return nothing: a terminal does not fold."""
    del title
    return "", ""


def annotation(level: str, text: str, file: str = "", line: int = 0) -> str:
    """Return nothing: the error itself is on the terminal."""
    del level, text, file, line
    return ""


def keep_marks(marks: Sequence[Mark], outside: Outside) -> None:
    """Do nothing: they are on the terminal."""
    del marks, outside


def hand_over(outputs: Mapping[str, str], summary: str, outside: Outside) -> None:
    """Do nothing: the outputs are in ``.ci-steps/outputs``, the summary on the terminal."""
    del outputs, summary, outside


def comment(topic: str, text: str, outside: Outside) -> str:
    """Do nothing: there is no page for it here."""
    del topic, text, outside
    return ""


def deployed(where: Deployed, outside: Outside) -> None:
    """Do nothing: there is no page of environments here."""
    del where, outside
