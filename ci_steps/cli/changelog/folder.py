"""The folder of a service and the dictionary, as the commands of its change log need them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ci_steps.cli import shell

if TYPE_CHECKING:
    from pathlib import Path

    from ci_steps.changelog.document import ChangeLog
    from ci_steps.changelog.files import Placed
    from ci_steps.changelog.fragments import Fragment
    from ci_steps.config.changelog import LogFolder
    from ci_steps.dictionary.store import Dictionary
    from ci_steps.outside import Outside


@dataclass(frozen=True)
class Desk:
    """Where a change log is written: a folder, its dictionary and the world."""

    folder: LogFolder
    dictionary: Dictionary
    outside: Outside

    def called_now(self, log: ChangeLog) -> ChangeLog:
        """Return what was published, under the name that the service has now."""
        from ci_steps.dictionary.aliases import present_name

        with self.dictionary.reading() as connection:
            return replace(log, service=present_name(connection, log.service))

    def gathered(
        self,
        published: ChangeLog | None,
        fragments: tuple[Placed[Fragment], ...],
        *,
        with_calls: bool = True,
    ) -> ChangeLog:
        """Return the change log as everything says it that is known now."""
        from ci_steps.changelog.building import Sources, build, nobody_looks
        from ci_steps.changelog.tags import tags
        from ci_steps.lifecycle.observing import observer

        seen = [(one.module, one.options) for one in self.folder.usages]
        sources = Sources(
            [one.value for one in fragments],
            tags(self.folder.root, self.folder.tag_prefix, self.outside),
            published,
            self.folder.version,
            self.folder.rules,
            observer(seen, self.outside) if with_calls else nobody_looks,
        )
        return build(self.dictionary, self.folder.service, self.outside.now(), sources)


@contextmanager
def desk_of(config: str, dictionary: str) -> Iterator[Desk]:
    """Open the dictionary of the service in this folder."""
    from ci_steps.config.changelog import load_changelog
    from ci_steps.config.sources import Flags

    outside = shell.outside_of(shell.console_of(None))
    folder = load_changelog(outside, Flags(config=config, dictionary=dictionary))
    with shell.opened(outside, folder.dictionary) as opened:
        yield Desk(folder, opened, outside)


def shown(path: Path) -> str:
    """Return a path as one would type it here."""
    from ci_steps.config.sources import shown as typed

    return typed(path)
