"""`ci-steps notices send` and `tick`: what waits is sent by whoever comes by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import click

from ci_steps.cli import shell
from ci_steps.cli.notices import dry_run_answer
from ci_steps.errors import UndeliveredError

if TYPE_CHECKING:
    from ci_steps.config.notify import Notify
    from ci_steps.console import Console
    from ci_steps.dictionary.store import Dictionary
    from ci_steps.notices.presenting import Manner
    from ci_steps.notices.sending.claims import Channels
    from ci_steps.notices.tick import Ticked
    from ci_steps.outside import Outside
    from ci_steps.protocols import Host, Sent


@dataclass(frozen=True)
class Desk:
    """Where notices are sent from: the configuration, the dictionary, and who hears of it."""

    notify: Notify
    dictionary: Dictionary
    outside: Outside
    console: Console
    host: Host

    @property
    def channels(self) -> Channels:
        """The channels that the configuration names."""
        from ci_steps.notices.presenting import in_manner

        named = {one.name: (one.module, one.options) for one in self.notify.channels}
        return in_manner(named, self.manner)

    @property
    def manner(self) -> Manner:
        """How the configuration wants messages to be."""
        from ci_steps.config.manner import manner_of

        return manner_of(self.notify.settings, self.notify.notifying)

    def report(self, sent: Sent, lines: tuple[str, ...] = ()) -> None:
        """Say what became of it, to people and to the page of the CI host."""
        undelivered = (*sent.waiting, *sent.undelivered)
        for problem in (*self.manner.problems, *self._unknown_time_zones()):
            self.console.warning(problem)
        for line in (*lines, *(f"told {one}" for one in sent.delivered)):
            self.console.result(line)
        for line in undelivered:
            self.console.warning(line)
            self.console.raw(self.host.annotation("warning", self.console.masked(line)))
        if not (lines or sent.delivered or undelivered):
            self.console.result("nothing is waiting")
        self.host.hand_over({}, self.console.masked(_summary(sent, lines)), self.outside)

    def _unknown_time_zones(self) -> tuple[str, ...]:
        from ci_steps.notices.time_zones import unknown_time_zones

        with self.dictionary.reading() as connection:
            return unknown_time_zones(connection)


def sending_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what every command has that sends."""
    for option in (
        click.option(
            "--strict", is_flag=True, help="End with status 4 when something is undelivered."
        ),
        click.option(
            "--budget",
            "budget_seconds",
            type=click.FloatRange(min=1),
            default=60,
            metavar="SECONDS",
            help="Leave the rest to the next run after this time. Default: 60.",
        ),
        click.option(
            "--dry-run",
            "only_look",
            is_flag=True,
            help="Show what would be sent to whom; nothing is sent and nothing is written.",
        ),
        click.option(
            "--config", default="", metavar="FILE", help="The file, instead of ci-steps.yaml."
        ),
    ):
        command = option(command)
    return shell.dictionary_option(shell.json_option(command))


@click.command()
@click.option("--failed", is_flag=True, help="Try again, too, what was given up.")
@sending_options
def send(
    dictionary: str,
    config: str,
    budget_seconds: float,
    *,
    failed: bool,
    strict: bool,
    only_look: bool,
    as_json: bool,
) -> None:
    """Send the messages that wait, each of them once.

    For a step that always runs, also when one before it has failed. The channels are those of
    ci-steps.yaml.

    Example: ci-steps notices send --strict
    """
    from ci_steps.notices import dry_run
    from ci_steps.notices.sending import outbox, standing

    with opened_desk(dictionary, config, as_json=as_json) as desk:
        if only_look:
            now = desk.outside.now()
            foreseen = dry_run.sending(desk.dictionary, desk.channels, now, failed=failed)
            if as_json:
                desk.console.answer(dry_run_answer.document("send", foreseen))
            else:
                dry_run_answer.show(desk.console, foreseen)
            return
        if failed:
            now = desk.outside.now()
            desk.dictionary.write(lambda connection: standing.try_failed_again(connection, now))
        sent = outbox.send(
            desk.dictionary,
            desk.channels,
            desk.outside,
            budget_seconds=budget_seconds,
            catch_all=desk.notify.settings.catch_all,
        )
        if as_json:
            desk.console.answer({"schema": "ci-steps/notices-send/1", **_document(sent)})
        else:
            desk.report(sent)
    _fail_if(strict, sent)


@click.command()
@click.option(
    "--since",
    type=shell.DAY,
    metavar="DATE",
    help="Announce too what was deployed since this day, before the first tick.",
)
@sending_options
def tick(
    dictionary: str,
    config: str,
    budget_seconds: float,
    since: datetime | None,
    *,
    strict: bool,
    only_look: bool,
    as_json: bool,
) -> None:
    """Do what is due: for a schedule, every quarter of an hour.

    Ends obligations that are fulfilled, announces what reached production by another way,
    reminds, and sends what waits. Any job can do it; two at once do nothing twice.
    Example: ci-steps notices tick
    """
    from ci_steps.notices import dry_run, schedule
    from ci_steps.notices import tick as ticking
    from ci_steps.notices.moving.terms import Terms

    with opened_desk(dictionary, config, as_json=as_json) as desk:
        facts = desk.host.facts(desk.outside.environ)
        grace_days = desk.notify.settings.grace_days
        how = ticking.Schedule(
            due=lambda day: schedule.due_day(day, grace_days),
            by=facts.url or facts.actor,
            since=since and since.replace(tzinfo=timezone.utc),
            budget_seconds=budget_seconds,
            catch_all=desk.notify.settings.catch_all,
            terms=desk.notify.notifying.terms if desk.notify.notifying else Terms(),
        )
        if only_look:
            done, foreseen = dry_run.ticking(
                desk.dictionary, desk.channels, how, desk.outside.now()
            )
            if as_json:
                also = _done_document(done)
                desk.console.answer(dry_run_answer.document("tick", foreseen, also))
            else:
                dry_run_answer.show(desk.console, foreseen, _lines(done))
            return
        done = ticking.tick(desk.dictionary, desk.channels, desk.outside, how)
        if as_json:
            desk.console.answer({"schema": "ci-steps/notices-tick/1", **_ticked_document(done)})
        else:
            desk.report(done.sent, _lines(done))
    _fail_if(strict, done.sent)


@contextmanager
def opened_desk(dictionary: str, config: str, *, as_json: bool) -> Iterator[Desk]:
    """Read how owners are told, and open the dictionary."""
    from ci_steps.config.notify import load_notify
    from ci_steps.config.sources import Flags

    console = shell.console_of(as_json)
    outside = shell.outside_of(console)
    host = shell.host_of(outside, console)
    notify = load_notify(outside, Flags(config=config, dictionary=dictionary))
    with shell.opened(outside, notify.dictionary) as opened:
        yield Desk(notify, opened, outside, console, host)


def _fail_if(strict: bool, sent: Sent) -> None:  # noqa: FBT001 (the flag of the command)
    undelivered = len(sent.waiting) + len(sent.undelivered)
    if strict and undelivered:
        text = "1 message is" if undelivered == 1 else f"{undelivered} messages are"
        raise UndeliveredError(f"{text} undelivered", hint="ci-steps notices status says why.")


def _lines(done: Ticked) -> tuple[str, ...]:
    return (
        *(f"{one.dependent} has nothing left to do for {one.to}" for one in done.ended),
        *(
            f"announced {one.to}: {len(one.obligations)} must move by {one.due}"
            for one in done.announced
        ),
        *(one for announced in done.announced for one in announced.unreachable),
        *(f"withdrawn {one}" for one in done.withdrawn),
    )


def _ticked_document(done: Ticked) -> dict[str, Any]:
    return {**_done_document(done), **_document(done.sent)}


def _done_document(done: Ticked) -> dict[str, Any]:
    ended = [{"service": one.dependent, "to": one.to} for one in done.ended]
    announced = [
        {
            "to": one.to,
            "due": str(one.due or ""),
            "services": [of.dependent for of in one.obligations],
            "unreachable": list(one.unreachable),
        }
        for one in done.announced
    ]
    told = {"withdrawn": list(done.withdrawn), "reminded": done.reminded}
    return {"ended": ended, "announced": announced, **told}


def _document(sent: Sent) -> dict[str, Any]:
    return {
        "delivered": list(sent.delivered),
        "waiting": list(sent.waiting),
        "undelivered": list(sent.undelivered),
    }


def _summary(sent: Sent, lines: tuple[str, ...]) -> str:
    """Return it for the page of a CI host; nothing where nothing happened."""
    from ci_steps.writing.markdown import text

    said = (*lines, *(f"told {one}" for one in sent.delivered))
    wrong = (*sent.waiting, *sent.undelivered)
    if not (said or wrong):
        return ""
    shown = [*(f"- {text(one)}" for one in said), *(f"- ⚠️ {text(one)}" for one in wrong)]
    return "\n".join(["## Notices", "", *shown, ""])
