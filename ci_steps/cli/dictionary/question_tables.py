"""Answers of `dependencies`, `impact`, `owners`, `unowned`, `history` and `drift` as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.model import Table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ci_steps.dictionary.drift import Drift
    from ci_steps.dictionary.history import Lived
    from ci_steps.dictionary.impacts.impact import Hit
    from ci_steps.dictionary.owners import Unowned
    from ci_steps.model import Dependent, Evidence, Owner, Service

_COMMIT = 12


def dependencies_table(found: Iterable[Dependent]) -> Table:
    """Return what each live version needs."""
    rows = tuple(
        (
            one.service,
            str(one.version),
            one.environment,
            one.requirement.written,
            one.requirement.provider,
            one.requirement.line,
        )
        for one in found
    )
    columns = ("service", "version", "environment", "needs", "provider", "line")
    return Table(columns, rows, "Dependencies")


def impact_table(found: Iterable[Hit]) -> Table:
    """Return who is reached, how far away, and through whom."""
    rows = tuple(
        (
            one.service,
            str(len(one.path) - 1),
            " > ".join(one.path),
            ", ".join(one.environments),
            one.owner or "nobody",
        )
        for one in found
    )
    return Table(("service", "steps", "path", "environments", "owner"), rows, "Impact")


def owners_table(owners: Iterable[Owner], services: Iterable[Service]) -> Table:
    """Return each owner with its addresses and services."""
    owned: dict[str, list[str]] = {}
    for service in services:
        owned.setdefault(service.owner, []).append(service.name)
    rows = tuple(
        (
            one.name,
            one.title,
            ", ".join(f"{contact.channel} {contact.address}" for contact in one.contacts),
            one.lead,
            ", ".join(one.deputies),
            one.time_zone,
            ", ".join(owned.get(one.name, ())),
        )
        for one in owners
    )
    columns = ("owner", "title", "contacts", "lead", "deputies", "time_zone", "services")
    return Table(columns, rows, "Owners")


def unowned_table(found: Iterable[Unowned]) -> Table:
    """Return the services that nobody can be told about, and where they run."""
    rows = tuple(
        (one.service, one.owner or "nobody", one.why, ", ".join(one.environments)) for one in found
    )
    return Table(("service", "owner", "why", "live_in"), rows, "Unowned")


def history_table(found: Iterable[Lived]) -> Table:
    """Return a line for each deployment."""
    rows = tuple(
        (
            str(one.version),
            one.environment,
            one.slot,
            _time(one.since),
            _time(one.until),
            one.commit[:_COMMIT],
            one.by,
            "; ".join(map(_override, one.overrides)),
        )
        for one in found
    )
    columns = ("version", "environment", "slot", "since", "until", "commit", "by", "overrides")
    return Table(columns, rows, "History")


def _override(passed: Evidence) -> str:
    """Return which gate was passed, by whom, when and why."""
    gate, by = passed.text.partition(":")[0], f" by {passed.by}" if passed.by else ""
    return f"{gate}{by}, {_time(passed.at)}: {passed.reason}"


def drift_table(found: Iterable[Drift]) -> Table:
    """Return what was recorded and what answers instead."""
    rows = tuple(
        (
            one.service,
            one.address,
            ", ".join(map(str, one.recorded)) or "nothing",
            str(one.observed) if one.observed else "no answer",
            one.problem,
            _time(one.since),
        )
        for one in found
    )
    return Table(("service", "address", "recorded", "observed", "problem", "since"), rows, "Drift")


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""
