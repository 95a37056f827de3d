"""What a provider says with its release: how urgent it is, what happens then, where to read on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ci_steps.notices.calendars import Calendars

if TYPE_CHECKING:
    from ci_steps.versions import Version


@dataclass(frozen=True)
class Terms:
    """The terms of one release; `before` is the version that others needed so far.

    `overridden` has a line for each gate that it passed on purpose. One that `is_irreversible`
    changes its database for good.
    """

    urgent: bool = False
    after_due: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    before: str = ""
    overridden: tuple[str, ...] = ()
    is_irreversible: bool = False
    calendars: Calendars = field(default_factory=Calendars)


def filled(terms: Terms, service: str, version: Version) -> Terms:
    """Return the terms with the links of a version."""
    places = {"service": service, "version": str(version), "line": version.line}
    links = {title: url.format(**places) for title, url in terms.links.items()}
    return replace(terms, links=links)


def written(terms: Terms) -> str:
    """Return what is kept with the event."""
    said = {
        "urgent": terms.urgent,
        "after_due": terms.after_due,
        "links": dict(terms.links),
        "before": terms.before,
        "overridden": list(terms.overridden),
        "irreversible": terms.is_irreversible,
    }
    kept = {name: value for name, value in said.items() if value}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True) if kept else ""


def read(text: str) -> Terms:
    """Return what was kept; the inverse of `written`."""
    said: dict[str, Any] = json.loads(text) if text else {}
    return Terms(
        bool(said.get("urgent")),
        said.get("after_due", ""),
        said.get("links", {}),
        said.get("before", ""),
        tuple(said.get("overridden", ())),
        bool(said.get("irreversible")),
    )
