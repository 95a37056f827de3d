"""Where a repository says its version; where no file does that we read, VERSION will."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ci_steps.errors import CiStepsError
from ci_steps.scaffold.folder import at
from ci_steps.versions import parse_version

if TYPE_CHECKING:
    from ci_steps.scaffold.folder import Folder

_FIRST = "0.1.0"
_SNAPSHOT = "-SNAPSHOT"  # how Maven and Gradle call what is not released yet


@dataclass(frozen=True)
class VersionPlace:
    """A key of `version` with its value; *written* is what a new VERSION file will hold."""

    key: str
    value: str
    because: str
    written: str = ""


def version_place(folder: Folder) -> VersionPlace:
    """Return where the version is read, or the file that has to be made for it."""
    if _is_version(folder.text("VERSION").strip()):
        return VersionPlace("file", "VERSION", "VERSION")
    if _is_version(at(folder.toml("pyproject.toml"), "project", "version")):
        return VersionPlace("pyproject", "pyproject.toml", "pyproject.toml says it")
    if _is_version(folder.json("package.json").get("version")):
        return VersionPlace("package_json", "package.json", "package.json says it")
    found, where = next(
        ((text, name) for text, name in _elsewhere(folder) if _is_version(text)), ("", "")
    )
    why = f"taken over from {where}" if found else "nothing here says one"
    return VersionPlace("file", "VERSION", f"a new file, {why}", written=found or _FIRST)


def _elsewhere(folder: Folder) -> list[tuple[Any, str]]:
    project = re.sub(r"(?s)<(parent|dependencies|build)>.*?</\1>", "", folder.text("pom.xml"))
    places = {
        "pyproject.toml": at(folder.toml("pyproject.toml"), "tool", "poetry", "version"),
        "Cargo.toml": at(folder.toml("Cargo.toml"), "package", "version"),
        "setup.cfg": _match(r"^version\s*=\s*(\S+)", folder.text("setup.cfg")),
        "setup.py": _match(r"\bversion\s*=\s*[\"']([^\"']+)", folder.text("setup.py")),
        "pom.xml": _match(r"<version>\s*([^<\s]+)", project),
        "build.gradle": _match(r"^version\s*=?\s*[\"']([^\"']+)", folder.text("build.gradle")),
        "build.gradle.kts": _match(r"^version\s*=\s*\"([^\"]+)", folder.text("build.gradle.kts")),
    }
    return [
        (text.removesuffix(_SNAPSHOT) if isinstance(text, str) else text, name)
        for name, text in places.items()
    ]


def _match(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    return found[1] if found else ""


def _is_version(text: Any) -> bool:
    if not isinstance(text, str):
        return False
    try:
        parse_version(text)
    except CiStepsError:
        return False
    return True
