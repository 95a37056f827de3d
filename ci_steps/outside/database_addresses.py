"""How people write where a dictionary is."""

from __future__ import annotations

from pathlib import Path

from ci_steps.errors import DictionaryError

_SERVERS = frozenset({"postgresql", "postgres", "postgresql+psycopg"})


def sqlite_path(url: str) -> Path | None:
    """Return the file that *url* names, or None for the address of a server."""
    scheme, separator, rest = url.partition("://")
    if separator and scheme in _SERVERS:
        return None
    if separator and scheme != "sqlite":
        raise DictionaryError(
            f"{shown(url)!r} is not the address of a dictionary: unknown scheme {scheme!r}",
            hint="Give the path of a file, sqlite:///path or postgresql://host/name.",
        )
    text = rest.removeprefix("/") if separator else url
    if not text or (separator and not rest.startswith("/")) or text.startswith("sqlite:"):
        # An empty path would mean a database in memory to SQLAlchemy, and be lost.
        raise DictionaryError(
            f"{url!r} names no dictionary",
            hint="Give the path of a file, or sqlite:///path with three slashes.",
        )
    if "?" in text and separator:
        raise DictionaryError(
            f"{url!r} has options, and a dictionary in a file has none",
            hint="Leave out the ? and what is behind it.",
        )
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise DictionaryError(f"cannot open the dictionary {text}: {error}") from error


def shown(url: str) -> str:
    """Return *url* without a password."""
    before, separator, behind = url.rpartition("@")
    scheme, slashes, user = before.partition("://")
    if not separator or ":" not in user:
        return url
    return f"{scheme}{slashes}{user.partition(':')[0]}:***@{behind}"
