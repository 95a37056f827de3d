"""The folders in which this machine keeps what runs on it, one for each slot of a service.

``$CI_STEPS_STATE/<service>-<hash>/<slot>/`` holds ``state.json``, ``service.log`` and
``releases/``: copies of what was deployed, so that editing the source does not change what
a restart starts.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ci_steps.errors import UsageError
from ci_steps.outside import Outside
from ci_steps.protocols import Build, Place

# In the folder of a slot: what its middleware tells callers.
ENDINGS = "endings.json"

LEFT_OUT = (".git", ".ci-steps", "__pycache__", ".venv", "node_modules")

_KEPT_RELEASES = 3
_SHOWN = 12


def state_root(environ: Mapping[str, str]) -> Path:
    """Return where everything that must outlive a job is kept."""
    if environ.get("CI_STEPS_STATE"):
        return Path(environ["CI_STEPS_STATE"]).absolute()
    if environ.get("XDG_STATE_HOME"):
        return Path(environ["XDG_STATE_HOME"], "ci-steps").absolute()
    home = Path(environ["HOME"]) if environ.get("HOME") else Path.home()
    return (home / ".local" / "state" / "ci-steps").absolute()


def slot_folder(environ: Mapping[str, str], service: str, place: Place) -> Path:
    """Return the folder of a slot; it need not exist. Short: a unix socket lies in it."""
    name = f"{service[:_SHOWN]}-{_short_hash(f'{service} {place.environment}')}"
    return state_root(environ) / name / slug(place.slot)


def called(service: str, place: Place) -> str:
    """Return what people call a slot of a service."""
    return f"{service} (line {place.slot}) in {place.environment}"


def slug(text: str) -> str:
    """Return a short file name for *text*, another one for another text."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip(".-")[:_SHOWN]
    return plain if plain == text else f"{plain}-{_short_hash(text)}"


def recorded_port(folder: Path) -> int:
    """Return the public port of a slot, or 0 where nothing was deployed."""
    with suppress(OSError, ValueError, LookupError, TypeError):
        return int(json.loads((folder / "state.json").read_text(encoding="utf-8"))["port"])
    return 0


def ports_of_siblings(folder: Path) -> set[int]:
    """Return the ports of the other slots of the same service in the same environment."""
    siblings = {state.parent for state in folder.parent.glob("*/state.json")} - {folder}
    return {recorded_port(sibling) for sibling in siblings} - {0}


def release_folder(folder: Path, build: Build, content: str) -> Path:
    """Return where the copy of *build* is; the same version may be built from other content."""
    written = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{build.version}-{build.commit[:12]}")
    return folder / "releases" / f"{written}-{content[:8]}"


def content_of(build: Build, folder: Path) -> str:
    """Return a digest of what would be copied."""
    from ci_steps.outside import trees

    root = build.root.resolve()
    if root in folder.resolve().parents:
        inside = folder.resolve().relative_to(root).parts
        if not set(inside) & set(LEFT_OUT):
            raise UsageError(
                f"the state folder {inside[0]!r} lies in the service's own folder",
                hint="Let CI_STEPS_STATE name a folder outside of it, or one in .ci-steps.",
            )
    return trees.digest(root, LEFT_OUT)


def keep_release(build: Build, release: Path, outside: Outside) -> None:
    """Copy *build* there, unless it was before."""
    if not release.is_dir():
        outside.copy(build.root.resolve(), release, LEFT_OUT)


def forget_old_releases(used: set[Path], outside: Outside) -> None:
    """Keep what is *used* and the newest copies, three in all."""
    present = {path for release in used for path in release.parent.iterdir()}
    old = sorted(present - used, key=lambda path: path.stat().st_mtime, reverse=True)
    for path in old[max(0, _KEPT_RELEASES - len(used)) :]:
        outside.remove(path)


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
