"""What Compose is given for one deployment, kept in a folder so that it can be given again.

The service's own files are copied as they are, not filled in, so that no secret is kept. What
ci-steps adds is a file of its own: the image by its digest, labels, and what the service is told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ci_steps.errors import UsageError

if TYPE_CHECKING:
    from ci_steps.outside import Outside

_MOST_BYTES = 1_000_000
_OURS = "ci-steps.json"
_TOLD = "told.json"


@dataclass(frozen=True)
class ComposeFiles:
    """The files of a service, what is added to them, and the variables that fill them in."""

    own: tuple[bytes, ...]
    added: Mapping[str, Any]
    told: Mapping[str, str]

    @property
    def image(self) -> str:
        """The image that is deployed, where ci-steps knows it."""
        return self.told.get("CI_STEPS_IMAGE", "")

    def keep(self, folder: Path, outside: Outside) -> tuple[Path, ...]:
        """Write them into *folder* and return those that Compose reads, in their order."""
        outside.remove(folder)
        paths = _paths(folder, len(self.own))
        for path, content in zip(paths, self.own, strict=False):
            outside.write(path, content)
        outside.write(paths[-1], json.dumps(self.added).encode())
        outside.write(folder / _TOLD, json.dumps([len(self.own), dict(self.told)]).encode())
        return paths


def read_own(root: Path, names: Sequence[str]) -> tuple[bytes, ...]:
    """Return the content of the service's own files; UsageError names the one that is wrong."""
    return tuple(_content(root / name, name) for name in names)


def kept(folder: Path) -> ComposeFiles | None:
    """Return what was kept in *folder*, or None where nothing was, or not all of it."""
    with suppress(OSError, ValueError, LookupError, TypeError):
        count, told = json.loads((folder / _TOLD).read_text(encoding="utf-8"))
        *own, ours = _paths(folder, count)
        added = json.loads(ours.read_text(encoding="utf-8"))
        return ComposeFiles(tuple(path.read_bytes() for path in own), added, dict(told))
    return None


def added(
    service: str, image: str, labels: Mapping[str, str], told: Mapping[str, str]
) -> dict[str, Any]:
    """Return what ci-steps adds to a file of Compose; without an image the file's own is used."""
    extra: dict[str, Any] = {"labels": dict(labels), "environment": dict(told)}
    if image:
        extra["image"] = image
    return {"services": {service: _escaped(extra)}}


def _escaped(value: Any) -> Any:
    """Return *value* so that Compose fills nothing in."""
    if isinstance(value, dict):
        return {key: _escaped(one) for key, one in value.items()}
    return value.replace("$", "$$")


def _paths(folder: Path, count: int) -> tuple[Path, ...]:
    return (*(folder / f"{number}.yaml" for number in range(count)), folder / _OURS)


def _content(path: Path, name: str) -> bytes:
    hint = "Name the files of Compose under `files`, from the folder of the service."
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise UsageError(f"{name}: {reason}", hint=hint) from error
    if len(content) > _MOST_BYTES:
        raise UsageError(f"{name}: it has more than {_MOST_BYTES:,} bytes", hint=hint)
    return content
