"""What a database complains about, in the words of people who use a dictionary."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import exc

from ci_steps.errors import DictionaryError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Turn what the database of *engine* complains about into DictionaryError."""
    place = engine.url.database or "in memory"
    if engine.dialect.name != "sqlite":
        place = engine.url.render_as_string(hide_password=True)
    with translated_at(place):
        yield


@contextmanager
def translated_at(place: str) -> Iterator[None]:
    """Turn what the database at *place* complains about into DictionaryError."""
    try:
        yield
    except exc.TimeoutError as error:
        raise DictionaryError(
            f"the dictionary {place} has no free connection", hint="Ask it less at once."
        ) from error
    except (exc.DBAPIError, sqlite3.Error) as error:
        said = str(error.orig if isinstance(error, exc.DBAPIError) else error).strip()
        raise _explained(place, said.splitlines()[0] if said else type(error).__name__) from error


# What SQLite says, what that means, what to do about it.
_EXPLAINED = {
    "database is locked": (
        "the dictionary {} is locked: another process has been writing for too long",
        "Try again; when it stays locked, end the process that has the file open.",
    ),
    "readonly database": (
        "cannot write the dictionary {}: the file or its folder is read-only",
        "Give this user the right to write the file and its folder, or name another file.",
    ),
    "unable to open database file": (
        "cannot open the dictionary {}: the file or its folder is not accessible",
        "Give this user the right to write the file and its folder, or name another file.",
    ),
    "file is not a database": (
        "{} is not a dictionary: the file is not a database",
        "Name another file, or move this one away.",
    ),
    "malformed": (
        "the dictionary {} is damaged: database disk image is malformed",
        "Restore the file from a backup.",
    ),
    "disk is full": ("cannot write the dictionary {}: the disk is full", "Make room on the disk."),
}


def _explained(place: str, said: str) -> DictionaryError:
    for words, (message, hint) in _EXPLAINED.items():
        if words in said:
            return DictionaryError(message.format(place), hint=hint)
    return DictionaryError(f"the dictionary {place} cannot be used: {said}")
