"""Who decides about what will end: the service, the dictionary, and what is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ci_steps.cli import shell
from ci_steps.model import Table

if TYPE_CHECKING:
    from datetime import date

    from ci_steps.changelog.document import Item
    from ci_steps.changelog.plan import Subject, Words
    from ci_steps.console import Console
    from ci_steps.dictionary.store import Dictionary
    from ci_steps.lifecycle.acts import Kind
    from ci_steps.outside import Outside


@dataclass(frozen=True)
class PlanDesk:
    """A service whose plan is shown or changed."""

    service: str
    dictionary: Dictionary
    outside: Outside
    console: Console
    as_json: bool

    def subject(self, kind: str, name: str, environment: str) -> Subject:
        """Return what the plan is about; UsageError if that cannot be."""
        from ci_steps.changelog.subjects import subject_of

        return subject_of(self.dictionary, self.service, kind, name, environment)

    def decide(
        self,
        subject: Subject,
        acts: Sequence[tuple[Kind, date | None]],
        reason: str,
        by: str,
        words: Words | None = None,
    ) -> None:
        """Keep what was decided, all or nothing, and show the plan as it is now."""
        from ci_steps.changelog.ledger import add
        from ci_steps.changelog.plan import Told, Words
        from ci_steps.errors import UsageError
        from ci_steps.lifecycle.acts import Act

        if not reason.strip():
            raise UsageError("--reason is empty", hint="Whoever reads it later must know why.")
        host = shell.host_of(self.outside, self.console)
        who, now = by or host.facts(self.outside.environ).actor, self.outside.now()
        told = [
            Told(Act(kind, now, who, reason.strip(), day), words or Words()) for kind, day in acts
        ]
        self.dictionary.write(lambda connection: add(connection, self.service, subject, told))
        self.answer()

    def answer(self) -> None:
        """Show the plan."""
        from ci_steps.changelog.building import planned
        from ci_steps.changelog.forms import as_json

        with self.dictionary.reading() as connection:
            items = planned(connection, self.service, self.outside.now())
        if self.as_json:
            plan = [as_json(one) for one in items]
            self.console.answer(
                {"schema": "ci-steps/changelog-plan/1", "service": self.service, "plan": plan}
            )
        elif items:
            self.console.table(_table(self.service, items), result=True)
        else:
            self.console.result(f"nothing of {self.service} is planned to end")


@contextmanager
def plan_desk(service: str, dictionary: str, *, as_json: bool) -> Iterator[PlanDesk]:
    """Open the dictionary; without a name the service is that of the folder."""
    console = shell.console_of(as_json)
    outside = shell.outside_of(console)
    with _opened(outside, service, dictionary) as (name, opened):
        yield PlanDesk(opened.known_service(name).name, opened, outside, console, as_json)


@contextmanager
def _opened(outside: Outside, service: str, dictionary: str) -> Iterator[tuple[str, Dictionary]]:
    from ci_steps.config.changelog import load_changelog
    from ci_steps.config.dictionary_place import any_dictionary_url
    from ci_steps.config.sources import Flags

    if service:
        name, url = service, any_dictionary_url(outside, dictionary, Path.cwd())
    else:
        folder = load_changelog(outside, Flags(dictionary=dictionary))
        name, url = folder.service, folder.dictionary
    with shell.opened(outside, url) as opened:
        yield name, opened


def _table(service: str, items: Sequence[Item]) -> Table:
    rows = tuple(
        (
            f"{one.kind.value} {one.subject}",
            one.environment,
            one.status.value,
            str(one.announced.date()),
            str(one.retire_on or "no day yet"),
            one.instead,
            one.why,
        )
        for one in items
    )
    columns = ("what", "where", "status", "announced", "ends", "instead", "why")
    return Table(columns, rows, f"Plan of {service}")
