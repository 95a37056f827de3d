"""Telling people: what waits is sent, tests that fail and pass again, gates that were passed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ci_steps.jobs.before import release_before
from ci_steps.protocols import Overridden, Sent

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ci_steps.config.plan import Plan
    from ci_steps.jobs.world import World


def send(plan: Plan, world: World, budget_seconds: float) -> Sent:
    """Send what waits; a rehearsal shows it as well."""
    from ci_steps.config.manner import manner_of
    from ci_steps.notices.presenting import in_manner
    from ci_steps.notices.sending import heartbeat, outbox
    from ci_steps.notices.time_zones import unknown_time_zones

    named = {one.name: (one.module, one.options) for one in plan.channels}
    manner = manner_of(plan.notify, plan.notifying)
    channels = in_manner(named, manner)
    shown: tuple[str, ...] = ()
    if world.outside.rehearsing:
        with world.dictionary.reading() as connection:
            shown = tuple(one.text for one in outbox.previews(connection, channels))
    sent = outbox.send(
        world.dictionary,
        channels,
        world.outside,
        budget_seconds=budget_seconds,
        catch_all=plan.notify.catch_all,
    )
    with world.dictionary.reading() as connection:
        silence = heartbeat.silence(connection, world.outside.now())
        wrong = (*manner.problems, *unknown_time_zones(connection))
    return replace(sent, previews=shown, warnings=(*wrong, *filter(None, (silence,))))


def tests_failed(plan: Plan, world: World, environment: str, text: str) -> None:
    """Keep that tests fail on the way to a new version; others wait for it."""
    before = release_before(plan, world.dictionary)
    if before is None:
        return
    from ci_steps.notices import failing_tests

    summary, *failures = world.console.masked(text).split("\n")
    with world.dictionary.writing() as connection:
        failing_tests.tests_failed(
            connection,
            plan.service,
            plan.version,
            before.version,
            failures or [summary],
            environment=environment,
            channels=tuple(one.name for one in plan.channels),
            at=world.outside.now(),
            url=world.facts.url,
        )


def tests_passed(plan: Plan, world: World, environment: str) -> None:
    """Tell those who heard of failing tests of this version that they pass again."""
    from ci_steps.notices import failing_tests

    about = (plan.service, plan.version, environment)
    with world.dictionary.reading() as connection:
        if not failing_tests.are_known(connection, *about):
            return
    now = world.outside.now()
    with world.dictionary.writing() as connection:
        failing_tests.tests_passed(connection, *about, now)


def tell_passed_gates(
    plan: Plan,
    world: World,
    connection: Connection,
    overridden: Sequence[Overridden],
    knowing: Sequence[str] = (),
) -> None:
    """Tell those whom passed gates concern, but those who hear of the deployment anyhow."""
    from ci_steps.notices.overriding import tell_overridden

    tell_overridden(
        connection,
        overridden,
        channels=tuple(channel.name for channel in plan.channels),
        at=world.outside.now(),
        url=world.facts.url,
        knowing=knowing,
    )
