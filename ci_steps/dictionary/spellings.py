"""The ways in which one version may be written in the dictionary."""

from __future__ import annotations

from functools import lru_cache

from ci_steps.errors import VersionError
from ci_steps.versions import CalVersion, SemVersion, parse_version


@lru_cache(maxsize=20_000)
def meaning(text: str) -> object:
    """Return what is equal for the spellings of one version: 1.1 is 1.1.0."""
    try:
        return parse_version(text)
    except VersionError:  # written in a scheme that its text alone does not tell
        return text


@lru_cache(maxsize=20_000)
def spellings(text: str) -> frozenset[str]:
    """Return the ways in which a version may be written in the dictionary."""
    version = meaning(text)
    found = {text}
    if isinstance(version, SemVersion):
        tail = f"-{'.'.join(version.prerelease)}" if version.prerelease else ""
        whole = f"{version.major}.{version.minor}.{version.patch}{tail}"
        short = [] if version.patch or tail else [f"{version.major}.{version.minor}"]
        found |= {f"{prefix}{form}" for prefix in ("", "v") for form in (whole, *short)}
    elif isinstance(version, CalVersion) and not version.bugfix:
        found |= {version.date_digits, f"{version.date_digits}.0"}
    return frozenset(found)
