"""Versions and requirements as the dictionary keeps them; thousands have few different ones."""

from __future__ import annotations

from functools import lru_cache

from ci_steps.errors import VersionError
from ci_steps.versions import Requirement, Version, parse_version, requirement


@lru_cache(maxsize=20_000)
def read_version(text: str, scheme: str | None = None) -> Version:
    """Read a stored version; the same text is read once."""
    return parse_version(text, scheme)


@lru_cache(maxsize=20_000)
def read_requirement(provider: str, written: str) -> Requirement:
    """Read a stored requirement; the provider tells where its name ends."""
    return requirement(provider, written[len(provider) + 1 :])


def is_version(text: str, version: Version | str) -> bool:
    """Return whether *text* is *version*, perhaps in another spelling: 1.1 is 1.1.0."""
    if text == str(version):
        return True
    try:
        asked = parse_version(version) if isinstance(version, str) else version
        return parse_version(text, asked.scheme) == asked
    except VersionError:
        return False
