"""How large a company is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """Services, releases and needs of each of them, and owners."""

    services: int
    releases: int
    needs: int
    owners: int


COMPANY = Size(services=10_000, releases=100, needs=10, owners=800)

# For tests: large enough that every question has an answer.
SMALL = Size(services=120, releases=20, needs=5, owners=12)
