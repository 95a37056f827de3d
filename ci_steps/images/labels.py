"""The labels an image carries, so that it says by itself what it is and what it needs."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# https://github.com/opencontainers/image-spec/blob/main/annotations.md
TITLE = "org.opencontainers.image.title"
VERSION = "org.opencontainers.image.version"
REVISION = "org.opencontainers.image.revision"
CREATED = "org.opencontainers.image.created"
REQUIREMENTS = "io.ci-steps.requirements"


def labels(
    service: str, version: str, commit: str, created: datetime, requirements: Sequence[str]
) -> dict[str, str]:
    """Return the labels of a build; requirements are in alphabetical order, with commas."""
    return {
        TITLE: service,
        VERSION: version,
        REVISION: commit,
        # RFC 3339, as the specification asks; a fraction of a second tells nobody anything.
        CREATED: created.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        REQUIREMENTS: ",".join(sorted(requirements)),
    }
