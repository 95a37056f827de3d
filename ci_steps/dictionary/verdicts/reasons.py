"""What a verdict is made of: candidates, edges, and the reason of each answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from ci_steps.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_steps.model import Release


class Reason(Enum):
    """Why an edge, a candidate or a whole world is judged as it is."""

    # Of a whole world, or of a candidate.
    ALL_SATISFIED = "ALL_SATISFIED"
    NO_DEPENDENCIES = "NO_DEPENDENCIES"
    VERSION_UNKNOWN = "VERSION_UNKNOWN"
    LINE_RETIRED = "LINE_RETIRED"  # of an edge as well
    # Of an edge, by the numbers.
    SATISFIED = "SATISFIED"
    TOO_OLD = "TOO_OLD"
    PRERELEASE = "PRERELEASE"
    OTHER_SCHEME = "OTHER_SCHEME"
    MAY_BREAK = "MAY_BREAK"
    LINE_NOT_LIVE = "LINE_NOT_LIVE"
    PROVIDER_NOT_LIVE = "PROVIDER_NOT_LIVE"
    # Of an edge, by evidence.
    SAME_CONTRACT = "SAME_CONTRACT"
    COMPATIBLE_CONTRACT = "COMPATIBLE_CONTRACT"
    CONTRACT_BREAKS = "CONTRACT_BREAKS"
    NOT_TOUCHED = "NOT_TOUCHED"
    VERIFIED = "VERIFIED"
    VERIFICATION_FAILED = "VERIFICATION_FAILED"
    NOT_VERIFIED = "NOT_VERIFIED"
    IGNORED = "IGNORED"


@dataclass(frozen=True)
class Candidate:
    """A version that is to go to an environment, as its *release* describes it.

    The release need not be stored. It goes to *slot*, or *beside* what runs, or where it
    replaces what it usually would: see `ci_steps.dictionary.slots`. When it is not recorded,
    nobody knows what it needs, and the answer is no.
    """

    release: Release
    environment: str
    slot: str = ""
    beside: bool = False
    is_recorded: bool = True

    @property
    def name(self) -> str:
        """Service and version, for people."""
        return f"{self.release.service} {self.release.version}"


@dataclass(frozen=True)
class Placed:
    """A candidate in its slot: what it replaces there, what stands beside it.

    `service` is what it is called now. `reason` is None unless the candidate itself is refused,
    whatever its edges say.
    """

    service: str
    candidate: Candidate
    slot: str
    replaces: str = ""
    beside: tuple[str, ...] = ()
    reason: Reason | None = None
    text: str = ""


class Edge(NamedTuple):
    """One requirement of one dependent, and how it is judged in the world after.

    `found` are the versions of the provider that were judged, `deciding` those of them that
    made the verdict; the verdict of an ignored edge is None. A tuple, because a hub has thousands.
    """

    dependent: str
    dependent_version: str
    provider: str
    required: str
    found: tuple[str, ...]
    verdict: Verdict | None
    reason: Reason
    text: str
    deciding: tuple[str, ...] = ()

    @property
    def who(self) -> str:
        """The dependent with its version, for people."""
        return f"{self.dependent} {self.dependent_version}"


@dataclass(frozen=True)
class VerdictReport:
    """The answer to "may these go to that environment?", with all it was made of.

    `ways_out` are sentences that say what would make it a yes. For several candidates, `order`
    names them in an order that breaks nobody on the way; where there is none it is empty
    and `obstacle` says why.
    """

    verdict: Verdict
    reason: Reason
    text: str
    environment: str
    candidates: tuple[Placed, ...]
    edges: tuple[Edge, ...] = ()
    ways_out: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    obstacle: str = ""

    @property
    def as_dependent(self) -> tuple[Edge, ...]:
        """The edges of what the candidates need."""
        own = {(one.service, str(one.candidate.release.version)) for one in self.candidates}
        return tuple(edge for edge in self.edges if edge[:2] in own)

    @property
    def as_provider(self) -> tuple[Edge, ...]:
        """The edges of what live services need of the candidates."""
        own = set(self.as_dependent)
        return tuple(edge for edge in self.edges if edge not in own)


def worst(verdicts: Iterable[Verdict | None]) -> Verdict:
    """Return no if anything is no, else unknown if anything is, else yes."""
    present = list(verdicts)  # compared one by one: an Enum is slow to hash
    return next((one for one in (Verdict.NO, Verdict.UNKNOWN) if one in present), Verdict.YES)


def some(names: Iterable[str], most: int = 4) -> str:
    """Return names for a sentence; of many, the first ones and how many more there are."""
    listed = list(dict.fromkeys(names))
    more = len(listed) - most
    return ", ".join(listed) if more <= 0 else f"{', '.join(listed[:most])} and {more:,} more"
