"""Versions that somebody wrote down beside what runs: labels, tags and metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.deploying.answers import NoVersionError, version_of
from ci_steps.protocols import Found

if TYPE_CHECKING:
    from collections.abc import Mapping


def labelled(where: str, labels: Mapping[str, str], name: str, address: str = "") -> Found:
    """Return the version that the label *name* says, or why it says none."""
    if name not in labels:
        return Found(where, problem=f"it has no label {name}", address=address)
    return said(where, labels[name], f"its label {name}", address)


def said(where: str, text: object, what: str, address: str = "") -> Found:
    """Return the version in *text*, which is *what*; or why it is none."""
    try:
        return Found(where, version_of(text), address=address)
    except NoVersionError as error:
        return Found(where, problem=f"{what}: {error}", address=address)
