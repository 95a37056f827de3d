"""What the versions of all schemes have in common: text, equality, order and succession."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from ci_steps.errors import VersionError
from ci_steps.versions.bump import Bump
from ci_steps.versions.reading import UnreadableError, check_characters, text_of

if TYPE_CHECKING:
    from datetime import date

    from typing_extensions import Self

# The rank of what follows the slots: identifiers of a prerelease are (0, number, "") or
# (1, 0, text), and a release comes after all of them (SemVer 2.0.0, section 11).
Rank = tuple[tuple[int, int, str], ...]
RELEASE: Rank = ((2, 0, ""),)


class Version(ABC):
    """A version: frozen, hashable, and ordered among the versions of its scheme.

    `parse` and `str` are inverse, so the text stays as it was written; equality, hash and
    order ignore the spelling (``1.1``, ``1.1.0`` and ``v1.1`` are equal). Versions of two
    schemes are unequal, and asking which is older raises VersionError. What is compared is made
    out once: a verdict compares each version with what hundreds need.
    """

    example: ClassVar[str]
    first_bugfix: ClassVar[int]
    widths: ClassVar[tuple[int, ...]]
    written: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the written form; the inverse of `str`."""
        text = text_of(text)
        try:
            check_characters(text)
            return cls.read(text)
        except UnreadableError as wrong:
            raise VersionError(text, str(wrong), example=cls.example) from None

    @classmethod
    @abstractmethod
    def read(cls, text: str) -> Self:
        """Read the written form, or raise UnreadableError; `parse` is what others call."""

    @property
    @abstractmethod
    def scheme(self) -> str:
        """Versions of one scheme can be compared: dated, semver, calver-month, calver-day."""

    @property
    @abstractmethod
    def line(self) -> str:
        """What callers address: the main version; a calver service has one line."""

    @property
    @abstractmethod
    def floor(self) -> str:
        """The shortest requirement this version satisfies and no earlier breaking one does."""

    @property
    @abstractmethod
    def slots(self) -> tuple[int, ...]:
        """The numbers that are compared, the bugfix last; a date counts its days."""

    @property
    @abstractmethod
    def slot_bumps(self) -> tuple[Bump, ...]:
        """What it means, slot by slot, that this slot is the first one that moved."""

    @cached_property
    def breaking_slots(self) -> tuple[int, ...]:
        """The slots in front that move only where callers may break."""
        return self.slots[: sum(not bump.is_compatible for bump in self.slot_bumps)]

    @property
    def rank(self) -> Rank:
        """How versions with the same slots are ordered."""
        return RELEASE

    @property
    def is_prerelease(self) -> bool:
        """Whether a release with the same slots is still to come."""
        return self.rank != RELEASE

    @property
    def first_day(self) -> date | None:
        """The day in the version, the first of its month, or None without a date."""
        return None

    @cached_property
    def order(self) -> int:
        """A number from 0 to 2**63 - 1 that never falls as versions of one scheme rise.

        It is for an index in a database. Slots too large for it give the same number, and
        so do prereleases with the same slots, below the number of their release.
        """
        return pack(self.slots, self.widths)

    def next(self, bump: Bump, today: date) -> Version:
        """Return the nearest later version whose bump is at least the one asked for.

        A scheme without that bump takes the next larger one: a feature is a new date in a
        dated version. Calver has nothing above a date, so a major is one, too. A clock that
        is behind never gives an older date, and a second date on one day is the day after.
        """
        if bump is Bump.SAME:
            return self
        if bump in {Bump.ROLLBACK, Bump.SCHEME_CHANGE}:
            raise self._no_next(f"a {bump.value} does not lead to a later version")
        try:
            return self.parse(self.written_next(bump, today))
        except UnreadableError as wrong:
            raise self._no_next(str(wrong)) from None
        except OverflowError:
            raise self._no_next("the calendar ends here") from None

    @abstractmethod
    def written_next(self, bump: Bump, today: date) -> str:
        """Return the text of the version that `next` asks for, or raise UnreadableError."""

    def _no_next(self, reason: str) -> VersionError:
        return VersionError(self.written, reason, what="followed by another version")

    def __str__(self) -> str:
        """Return the text as it was written."""
        return self.written

    def __eq__(self, other: object) -> bool:
        """Compare by meaning, not by spelling."""
        if not isinstance(other, Version):
            return NotImplemented
        return self._compared == other._compared

    def __hash__(self) -> int:
        return hash(self._compared)

    @cached_property
    def _compared(self) -> tuple[str, tuple[int, ...], Rank]:
        return (self.scheme, self.slots, self.rank)

    def __lt__(self, other: Version) -> bool:
        return self._compare(other) < 0

    def __le__(self, other: Version) -> bool:
        return self._compare(other) <= 0

    def __gt__(self, other: Version) -> bool:
        return self._compare(other) > 0

    def __ge__(self, other: Version) -> bool:
        return self._compare(other) >= 0

    def _compare(self, other: Version) -> int:
        mine, theirs = self._compared, other._compared
        if mine[0] != theirs[0]:
            raise VersionError(
                self.written,
                f"{self.scheme} and {other.scheme} are two schemes",
                what=f"comparable with {other.written!r}",
            )
        return (mine > theirs) - (mine < theirs)


def pack(numbers: tuple[int, ...], widths: tuple[int, ...]) -> int:
    """Put *numbers* side by side into *widths* bits, so that the order stays."""
    packed = 0
    is_full = False
    for value, width in zip(numbers, widths, strict=True):
        highest = (1 << width) - 1
        # Behind a number that does not fit, everything is at its highest: otherwise a
        # smaller number that just fits could overtake it in the slots behind.
        is_full = is_full or value > highest
        packed = (packed << width) | (highest if is_full else value)
    return packed
