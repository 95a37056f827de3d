"""What the action installs only when a step needs it: drivers, parsers of rare formats, tracing.

A module that nobody has is looked for here last. If an extra brings it, the wheels of the extra
are installed by their hashes into a folder that every step on this machine uses, and the import
goes on. Where that cannot be, the import fails as ever, and who asked says what to install.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

BRINGS = {
    "psycopg": "postgres",
    "buf_bin": "protobuf",
    "avro": "avro",
    "graphql": "graphql",
    "thriftpy2": "thrift",
    "boto3": "ecs",
    "opentelemetry": "tracing",
}
_PIP = (
    *("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"),
    *("--require-hashes", "--only-binary=:all:", "--no-warn-script-location"),
)
_LONGEST_SECONDS = 300


class Extras:
    """A finder of modules, the last of all: it installs what brings them, once."""

    def __init__(self, locks: Path, caches: Sequence[Path], say: Callable[[str], None]) -> None:
        self._locks, self._caches, self._say = locks, caches, say
        self._tried: set[str] = set()

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where the module is now, or None if no extra brings it or can be installed."""
        extra = BRINGS.get(name, "")
        lock = self._locks / f"{extra}.txt"
        if not extra or extra in self._tried or not lock.is_file():
            return None
        self._tried.add(extra)
        folder = self._provided(extra, lock)
        if folder is None:
            return None
        sys.path.append(str(folder))
        return PathFinder.find_spec(name, [str(folder)])

    def _provided(self, extra: str, lock: Path) -> Path | None:
        """Return the folder with just these wheels, for just this Python."""
        digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
        own = f"{extra}-{digest}-{sys.implementation.cache_tag}"
        for cache in self._caches:
            if (cache / own).is_dir():
                return cache / own
        try:
            half = Path(_made(self._caches))
            return self._installed(extra, lock, half, half.with_name(own))
        except OSError as error:
            self._say(f"the extra {extra} is not installed: {error}")
            return None

    def _installed(self, extra: str, lock: Path, half: Path, folder: Path) -> Path | None:
        """Fill *folder*, whole or not at all; of two jobs that do it at once one wins."""
        self._say(f"the extra {extra} is needed here and installed into {folder}")
        try:
            if problem := _pip("--target", str(half), "--requirement", str(lock)):
                self._say(f"the extra {extra} is not installed: {problem}")
                return None
            half.chmod(0o755)
            with suppress(OSError):  # somebody was faster
                half.rename(folder)
            return folder
        finally:
            shutil.rmtree(half, ignore_errors=True)


def on_demand(locks: str, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Install extras from now on when a module of them is imported.

    They are kept below CI_STEPS_CACHE, or in the runner's folder for tools, which a machine of
    one's own keeps from job to job; where neither can be written, in the folder of the job.
    """
    places = [environ.get(name) for name in ("CI_STEPS_CACHE", "RUNNER_TOOL_CACHE", "RUNNER_TEMP")]
    caches = [Path(place, "ci-steps-extras") for place in places if place]
    sys.meta_path.append(Extras(Path(locks), caches, say))


def _made(caches: Sequence[Path]) -> str:
    """Return a new folder in the first of *caches* that can be written."""
    for cache in caches:
        with suppress(OSError):
            cache.mkdir(parents=True, exist_ok=True)
            return tempfile.mkdtemp(dir=cache)
    raise PermissionError("no folder of the runner can be written")


def _pip(*arguments: str) -> str:
    """Run pip of this Python; return why it did not do it, or nothing."""
    # -I: no module of the repository that is being built stands in for one of pip's.
    command = [sys.executable, "-I", *_PIP, *arguments]
    try:
        ran = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_LONGEST_SECONDS
        )
    except subprocess.TimeoutExpired:
        return f"pip took longer than {_LONGEST_SECONDS} s"
    said = [line for line in ran.stderr.splitlines() if line.strip()]
    return "" if ran.returncode == 0 else (said[-1] if said else f"pip ended with {ran.returncode}")
