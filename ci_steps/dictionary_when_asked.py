"""A dictionary that is opened when something is asked of it, or while a test command runs.

Opening it costs more than all that comes before the first line of a test command: it loads the
library of databases and talks with the server. So the command is started first, and one that
cannot be opened ends it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary
    from ci_steps.outside import Outside


class DictionaryWhenAsked:
    """Has all that a `Dictionary` has; the first question opens it."""

    def __init__(self, outside: Outside, url: str) -> None:
        self._outside, self._url = outside, url

    @cached_property
    def opened(self) -> Dictionary:
        """The dictionary itself; DictionaryError if it cannot be opened."""
        from ci_steps.dictionary.store import Dictionary

        return Dictionary.open(self._outside.database(self._url))

    def close(self) -> None:
        """Let go of the database, if it was opened."""
        if "opened" in self.__dict__:
            self.opened.close()

    def __getattr__(self, name: str) -> Any:
        """Return what the dictionary has under this name."""
        if name == "opened":  # opening it went wrong in a way that nobody foresaw
            raise AttributeError(name)
        return getattr(self.opened, name)
