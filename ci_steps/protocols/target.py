"""Where builds run: what a target is told, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ci_steps.protocols.progress import Progress
from ci_steps.versions import Version

if TYPE_CHECKING:
    from ci_steps.outside import Outside


@dataclass(frozen=True)
class Build:
    """What is deployed: a service's folder or image at a version and a commit.

    Of one that `is_irreversible` what ran before must never be brought back, for its database
    cannot be: a target leaves what is there when it fails, and says so.
    """

    service: str
    version: Version
    commit: str
    root: Path
    image: str = ""
    digest: str = ""
    is_irreversible: bool = False

    @property
    def pinned_image(self) -> str:
        """The image by its digest, which is the only name that cannot come to mean another."""
        if not self.digest:
            return self.image
        return f"{self.image.rpartition(':')[0]}@{self.digest}"


@dataclass(frozen=True)
class Place:
    """Where it is deployed, and what the service is told in its environment variables.

    `slot` is the instance place: a new build in the same slot replaces the one before it,
    other slots are left alone.
    """

    environment: str
    slot: str
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Placement:
    """A build that answers its version. `text` says how that was seen."""

    address: str
    text: str = ""


class Target(Protocol):
    """Where builds run: ``targets/process.py``, ``targets/compose.py``.

    One that needs a tool has ``missing(outside)`` as well: why it cannot be used here, or nothing.
    """

    @property
    def Options(self) -> type[Any]:  # noqa: N802 (the name every plug gives its class)
        """What ci-steps.yaml may say under the target's name."""

    def deploy(
        self, build: Build, place: Place, options: Any, outside: Outside, progress: Progress
    ) -> Placement:
        """Bring *build* to *place* and return when it answers its version.

        When it does not, what ran there before runs there again and RefusedError says why;
        where the build `is_irreversible`, nothing is brought back, and it says what is there.
        NotBroughtBackError says that nobody knows what runs there now.
        Interrupted, it leaves what ran before as it was. Deploying what already answers
        changes nothing. In a rehearsal (`outside.rehearsing`) the answer is supposed.
        """

    def stop(self, service: str, place: Place, options: Any, outside: Outside) -> None:
        """End what runs at *place*, if anything does."""
