"""A small service with an image to build, and the job a step is given for it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, cast

from ci_steps.model import Release
from ci_steps.outside import Outside
from ci_steps.protocols import Builder, Job
from ci_steps.versions import Version, parse_requirement, parse_version

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ci_steps.dictionary.store import Dictionary

AT = datetime(2017, 10, 1, 12, 30, 15, tzinfo=timezone.utc)


class Clocked(Outside):
    """The real world at noon of a day in 2017."""

    def now(self) -> datetime:
        return AT


@dataclass
class Shown:
    """Progress that is kept."""

    lines: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def line(self, text: str) -> None:
        self.lines.append(text)

    def note(self, text: str) -> None:
        self.notes.append(text)


@dataclass(frozen=True)
class Known:
    """A dictionary that knows one release, or none."""

    known: Release | None = None

    def release(self, service: str, version: Version) -> Release | None:
        found = self.known
        return found if found and (found.service, found.version) == (service, version) else None


def final(service: str, version: str, commit: str) -> Release:
    """Return a release that production has had."""
    return Release(service, parse_version(version), commit, final=True)


def job(
    root: Path,
    outside: Outside,
    builders: Mapping[str, Builder],
    *,
    service: str = "auth",
    commit: str = "c0ffee",
    known: Release | None = None,
) -> Job:
    """Return the job of a service at 1.1.0 that needs two others."""
    return Job(
        service=service,
        owner="auth-team",
        version=parse_version("1.1.0"),
        commit=commit,
        root=root,
        requirements=(parse_requirement("mail-v1_20171001-2"), parse_requirement("gis-201610")),
        outside=outside,
        dictionary=cast("Dictionary", Known(known)),
        progress=Shown(),
        find=lambda *_: (),
        builders=builders,
    )


def service_folder(root: Path, base_tar: Path, *instructions: str) -> Path:
    """Write a Dockerfile that begins with a shell and needs no network."""
    shutil.copy(base_tar, root / "base.tar")
    lines = ("FROM scratch", "ADD base.tar /", "ARG GREETING=nobody", *instructions)
    (root / "Dockerfile").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root
