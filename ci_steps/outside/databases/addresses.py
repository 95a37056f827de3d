"""How people write where a dictionary is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ci_steps.errors import DictionaryError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

_IN_QUERY = re.compile(r"([?&]password=)[^&]*")

# What shows that a job runs, and the variable that names its workspace.
_WORKSPACES = {
    "GITHUB_ACTIONS": "GITHUB_WORKSPACE",
    "JENKINS_URL": "WORKSPACE",
    "GITLAB_CI": "CI_PROJECT_DIR",
}
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


def refuse_workspace(url: str, environ: Mapping[str, str]) -> None:
    """Raise UsageError if *url* names a file in the workspace of a CI job."""
    path = sqlite_path(url)
    if path is None:
        return
    found = path.resolve()
    for job, variable in _WORKSPACES.items():
        workspace = environ.get(variable, "") if environ.get(job) else ""
        if workspace and found.is_relative_to(Path(workspace).resolve()):
            raise UsageError(
                f"the dictionary {path} is in the workspace of this job ({variable}), which is "
                "wiped, and which no other pipeline sees",
                hint="Name a file that outlives the job and that all services share, or a server: "
                "CI_STEPS_DICTIONARY=postgresql://host/name.",
            )


def password_of(url: str) -> str:
    """Return the password in *url*, as it is written there, or nothing.

    One that is also a name in it, as in ``postgres:postgres@host``, is no secret to hide: it
    would be hidden in all that is written.
    """
    query = _IN_QUERY.search(url)
    user = url.rpartition("@")[0].partition("://")[2]
    found = query[0].partition("=")[2] if query else user.partition(":")[2]
    return found if url.count(found) == 1 else ""


def shown(url: str) -> str:
    """Return *url* without a password."""
    url = _IN_QUERY.sub(r"\1***", url)
    before, separator, behind = url.rpartition("@")
    scheme, slashes, user = before.partition("://")
    if not separator or ":" not in user:
        return url
    return f"{scheme}{slashes}{user.partition(':')[0]}:***@{behind}"
