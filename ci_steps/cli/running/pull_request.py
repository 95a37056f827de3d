"""`ci-steps rehearse --pull-request`: what a version would mean to others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ci_steps.cli import shell
from ci_steps.errors import DictionaryError, NoDictionaryError, OutsideError
from ci_steps.model import Verdict

if TYPE_CHECKING:
    from ci_steps.config.plan import Plan
    from ci_steps.console import Console
    from ci_steps.outside import Outside
    from ci_steps.protocols import Host
    from ci_steps.reporting.shipping import Shipping


def answer_pull_request(
    build: Mapping[str, str], *, as_json: bool, as_markdown: bool, as_comment: bool = False
) -> int:
    """Say what the version in this folder would mean; return the exit status.

    Where no dictionary is named and none is there, as in a job of a fork, the answer says so
    and is no failure; where one is named and does not answer, it is.
    """
    from ci_steps.cli.running.carrying_out import load
    from ci_steps.rehearsal import inert_world

    console = shell.console_of(as_json or as_markdown)
    outside = inert_world(console)
    host = shell.host_of(outside, console)
    plan = load(outside, build)
    status = 0
    try:
        shipping = _foreseen(plan, outside, console, host)
    except DictionaryError as error:
        shipping = _unknown(plan, error)
        status = 0 if isinstance(error, NoDictionaryError) else error.exit_code
    _show(shipping, console, as_json=as_json, as_markdown=as_markdown)
    if as_comment:
        _comment(shipping, console, host)
    return 1 if shipping.verdict is Verdict.NO else status


def _foreseen(plan: Plan, outside: Outside, console: Console, host: Host) -> Shipping:
    from ci_steps.dictionary.store import Dictionary
    from ci_steps.jobs.binding import Jobs
    from ci_steps.jobs.world import World
    from ci_steps.reporting.shipping import foresee_shipping

    engine = outside.database_to_read(plan.dictionary)
    with Dictionary.open_to_read(engine) as dictionary:
        world = World(outside, console, host, host.facts(outside.environ), dictionary)
        return foresee_shipping(Jobs(plan, world).job(plan.step("version-check")))


def _unknown(plan: Plan, error: DictionaryError) -> Shipping:
    from ci_steps.reporting.shipping import Shipping

    return Shipping(plan.service, str(plan.version), plan.commit, unknown=str(error))


def _show(shipping: Shipping, console: Console, *, as_json: bool, as_markdown: bool) -> None:
    from ci_steps.reporting import shipping_text

    if as_json:
        console.answer(shipping.document())
    elif as_markdown:
        console.result(shipping_text.markdown(shipping).rstrip())
    else:
        for table in shipping_text.tables(shipping):
            console.table(table, result=True)
        for line in shipping_text.lines(shipping):
            console.result(line)


def _comment(shipping: Shipping, console: Console, host: Host) -> None:
    """Say it under the pull request and on the page of the job; a refusal fails nothing."""
    from ci_steps.reporting import shipping_text

    outside = shell.outside_of(console)  # nothing but the host hears of it
    text = console.masked(shipping_text.markdown(shipping))
    host.hand_over({"version": shipping.version, "verdict": shipping.verdict.value}, text, outside)
    try:
        place = host.comment(f"{shipping.service} pull request", text, outside)
    except OutsideError as error:
        # What the token of a pull request from a fork gets.
        console.warning(f"the pull request has no comment: {error}")
        return
    console.note(f"said under {place}" if place else "no pull request to say it under")
