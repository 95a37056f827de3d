"""Versions such as ``1.1.3``, ``v1.1`` and ``1.1.3-rc.1``, as SemVer 2.0.0 orders them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from ci_steps.versions import reading
from ci_steps.versions.bump import SIZES, Bump
from ci_steps.versions.calver import looks_like_calver
from ci_steps.versions.version import RELEASE, Rank, Version, pack

if TYPE_CHECKING:
    from datetime import date

    from typing_extensions import Self

_PATTERN = re.compile(r"(v?)([0-9]+)\.([0-9]+)(?:\.([0-9]+))?(?:-(.*))?")
_IDENTIFIER = re.compile(r"[0-9A-Za-z-]+")


@dataclass(frozen=True, eq=False)
class SemVersion(Version):
    """Major, minor and patch; a patch that is not written is 0, and the v has no meaning.

    A patch fixes, a minor adds, a major breaks; while the major is 0, a minor breaks.
    """

    example: ClassVar[str] = "1.1.3"
    first_bugfix: ClassVar[int] = 0
    widths: ClassVar[tuple[int, ...]] = (21, 20, 21, 1)

    written: str
    major: int
    minor: int
    patch: int
    prerelease: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str) -> Self:
        """Read two or three numbers, and a prerelease behind three."""
        match = _PATTERN.fullmatch(text)
        if match is None:
            raise reading.UnreadableError("expected <major>.<minor> or <major>.<minor>.<patch>")
        _, major, minor, patch, prerelease = match.groups()
        if prerelease is not None and patch is None:
            raise reading.UnreadableError("a prerelease needs all three numbers before it")
        return cls(
            text,
            reading.number(major),
            reading.number(minor),
            reading.number(patch or "0"),
            () if prerelease is None else _identifiers(prerelease),
        )

    @property
    def scheme(self) -> str:
        """All semantic versions are comparable."""
        return "semver"

    @property
    def line(self) -> str:
        """The major version; 0 is one line, in which a minor may break."""
        return str(self.major)

    @property
    def floor(self) -> str:
        """The major, or the minor while the major is 0; only itself for a prerelease."""
        if self.is_prerelease:
            return self.written.removeprefix("v")
        if self.major == 0:
            return f"0.{self.minor}"
        # With a v, a major of six or eight digits is not taken for a month or a day.
        return f"v{self.line}" if looks_like_calver(self.line) else self.line

    @cached_property
    def slots(self) -> tuple[int, ...]:
        """Major, minor, patch."""
        return (self.major, self.minor, self.patch)

    @property
    def slot_bumps(self) -> tuple[Bump, ...]:
        """While the major is 0, a minor is as good as a major."""
        return (Bump.MAJOR, Bump.MAJOR if self.major == 0 else Bump.FEATURE, Bump.BUGFIX)

    @property
    def is_prerelease(self) -> bool:
        """Whether it has the identifiers of one."""
        return bool(self.prerelease)

    @property
    def rank(self) -> Rank:
        """Numbers before texts, fewer identifiers before more (SemVer 2.0.0, section 11)."""
        if not self.prerelease:
            return RELEASE
        return tuple(
            (0, int(part), "") if part.isdigit() else (1, 0, part) for part in self.prerelease
        )

    @property
    def order(self) -> int:
        """Slots, and one bit that puts a prerelease below its release."""
        return pack((*self.slots, 0 if self.is_prerelease else 1), self.widths)

    @property
    def release_bump(self) -> Bump:
        """How large the release is that this prerelease prepares.

        The release before it is not known, so it is read off the slot that starts anew:
        1.2.1 is prepared as a bugfix, 1.2.0 as a feature, 2.0.0 and 0.3.0 as a major.
        """
        moved = max((index for index, slot in enumerate(self.slots) if slot), default=0)
        return self.slot_bumps[moved]

    def written_next(self, bump: Bump, today: date) -> str:
        """Return a new patch, minor, major or prerelease, spelled like this version."""
        if bump is Bump.PRERELEASE:
            return self._next_prerelease()
        prepared = self.is_prerelease and SIZES.index(self.release_bump) >= SIZES.index(bump)
        if prepared:
            return self._spell(self.major, self.minor, self.patch)
        if bump is Bump.BUGFIX:
            return self._spell(self.major, self.minor, self.patch + 1)
        if bump is Bump.FEATURE or self.major == 0:
            return self._spell(self.major, self.minor + 1, 0)
        return self._spell(self.major + 1, 0, 0)

    def _next_prerelease(self) -> str:
        if not self.is_prerelease:
            return f"{self._prefix}{self.major}.{self.minor}.{self.patch + 1}-rc.1"
        *others, last = self.prerelease
        parts = [*others, str(int(last) + 1)] if last.isdigit() else [*others, last, "1"]
        return f"{self._prefix}{self.major}.{self.minor}.{self.patch}-{'.'.join(parts)}"

    def _spell(self, major: int, minor: int, patch: int) -> str:
        short = f"{self._prefix}{major}.{minor}"
        is_short = self.written.count(".") == 1 and patch == 0
        return short if is_short and not looks_like_calver(short) else f"{short}.{patch}"

    @property
    def _prefix(self) -> str:
        return "v" if self.written.startswith("v") else ""


def _identifiers(prerelease: str) -> tuple[str, ...]:
    parts = tuple(prerelease.split("."))
    for part in parts:
        if not part:
            raise reading.UnreadableError("the prerelease has an empty part")
        if not _IDENTIFIER.fullmatch(part):
            raise reading.UnreadableError(
                f"{part!r} in the prerelease has more than letters, digits and hyphens"
            )
        if part.isdigit():
            reading.number(part)
    return parts
