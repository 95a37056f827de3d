"""What a service needs of another one: ``auth-1.1``, ``gis-201610``, ``auth-1``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from ci_steps.errors import UsageError, VersionError
from ci_steps.versions.calver import looks_like_calver
from ci_steps.versions.name import check_name
from ci_steps.versions.reading import UnreadableError, check_characters, number, text_of
from ci_steps.versions.scheme import parse_version
from ci_steps.versions.semver import SemVersion

if TYPE_CHECKING:
    from ci_steps.versions.version import Version

_WHAT = "a requirement"
_EXAMPLE = "auth-1.1"
_LINE = re.compile(r"v?([0-9]+)")
_DATE_ONLY = re.compile(r"v[0-9]+_[0-9]{8}")
_VERSION_BEGINS = re.compile(r"-(?=v?[0-9])")


class Satisfaction(Enum):
    """Whether a version is what a requirement asks for, as far as numbers can tell."""

    YES = "yes"
    NO = "no"
    MAY_BREAK = "unknown"


@dataclass(frozen=True, slots=True)
class Requirement:
    """A provider, one of its lines, and the least version of that line.

    `version_text` is the part after the name. `least` is None for a line alone (``auth-1``),
    which any release of line 1 satisfies, dated or semantic, and any 0.x if the line is 0.
    ``auth-v1_20171001`` asks for the least bugfix there can be, ``v1_20171001-0``.

    To read a stored requirement again, give `provider` and `version_text` to `requirement`:
    `parse_requirement` refuses names that need the long form.
    """

    provider: str
    version_text: str
    line: str
    least: Version | None

    @property
    def written(self) -> str:
        """The short form."""
        return f"{self.provider}-{self.version_text}"

    def __str__(self) -> str:
        """Return the short form."""
        return self.written

    @property
    def leaves_doubts(self) -> bool:
        """Whether a later version of its line may break, so that only evidence answers."""
        least = self.least
        return least is not None and not (isinstance(least, SemVersion) and least.major > 0)

    def satisfied_by(self, version: Version) -> Satisfaction:
        """Return whether *version* will do; evidence may answer MAY_BREAK and override NO."""
        return self._judge(version)[0]

    def why_not(self, version: Version) -> str:
        """Return in a few words why `satisfied_by` does not say yes, or an empty text."""
        return self._judge(version)[1]

    def _judge(self, version: Version) -> tuple[Satisfaction, str]:
        refusal = self._refusal(version)
        if refusal:
            return Satisfaction.NO, refusal
        if self.least is None or self.least.breaking_slots == version.breaking_slots:
            return Satisfaction.YES, ""
        return Satisfaction.MAY_BREAK, _DOUBTS[version.scheme]

    def _refusal(self, version: Version) -> str:
        if not self._is_of_scheme(version):
            return "another scheme"
        if version.line != self.line:
            return f"line {version.line} instead of {self.line}"
        if version.is_prerelease and not self._names_prerelease_of(version):
            return "a prerelease is not asked for"
        if self.least is not None and version < self.least:
            return f"older than {self.version_text}"
        return ""

    def _is_of_scheme(self, version: Version) -> bool:
        if self.least is None:
            return version.scheme in {"dated", "semver"}
        return version.scheme == self.least.scheme

    def _names_prerelease_of(self, version: Version) -> bool:
        return (
            self.least is not None
            and self.least.is_prerelease
            and self.least.slots == version.slots
        )


_DOUBTS = {
    "dated": "a later date of the same main version may break",
    "semver": "a later minor version may break while the main version is 0",
    "calver-month": "a later date may break",
    "calver-day": "a later date may break",
}


def requirement(service: str, version: str) -> Requirement:
    """Read the long form ``{service: auth-2, version: "1.1"}``."""
    name = check_name(service, long_form=True)
    version_text = text_of(version, "a version or a line")
    try:
        line, least = _read_version(version_text)
    except UnreadableError as wrong:
        raise VersionError(
            version_text, str(wrong), what="a version or a line", example="1.1"
        ) from None
    return Requirement(name, version_text, line, least)


def parse_requirement(text: str) -> Requirement:
    """Read ``name-version``, ``name-line`` or a dated version without its bugfix.

    Six or eight digits are a calver date, not a line: ``gis-201610`` is October 2016 and
    ``gis-201613`` is wrong; a line of that number is ``gis-v201610``.
    """
    text = text_of(text, _WHAT)
    found = [
        (name, version)
        for name, version in _splits(text)
        if not _name_problem(name) and not _version_problem(version)
    ]
    if len(found) != 1:
        raise VersionError(text, _why_unreadable(text), what=_WHAT, hint=_long_form_hint(text))
    return requirement(*found[0])


def _splits(text: str) -> list[tuple[str, str]]:
    return [(text[:index], text[index + 1 :]) for index, char in enumerate(text) if char == "-"]


def _read_version(text: str) -> tuple[str, Version | None]:
    check_characters(text)
    line = _LINE.fullmatch(text)
    if line and not looks_like_calver(text):
        return str(number(line[1])), None
    # Bugfix 0 is the least there can be, so it stands for any bugfix of that day.
    complete = f"{text}-0" if _DATE_ONLY.fullmatch(text) else text
    try:
        least = parse_version(complete)
    except VersionError as wrong:
        raise UnreadableError(wrong.reason) from None
    return least.line, least


def _name_problem(name: str) -> str:
    try:
        check_name(name)
    except UsageError as wrong:
        return str(wrong)
    return ""


def _version_problem(text: str) -> str:
    try:
        _read_version(text)
    except UnreadableError as wrong:
        return str(wrong)
    return ""


def _why_unreadable(text: str) -> str:
    begin = _VERSION_BEGINS.search(text)
    if begin is None:
        return "there is no version behind a name and a hyphen"
    name, version = text[: begin.start()], text[begin.end() :]
    return (
        _name_problem(name) or f"{version!r} is no version and no line: {_version_problem(version)}"
    )


def _long_form_hint(text: str) -> str:
    meant = next(filter(None, map(_in_long_form, _splits(text))), _in_long_form(("auth", "1.1")))
    return f"Write it like {_EXAMPLE}, or in the long form {meant}."


def _in_long_form(split: tuple[str, str]) -> str:
    name, version = split
    try:
        requirement(name, version)
    except UsageError:
        return ""
    return f'{{service: {name}, version: "{version}"}}'
