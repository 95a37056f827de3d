"""Answers of `dependencies`, `impact`, `owners`, `unowned`, `history` and `drift` as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.cli.dictionary.cells import Cell, commit, listed, moment, number, owned_by
from ci_steps.model import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ci_steps.dictionary.drift import Drift
    from ci_steps.dictionary.history import Lived
    from ci_steps.dictionary.impacts.impact import Hit
    from ci_steps.dictionary.owners import Unowned
    from ci_steps.model import Dependent, Evidence, Owner, Service


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
            number(len(one.path) - 1),
            listed(one.path, between=" > "),
            listed(one.environments),
            owned_by(one.owner),
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
            _contacts(one),
            one.lead,
            listed(one.deputies),
            one.time_zone,
            listed(owned.get(one.name, ())),
        )
        for one in owners
    )
    columns = ("owner", "title", "contacts", "lead", "deputies", "time_zone", "services")
    return Table(columns, rows, "Owners")


def _contacts(owner: Owner) -> Cell:
    shown = ", ".join(f"{one.channel} {one.address}" for one in owner.contacts)
    return Cell(shown, [{"channel": one.channel, "address": one.address} for one in owner.contacts])


def unowned_table(found: Iterable[Unowned]) -> Table:
    """Return the services that nobody can be told about, and where they run."""
    rows = tuple(
        (one.service, owned_by(one.owner), one.why, listed(one.environments)) for one in found
    )
    return Table(("service", "owner", "why", "live_in"), rows, "Unowned")


def history_table(found: Iterable[Lived]) -> Table:
    """Return a line for each deployment."""
    rows = tuple(
        (
            str(one.version),
            one.environment,
            one.slot,
            moment(one.since),
            moment(one.until),
            commit(one.commit),
            one.by,
            _overrides(one.overrides),
        )
        for one in found
    )
    columns = ("version", "environment", "slot", "since", "until", "commit", "by", "overrides")
    return Table(columns, rows, "History")


def _overrides(passed: Sequence[Evidence]) -> Cell:
    each = [
        {"gate": _gate(one), "by": one.by or None, "at": moment(one.at).value, "reason": one.reason}
        for one in passed
    ]
    return Cell("; ".join(map(_override, passed)), each)


def _override(passed: Evidence) -> str:
    """Return which gate was passed, by whom, when and why."""
    by = f" by {passed.by}" if passed.by else ""
    return f"{_gate(passed)}{by}, {moment(passed.at)}: {passed.reason}"


def _gate(passed: Evidence) -> str:
    return passed.text.partition(":")[0]


def not_asked_table(services: Iterable[str]) -> Table:
    """Return the services of which nobody knows what answers."""
    return Table(("service",), tuple((one,) for one in services), "Not asked")


def drift_table(found: Iterable[Drift]) -> Table:
    """Return what was recorded and what answers instead."""
    rows = tuple(
        (
            one.service,
            one.address,
            listed(map(str, one.recorded), none="nothing"),
            str(one.observed) if one.observed else Cell("no answer", None),
            one.problem,
            moment(one.since),
        )
        for one in found
    )
    return Table(("service", "address", "recorded", "observed", "problem", "since"), rows, "Drift")
