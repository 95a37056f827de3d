"""The services of a company: who needs whom, and which versions there are.

Everything follows from the seed. A service needs mostly those with a smaller number than its
own, the first ones far more often than the others, as in Zipf's law: these are the hubs.
"""

from __future__ import annotations

import hashlib
from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from random import Random
from typing import NamedTuple

from ci_steps.versions import Requirement, parse_version, requirement
from company.histories import Released, history
from company.size import Size

# In how many versions of its requirements a service comes, over its whole history.
ERAS = 4
_ZIPF = 0.9
_UPWARDS = 0.002  # so that there are circles
_FIRST = 50  # these have too few below them
_CHANGED = 2  # needs that are others in the next era
_LEFT = 0.25  # of the other needs, that still ask for what they asked for in the era before
_UNOWNED = 0.01
_WORDS = ("billing", "search", "parcel", "ledger", "stock", "media", "travel", "report", "tax")


class RequirementSet(NamedTuple):
    """What releases need; those with the same needs share it."""

    number: int
    digest: str
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True)
class Made:
    """A service with its releases; *sets* has the number of its requirement set in each era."""

    number: int
    name: str
    owner: int | None
    releases: Sequence[Released]
    late_major: int
    sets: Sequence[int]

    def era(self, place: int) -> int:
        """Return in which era a release was made."""
        return place * ERAS // len(self.releases)

    def commit(self, place: int) -> str:
        """Return the commit of a release."""
        return hashlib.sha256(f"{self.number}/{place}".encode()).hexdigest()[:40]

    def contract(self, place: int) -> str:
        """Return the digest of the contract of a release; it changes with the era."""
        return self.contract_of(self.era(place % len(self.releases)))

    def contract_of(self, era: int) -> str:
        """Return the digest of the contract in an era."""
        return hashlib.sha256(f"{self.number}/{era}/api".encode()).hexdigest()


class Company:
    """A company of a size, the same for the same seed."""

    def __init__(self, size: Size, seed: int = 1) -> None:
        self.size = size
        self._random = Random(seed)
        self.sets: dict[str, RequirementSet] = {}
        self._weights = list(accumulate((place + 1) ** -_ZIPF for place in range(size.services)))
        names = [f"{_WORDS[place % len(_WORDS)]}-{place:05}" for place in range(size.services)]
        histories = [history(self._random, size.releases) for _ in names]
        self._floors = [_floors(released) for released, _ in histories]
        self._names = names
        self.services = [
            Made(place + 1, name, self._owner(), *histories[place], self._sets(place))
            for place, name in enumerate(names)
        ]

    @cached_property
    def sets_by_number(self) -> Mapping[int, RequirementSet]:
        """Return the requirement sets by their numbers."""
        return {one.number: one for one in self.sets.values()}

    def _owner(self) -> int | None:
        if self._random.random() < _UNOWNED:
            return None
        return self._random.randrange(self.size.owners) + 1

    def _sets(self, place: int) -> list[int]:
        needs: dict[int, Requirement] = {}
        found = []
        for era in range(ERAS):
            providers = self._more(place, list(needs)[_CHANGED:])
            needs = {one: self._need(one, era, needs.get(one)) for one in providers}
            found.append(self._set(tuple(needs.values())))
        return found

    def _need(self, provider: int, era: int, before: Requirement | None) -> Requirement:
        """Return what is asked of a provider: some leave it as they wrote it an era ago."""
        if before and self._random.random() < _LEFT:
            return before
        return requirement(self._names[provider], self._floors[provider][era])

    def _more(self, place: int, providers: list[int]) -> list[int]:
        """Return *providers* with as many others as a service needs."""
        wanted = list(providers)
        while len(wanted) < self.size.needs:
            upwards = place < _FIRST or self._random.random() < _UPWARDS
            among = self._weights[-1 if upwards else place - 1]
            other = bisect(self._weights, self._random.random() * among)
            if other != place and other not in wanted:
                wanted.append(other)
        return wanted

    def _set(self, needs: tuple[Requirement, ...]) -> int:
        digest = digest_of(needs)
        new = RequirementSet(len(self.sets) + 1, digest, needs)
        return self.sets.setdefault(digest, new).number


def digest_of(needs: Sequence[Requirement]) -> str:
    """Return the digest of a set of requirements, as the dictionary makes it."""
    written = "\n".join(sorted(one.written for one in needs))
    return hashlib.sha256(written.encode()).hexdigest()


def _floors(released: Sequence[Released]) -> list[str]:
    """Return what one writes that needs the version at the beginning of each era."""
    begun = [parse_version(released[len(released) * era // ERAS].label) for era in range(ERAS)]
    return [
        ".".join(map(str, one.slots[:2])) if one.scheme == "semver" else one.floor for one in begun
    ]
