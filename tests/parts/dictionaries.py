"""A real dictionary, and the few lines that put something into it."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import TYPE_CHECKING

from ci_steps.dictionary.store import Dictionary
from ci_steps.model import Deployment, Evidence, Release
from ci_steps.outside.databases.opening import open_database
from ci_steps.versions import parse_requirement, parse_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

NOON = datetime(2017, 10, 1, 12, tzinfo=timezone.utc)


# An engine keeps the statements that it has made texts of, which takes longer than most tests.
_IDLE: list[Engine] = []


@contextmanager
def dictionary_at(url: str = ":memory:") -> Iterator[Dictionary]:
    """Open a dictionary, in memory or in a file, and close it."""
    if url == ":memory:":
        with _in_memory() as opened:
            yield opened
    else:
        with Dictionary.open(open_database(url)) as opened:
            yield opened


@contextmanager
def _in_memory() -> Iterator[Dictionary]:
    engine = _IDLE.pop() if _IDLE else open_database(":memory:")
    _copy_tables(engine)
    with Dictionary.open(engine) as opened:
        yield opened
    _IDLE.append(engine)


def _copy_tables(engine: Engine) -> None:
    """Copy the tables of a dictionary: to make them anew takes as long as many a test."""
    with engine.connect() as connection:
        _tables().backup(connection.connection.driver_connection)  # type: ignore[arg-type]


@lru_cache(maxsize=1)
def _tables() -> sqlite3.Connection:
    tables = sqlite3.connect(":memory:", check_same_thread=False)
    with Dictionary.open(open_database(":memory:")) as made, made.engine.connect() as connection:
        connection.connection.driver_connection.backup(tables)  # type: ignore[union-attr]
    return tables


def release(
    label: str, *needs: str, commit: str = "c1", contract: str = "", final: bool = False
) -> Release:
    """Return ``auth 1.1``, which needs ``gis-201610`` and whatever else is named."""
    service, version = label.split(" ")
    return Release(
        service,
        parse_version(version),
        commit,
        tuple(map(parse_requirement, needs)),
        contract,
        final=final,
    )


def deployed(
    of: Release, environment: str = "production", *, hours: float = 0, address: str = ""
) -> Deployment:
    """Return *of* running in the slot of its line since some hours after noon."""
    return Deployment(
        of.service,
        of.version,
        of.commit,
        environment,
        of.version.line,
        NOON + timedelta(hours=hours),
        address=address,
    )


def ship(
    dictionary: Dictionary,
    label: str,
    *needs: str,
    environment: str = "production",
    commit: str = "c1",
    hours: float = 0,
    replaces: tuple[str, ...] = (),
) -> None:
    """Record that ``auth 1.1`` runs in an environment."""
    shipped = release(label, *needs, commit=commit)
    dictionary.record_deployment(
        shipped,
        deployed(shipped, environment, hours=hours),
        production=environment == "production",
        replaces=replaces,
    )


def evidence(
    kind: str,
    *,
    passed: bool = True,
    version: str = "1.1",
    commit: str = "c1",
    environment: str = "",
    hours: float = 0,
) -> Evidence:
    """Return evidence about auth."""
    return Evidence(
        kind, passed, "auth", version, commit, NOON + timedelta(hours=hours), environment
    )
