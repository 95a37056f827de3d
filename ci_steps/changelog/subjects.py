"""What people say that will end -> what it is, or why it cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.changelog.document import Kind
from ci_steps.changelog.plan import Subject
from ci_steps.dictionary.release_questions import check_line
from ci_steps.errors import UsageError
from ci_steps.versions import parse_requirement, parse_version

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary

_MOST_LETTERS = 500


def subject_of(
    dictionary: Dictionary, service: str, kind: str, name: str, environment: str
) -> Subject:
    """Return it; UsageError for a line, a version or an environment that nobody knows."""
    asked = Kind(kind)
    if asked is Kind.LINE:
        return _line(dictionary, service, name.removeprefix("v"), environment)
    if asked is Kind.VERSION:
        return Subject(asked, _version(dictionary, service, name))
    if asked is Kind.DEPENDENCY:
        return Subject(asked, parse_requirement(name).written)
    return Subject(asked, _text(name, kind))


def _line(dictionary: Dictionary, service: str, line: str, environment: str) -> Subject:
    known = dictionary.known_environment(environment).name
    # Nothing arrives already deprecated.
    with dictionary.reading() as connection:
        check_line(connection, service, line)
    return Subject(Kind.LINE, line, known)


def _version(dictionary: Dictionary, service: str, text: str) -> str:
    version = parse_version(text)
    found = dictionary.release(service, version)
    if found is None:
        hint = f"See ci-steps dictionary history {service}."
        raise UsageError(f"{service} {text} was never released", hint=hint)
    return str(found.version)


def _text(name: str, kind: str) -> str:
    text = " ".join(name.split())
    if not text or not text.isprintable() or len(text) > _MOST_LETTERS:
        shown = repr(name[:60])
        raise UsageError(f"{shown} is not the name of {_a(kind)}: at most {_MOST_LETTERS} letters")
    return text


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
