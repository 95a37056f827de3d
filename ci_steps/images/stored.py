"""What a registry has under a tag, read over HTTP without pulling the image.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ci_steps.errors import OutsideError
from ci_steps.images.labels import REVISION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_steps.images.reference import Reference
    from ci_steps.outside import Outside
    from ci_steps.outside.web import Answer

_MANIFEST_TYPES = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TIMEOUT_SECONDS = 20
_LIMIT_BYTES = 4_000_000  # the specification lets a registry refuse longer manifests

_NOT_FOUND = 404
_ASKS_WHO = (401, 403)

_Json = dict[str, Any]

# The engines write docker.io; its registry answers under another name.
_ADDRESSES = {"docker.io": "registry-1.docker.io"}


@dataclass(frozen=True)
class Stored:
    """An image in a registry: the digest of its manifest and its labels."""

    digest: str
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def revision(self) -> str:
        """Return the commit it says it was built from, or nothing."""
        return self.labels.get(REVISION, "")


def stored(reference: Reference, outside: Outside) -> Stored | None:
    """Return what the registry has under the tag, or None; OutsideError if it does not say."""
    answer = _get(reference, f"manifests/{reference.tag}", outside)
    if answer.status == _NOT_FOUND:
        return None
    manifest = _document(reference, answer)
    if "manifests" in manifest:
        manifest = _first_image(reference, manifest, outside)
    return Stored(_digest(answer), _labels(reference, manifest, outside))


def _first_image(reference: Reference, index: _Json, outside: Outside) -> _Json:
    entries = index["manifests"]
    for entry in entries if isinstance(entries, list) else ():
        # buildx adds attestations to an index, as manifests for a platform that does not exist.
        if isinstance(entry, dict) and _part(entry, "platform").get("os") != "unknown":
            path = f"manifests/{_checked(reference, entry.get('digest'))}"
            return _document(reference, _get(reference, path, outside))
    raise _unreadable(reference)


def _labels(reference: Reference, manifest: _Json, outside: Outside) -> Mapping[str, str]:
    digest = _checked(reference, _part(manifest, "config").get("digest"))
    configuration = _document(reference, _get(reference, f"blobs/{digest}", outside))
    labels = _part(_part(configuration, "config"), "Labels")
    return {key: str(value) for key, value in labels.items()}


def _part(document: _Json, key: str) -> _Json:
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def _get(reference: Reference, path: str, outside: Outside) -> Answer:
    host = _ADDRESSES.get(reference.host, reference.host)
    scheme = "http" if reference.is_on_this_machine else "https"
    try:
        return outside.get(
            f"{scheme}://{host}/v2/{reference.name}/{path}",
            headers={"Accept": ", ".join((*_MANIFEST_TYPES, "*/*;q=0.1"))},
            timeout_seconds=_TIMEOUT_SECONDS,
            limit_bytes=_LIMIT_BYTES,
        )
    except OutsideError as error:
        raise OutsideError(
            f"the registry {reference.host} cannot be read: {error}",
            hint="Whether the tag is taken must be known before anything is pushed.",
        ) from error


def _document(reference: Reference, answer: Answer) -> _Json:
    if answer.status in _ASKS_WHO:
        raise OutsideError(
            f"the registry {reference.host} wants to know who asks (HTTP {answer.status}), "
            f"so whether {reference} is taken cannot be read",
            hint="Use a registry that may be read without a login, or build with `push: false`.",
        )
    if not answer.ok:
        raise OutsideError(
            f"the registry {reference.host} answered HTTP {answer.status} for {reference}"
        )
    try:
        document = json.loads(answer.text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise _unreadable(reference)
    return document


def _digest(answer: Answer) -> str:
    header = {key.lower(): value for key, value in answer.headers.items()}
    said = header.get("docker-content-digest", "")
    if _DIGEST.fullmatch(said):
        return said
    return f"sha256:{hashlib.sha256(answer.text.encode()).hexdigest()}"


def _checked(reference: Reference, digest: Any) -> str:
    """Return a digest that may become part of an address."""
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise _unreadable(reference)
    return digest


def _unreadable(reference: Reference) -> OutsideError:
    return OutsideError(
        f"the registry {reference.host} answered something that is no image for {reference}",
        hint="Look whether the address is that of a registry, and not of its web pages.",
    )
