"""The newest version first; of two schemes, that which was used last."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from ci_steps.versions import Version

_T = TypeVar("_T")


def newest_first(
    these: Iterable[_T], version: Callable[[_T], Version], at: Callable[[_T], datetime]
) -> list[_T]:
    """Return *these* by version; versions of two schemes have no order but that of their use."""
    by_scheme: dict[str, list[_T]] = {}
    for one in these:
        by_scheme.setdefault(version(one).scheme, []).append(one)
    schemes = sorted(by_scheme.values(), key=lambda of: max(map(at, of)), reverse=True)
    return [one for of in schemes for one in sorted(of, key=version, reverse=True)]
