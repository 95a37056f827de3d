"""Real git repositories, made for one test, whatever git is configured to on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

HAS_GIT = shutil.which("git") is not None
WITHOUT_GIT = "git is not installed: nothing was proven about repositories"

ENVIRON = {
    "PATH": os.environ.get("PATH", ""),
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "auth-team",
    "GIT_AUTHOR_EMAIL": "auth-team@shop.example",
    "GIT_COMMITTER_NAME": "auth-team",
    "GIT_COMMITTER_EMAIL": "auth-team@shop.example",
}


def git(folder: Path, *arguments: str) -> str:
    """Run git in *folder* and return what it prints."""
    finished = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=ENVIRON,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return finished.stdout.strip()


def repository(folder: Path, *tags: str) -> Path:
    """Make a repository with one commit and these tags; those with a ``*`` are annotated."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "first")
    for tag in tags:
        annotated = ["--annotate", "--message", "a release"] if tag.endswith("*") else []
        git(folder, "tag", *annotated, tag.rstrip("*"))
    return folder
