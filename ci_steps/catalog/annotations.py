"""Our annotations in a Backstage catalog: what the format itself has no place for.

Each value is a text. A release may be listed more than once, with a suffix of one's choice
behind the four keys that belong together: ``ci-steps.io/version.2``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ci_steps.errors import UsageError
from ci_steps.model import Contact
from ci_steps.versions import parse_requirement, requirement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_steps.versions import Requirement

PREFIX = "ci-steps.io/"

OWNER = PREFIX + "owner"
CONTACTS = PREFIX + "contacts"
EMAIL = PREFIX + "email"
SLACK = PREFIX + "slack-channel"
TIME_ZONE = PREFIX + "time-zone"
LEAD = PREFIX + "lead"
DEPUTIES = PREFIX + "deputies"

SERVICE = PREFIX + "service"
VERSION = PREFIX + "version"
COMMIT = PREFIX + "commit"
REQUIREMENTS = PREFIX + "requirements"
ENVIRONMENTS = PREFIX + "environments"
PRODUCTION = PREFIX + "production-environments"

# https://backstage.io/docs/features/software-catalog/well-known-annotations
SOURCE = "backstage.io/source-location"

ON_OWNERS = (OWNER, CONTACTS, EMAIL, SLACK, TIME_ZONE, LEAD, DEPUTIES)
OF_RELEASE = (VERSION, COMMIT, REQUIREMENTS, ENVIRONMENTS)
ON_SERVICES = (SERVICE, PRODUCTION, *OF_RELEASE)

_SEPARATOR = re.compile(r"[\s,]+")
# No longer than the dictionary's columns.
_WORD = re.compile(r"[^\s,:]{1,63}")
_COMMIT = re.compile(r"\S{0,127}")


def parts(text: str) -> list[str]:
    """Return the members of a list: there is a comma or a blank between them."""
    return [part for part in _SEPARATOR.split(text) if part]


def read_requirement(text: str) -> Requirement:
    """Read ``auth-1.1``, or ``auth-2@1.1`` for a name that ends like a version."""
    name, separator, version = text.partition("@")
    try:
        return requirement(name, version) if separator else parse_requirement(text)
    except UsageError as error:
        hint = "Write it like auth-1.1, or auth-2@1.1 if the name ends like a version."
        raise UsageError(str(error), hint=hint) from None


def write_requirements(requirements: Iterable[Requirement]) -> str:
    """Return what `read_requirement` reads, with commas."""
    return ", ".join(_written(one) for one in requirements)


def read_run(text: str) -> tuple[str, str]:
    """Read ``production``, or ``production:blue`` for a slot other than that of the line."""
    environment, separator, slot = text.partition(":")
    if not _WORD.fullmatch(environment) or bool(separator) != bool(_WORD.fullmatch(slot)):
        raise UsageError(
            f"{text!r} is not an environment",
            hint="Write its name, and a slot behind a colon: production:blue.",
        )
    return environment, slot


def write_run(environment: str, slot: str) -> str:
    """Return what `read_run` reads."""
    text = f"{environment}:{slot}" if slot else environment
    if not all(_WORD.fullmatch(part) for part in filter(None, (environment, slot))):
        raise UsageError(f"{text!r} cannot be exported: it has a blank, a comma or a colon in it")
    return text


def read_commit(text: str) -> str:
    """Return *text* if a commit may be called so."""
    if not _COMMIT.fullmatch(text):
        raise UsageError(f"{text!r} is not a commit: at most 127 signs, no blanks")
    return text


def read_contacts(text: str) -> tuple[Contact, ...]:
    """Read one contact a line: ``email: auth-owners@shop.example``."""
    return tuple(_contact(line) for line in text.splitlines() if line.strip())


def write_contacts(contacts: Iterable[Contact]) -> str:
    """Return what `read_contacts` reads."""
    wanted = tuple(contacts)
    text = "\n".join(f"{one.channel}: {one.address}" for one in wanted)
    try:
        is_readable = read_contacts(text) == wanted
    except UsageError:
        is_readable = False
    if not is_readable:
        raise UsageError(f"{text!r} cannot be exported as contacts, one a line")
    return text


def _written(one: Requirement) -> str:
    try:
        is_plain = parse_requirement(one.written) == one
    except UsageError:
        is_plain = False
    return one.written if is_plain else f"{one.provider}@{one.version_text}"


def _contact(line: str) -> Contact:
    channel, separator, address = (part.strip() for part in line.partition(":"))
    if not separator or not _WORD.fullmatch(channel) or not address:
        raise UsageError(
            f"{line!r} is not a contact", hint="Write a channel and an address: slack: #auth-team."
        )
    return Contact(channel, address)
