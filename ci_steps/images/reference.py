"""What an image is called: ``registry.example.org:5000/shop/auth:1.1.0``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ci_steps.addresses import is_this_machine
from ci_steps.errors import UsageError

# https://github.com/distribution/reference: path components, tag and host
_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_NAME = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_HOST = re.compile(r"(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9][A-Za-z0-9.-]*)(?::[0-9]{1,5})?")
_HINT = "A name has small letters and digits, with - . or _ between them and / between parts."


@dataclass(frozen=True)
class Reference:
    """The name of an image; without a host it is one of this machine's."""

    host: str
    name: str
    tag: str

    def __str__(self) -> str:
        """Return the written form."""
        return f"{self.host}/{self.name}:{self.tag}" if self.host else f"{self.name}:{self.tag}"

    @property
    def is_on_this_machine(self) -> bool:
        """Return whether the registry is reached without a network, and so without TLS.

        It is what docker takes for safe by itself.
        """
        return is_this_machine(re.sub(r":[0-9]+$", "", self.host).strip("[]"))


def refer(registry: str, name: str, tag: str) -> Reference:
    """Return the reference of an image; UsageError quotes the part that cannot be.

    *registry* is empty, a host with or without a port, and may have a path behind it. As in
    every engine, its first part is a host when it has a dot or a colon or is ``localhost``.
    """
    host, _, path = registry.strip("/").partition("/")
    if host and not (set(".:") & set(host) or host == "localhost"):
        host, path = "", registry.strip("/")
    _check(_HOST, host, "the host of a registry", "Write it like registry.example.org:5000.")
    full_name = f"{path}/{name}" if path else name
    if not full_name or not _NAME.fullmatch(full_name):
        raise UsageError(f"{full_name!r} is not the name of an image", hint=_HINT)
    if not _TAG.fullmatch(tag):
        raise UsageError(f"{tag!r} is not the tag of an image", hint="A tag has no + and no /.")
    return Reference(host, full_name, tag)


def split(written: str) -> Reference:
    """Return the parts of a written reference that has a tag."""
    rest, _, tag = written.rpartition(":")
    registry, _, name = rest.rpartition("/")
    return refer(registry, name, tag)


def split_in_registry(written: str) -> Reference:
    """Return the parts of a reference that a registry can be asked for; UsageError if it cannot."""
    name, colon, tag = written.rpartition(":")
    hint = "Write it like registry.example.org:5000/shop/auth:1.1.0."
    if not colon or "/" in tag:
        raise UsageError(f"{written!r} has no tag", hint=hint)
    reference = split(f"{name}:{tag}")
    if not reference.host:
        raise UsageError(f"{written!r} names no registry", hint=hint)
    return reference


def _check(pattern: re.Pattern[str], text: str, what: str, hint: str) -> None:
    if text and not pattern.fullmatch(text):
        raise UsageError(f"{text!r} is not {what}", hint=hint)
