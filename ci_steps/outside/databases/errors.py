"""What a database complains about, in the words of people who use a dictionary."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import exc

from ci_steps.errors import DictionaryError
from ci_steps.outside.databases.complaints import (
    CODES,
    CONNECTING,
    FILES,
    PASSES,
    PASSING_CODES,
    UNREACHABLE,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Engine

_T = TypeVar("_T")

# An execution option: where the database is that this one, in memory, is a copy of.
COPIED = "ci_steps_copied"


class LostDatabaseError(DictionaryError):
    """The database went away, or could not carry out a transaction this time."""


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Turn what the database of *engine* complains about into DictionaryError."""
    with translated_at(place_of(engine)):
        yield


def place_of(engine: Engine) -> str:
    """Return where the database is, as people write it, without the password."""
    if engine.dialect.name == "sqlite":
        copied: str = engine.get_execution_options().get(COPIED, "in memory")
        return engine.url.database or copied
    query = {name: value for name, value in engine.url.query.items() if name == "host"}
    url = engine.url.set(drivername="postgresql", query=query)
    return url.render_as_string(hide_password=True)


@contextmanager
def translated_at(place: str) -> Iterator[None]:
    """Turn what the database at *place* complains about into DictionaryError."""
    try:
        yield
    except exc.TimeoutError as error:
        raise DictionaryError(
            f"the dictionary {place} has no free connection", hint="Ask it less at once."
        ) from error
    except exc.DBAPIError as error:
        raise _explained(place, error.orig, is_lost=error.connection_invalidated) from error
    except sqlite3.Error as error:
        raise _explained(place, error) from error


def _explained(
    place: str, error: BaseException | None, *, is_lost: bool = False
) -> DictionaryError:
    said = (str(error).strip().splitlines() or [type(error).__name__])[0]
    code = getattr(error, "sqlstate", None) or ""
    known = CODES.get(code) or (None if code else _first({**FILES, **CONNECTING}, said))
    if known:
        message, hint = known
        return DictionaryError(message.format(place), hint=hint)
    passes = PASSING_CODES.get(code) or (None if code else _first(PASSES, said))
    if passes or is_lost:
        return LostDatabaseError(
            f"the dictionary {place} does not answer: {passes or 'the connection broke'}",
            hint="Run the step again: what is recorded already is not recorded twice.",
        )
    unreachable = _first(UNREACHABLE, said)
    if unreachable:
        return DictionaryError(
            f"the dictionary {place} does not answer: {unreachable}",
            hint="Check the host and the port in the address.",
        )
    return DictionaryError(f"the dictionary {place} cannot be used: {said}")


def _first(known: Mapping[str, _T], said: str) -> _T | None:
    return next((meaning for words, meaning in known.items() if words in said), None)
