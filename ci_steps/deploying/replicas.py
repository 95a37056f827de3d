"""Several answers of one service: those that callers cannot tell apart must agree."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_steps.protocols import Found
    from ci_steps.versions import Version


def agreeing(found: Iterable[Found], *, by_line: bool = False) -> tuple[Found, ...]:
    """Return the answers; where they name several versions, each says so.

    Where callers choose a line (*by_line*), the replicas of that line must agree. One that does
    not answer disagrees with nobody: its problem is told anyway.
    """
    answers = tuple(found)
    versions: dict[str, dict[Version, None]] = defaultdict(dict)
    for one in answers:
        if one.version is not None:
            versions[_group(one.version, by_line)][one.version] = None
    said = {group: _said(several) for group, several in versions.items() if len(several) > 1}
    return tuple(
        replace(one, disagrees=said.get(_group(one.version, by_line), "")) if one.version else one
        for one in answers
    )


def _group(version: Version, by_line: bool) -> str:  # noqa: FBT001
    return version.line if by_line else ""


def _said(versions: Iterable[Version]) -> str:
    return f"its replicas disagree: {', '.join(sorted(map(str, versions)))}"
