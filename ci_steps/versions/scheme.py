"""The schemes users name, and reading a version of any of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ci_steps.errors import VersionError
from ci_steps.versions.calver import CalVersion, looks_like_calver
from ci_steps.versions.dated import DatedVersion
from ci_steps.versions.reading import UnreadableError, check_characters, text_of
from ci_steps.versions.semver import SemVersion

if TYPE_CHECKING:
    from ci_steps.versions.version import Version

# The words for --scheme; calver takes months and days, which are compared apart.
SCHEMES = ("dated", "semver", "calver")

_READERS: dict[str, type[Version]] = {
    "dated": DatedVersion,
    "semver": SemVersion,
    "calver": CalVersion,
    "calver-month": CalVersion,
    "calver-day": CalVersion,
}
_EXAMPLES = ", ".join(reader.example for reader in (SemVersion, DatedVersion)) + ", or 201610"


def parse_version(text: str, scheme: str | None = None) -> Version:
    """Read a version; its scheme is recognised from the text unless *scheme* says it.

    Six or eight digits, alone or with one number behind them, are a date: ``201610.2`` is
    calver, and semver only for who says so. *scheme* may be one of SCHEMES or a
    `Version.scheme`.
    """
    reader = _recognised(text_of(text)) if scheme is None else _named(scheme)
    version = reader.parse(text)
    if (
        scheme is not None
        and version.scheme.startswith("calver-")
        and scheme
        not in {
            "calver",
            version.scheme,
        }
    ):
        raise VersionError(text, f"it is {version.scheme}", what=scheme)
    return version


def _named(scheme: str) -> type[Version]:
    if scheme not in _READERS:
        raise VersionError(scheme, f"known are {', '.join(SCHEMES)}", what="a version scheme")
    return _READERS[scheme]


def _recognised(text: str) -> type[Version]:
    try:
        return _reader_of(text)
    except UnreadableError as wrong:
        raise VersionError(text, str(wrong), example=_EXAMPLES) from None


def _reader_of(text: str) -> type[Version]:
    check_characters(text)
    if looks_like_calver(text):
        return CalVersion
    if "." in text:
        return SemVersion
    if "_" in text:
        return DatedVersion
    if re.fullmatch(r"v?[0-9]+", text):
        raise UnreadableError("one number is a line of versions, not one of them")
    raise UnreadableError("no scheme is written like this")
