"""One deployment at a time in a slot, and a mark for the next one if it is killed.

This is for targets whose tool does not see to it: what the mark says is what the next
deployment has to settle before it begins.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ci_steps.deploying.irreversible import left_there
from ci_steps.deploying.local_slots import called, slot_folder
from ci_steps.deploying.undoing import undone
from ci_steps.errors import RefusedError

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.protocols import Build, Place, Progress


@dataclass(frozen=True)
class Attempt:
    """The only deployment of a slot; its *folder* is that of the slot on this machine."""

    folder: Path
    outside: Outside

    @property
    def unfinished(self) -> Mapping[str, str]:
        """What an earlier deployment that was killed was about to deploy, or nothing."""
        with suppress(OSError, ValueError):
            found = json.loads(self._mark.read_text(encoding="utf-8"))
            if isinstance(found, dict):
                return {str(key): str(value) for key, value in found.items()}
        return {}

    @contextmanager
    def marked(self, build: Build) -> Iterator[None]:
        """Mark *build* as begun for the block; nobody has to settle what is left as it is."""
        self.begin(build)
        try:
            yield
        except BaseException:
            if build.is_irreversible:
                self.settle()
            raise
        self.settle()

    def begin(self, build: Build) -> None:
        """From here on somebody has to settle it, if we cannot."""
        facts = {
            "version": str(build.version),
            "commit": build.commit,
            "image": build.image,
            "digest": build.digest,
        }
        self.outside.write(self._mark, json.dumps(facts).encode())

    def settle(self) -> None:
        """Say that what runs is what was proven: the new version, or what ran before."""
        self.outside.remove(self._mark)

    @property
    def _mark(self) -> Path:
        return self.folder / "unfinished.json"


@contextmanager
def only_attempt(service: str, place: Place, outside: Outside) -> Iterator[Attempt]:
    """Be the only one on this machine who deploys to *place*, or be refused."""
    folder = slot_folder(outside.environ, service, place)
    with ExitStack() as held:
        try:
            held.enter_context(outside.locked(folder / "deploying", wait=False))
        except RefusedError:
            raise RefusedError(
                f"{called(service, place)}: another deployment of it is under way",
                hint="Deploy again when that one has ended.",
            ) from None
        yield Attempt(folder, outside)


@contextmanager
def brought_back(
    roll_back: Callable[[], object], build: Build, progress: Progress
) -> Iterator[None]:
    """Let *roll_back* bring back what ran before, but for what may not be brought back."""
    if not build.is_irreversible:
        with undone(roll_back):
            yield
        return
    with left_there(build, progress):
        yield
