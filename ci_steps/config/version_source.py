"""The version of a build: from a file, a git tag, a project file, a variable or a flag."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import attrs

from ci_steps.config.settings import VersionSource
from ci_steps.errors import CiStepsError, UsageError
from ci_steps.outside import Outside
from ci_steps.versions import Version, parse_version

_MOST_BYTES = 1_000_000
_LONGEST_LINE = 300
_USUAL = {"VERSION": "file", "pyproject.toml": "pyproject", "package.json": "package_json"}


def read_version(
    source: VersionSource | None, scheme: str, root: Path, outside: Outside
) -> tuple[Version, str]:
    """Return the version and where it was found; UsageError says why there is none.

    Where is nothing if the version itself was given.
    """
    found = source or _usual_source(root)
    text, where = _written_version(found, root, outside)
    try:
        return parse_version(text, scheme or None), where
    except CiStepsError as error:
        raise UsageError(f"{where}: {error}" if where else str(error), hint=error.hint) from None


def _usual_source(root: Path) -> VersionSource:
    for name, kind in _USUAL.items():
        if (root / name).is_file():
            return VersionSource(**{kind: name})  # type: ignore[arg-type]
    raise UsageError(
        "there is no VERSION, pyproject.toml or package.json",
        hint="Say where it is: version: {file: …}, or {git_tag: ''} for the tag of the commit.",
    )


def _written_version(source: VersionSource, root: Path, outside: Outside) -> tuple[str, str]:
    readers: dict[str, Callable[[str], str]] = {
        "text": lambda text: text,
        "file": lambda name: _line(root / name),
        "git_tag": lambda prefix: _tag(prefix, root, outside),
        "pyproject": lambda name: _key(_toml(root / name), "project", name),
        "package_json": lambda name: _key({"": _json(root / name)}, "", name),
        "env": lambda name: _variable(name, outside),
    }
    given = {
        kind: value
        for kind, value in attrs.asdict(source).items()
        if value or (kind == "git_tag" and value is not None)
    }
    if len(given) != 1:
        places = f"expected one of {', '.join(readers)}"
        raise UsageError(
            f"{places}, got {' and '.join(given) or 'none'}",
            hint="Write: version: {file: VERSION}.",
        )
    ((kind, value),) = given.items()
    return readers[kind](value), "" if kind == "text" else f"{kind} {value}".strip()


def _content(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{path.name} cannot be read: it is not UTF-8") from None
    except OSError as error:
        reason = (error.strerror or "").lower()
        raise UsageError(f"{path.name} cannot be read: {reason}") from None
    if len(content) > _MOST_BYTES:
        raise UsageError(f"{path.name} is longer than {_MOST_BYTES:,} bytes")
    return text


def _line(path: Path) -> str:
    text = _content(path).strip()
    if "\n" in text or len(text) > _LONGEST_LINE:
        raise UsageError(f"{path.name} holds more than a version")
    return text


def _toml(path: Path) -> Any:
    # By its name: type checkers know only one of the two on any Python.
    tomllib: Any = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        return tomllib.loads(_content(path))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path.name} is not TOML: {_reason(error)}") from None


def _json(path: Path) -> Any:
    try:
        return json.loads(_content(path))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path.name} is not JSON: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    text = "too deeply nested" if isinstance(error, RecursionError) else str(error)
    return text[:1].lower() + text[1:]


def _key(content: Any, section: str, name: str) -> str:
    part = content.get(section) if isinstance(content, dict) else None
    version = part.get("version") if isinstance(part, dict) else None
    if not isinstance(version, str):
        raise UsageError(f"{name} has no version that is a text")
    return version


def _variable(name: str, outside: Outside) -> str:
    value = outside.environ.get(name, "").strip()
    if not value:
        raise UsageError(f"the environment variable {name} is not set")
    return value


def _tag(prefix: str, root: Path, outside: Outside) -> str:
    """Return the version in the tag of this commit; two versions are nobody's."""
    asked = outside.ask(["git", "tag", "--points-at", "HEAD"], cwd=root)
    if not asked.ok:
        raise UsageError(f"git says {asked.output.strip()[:200]!r}")
    versions = [
        tag[len(prefix) :]
        for tag in asked.output.split()
        if tag.startswith(prefix) and _is_version(tag[len(prefix) :])
    ]
    if len(versions) != 1:
        found = f"tags {', '.join(versions)}" if versions else "no tag"
        raise UsageError(
            f"this commit has {found} of the form {prefix}VERSION",
            hint=f"Tag it once (git tag -a {prefix}1.2.0 -m 'release 1.2.0'), "
            "and let the CI system fetch tags.",
        )
    return versions[0]


def _is_version(text: str) -> bool:
    try:
        parse_version(text)
    except CiStepsError:
        return False
    return True
