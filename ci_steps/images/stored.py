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
from ci_steps.images.asking import TIMEOUT_SECONDS, Session
from ci_steps.images.labels import REQUIREMENTS, REVISION, TITLE, VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_steps.images.reference import Reference
    from ci_steps.outside import Outside
    from ci_steps.outside.web import Answer
    from ci_steps.protocols import Login

_MANIFEST_TYPES = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
MANIFESTS = ", ".join((*_MANIFEST_TYPES, "*/*;q=0.1"))

_NOT_FOUND = 404
_ASKS_WHO = (401, 403)

_Json = dict[str, Any]


@dataclass(frozen=True)
class Stored:
    """An image in a registry: the digest of its manifest, its labels and when it was made."""

    digest: str
    labels: Mapping[str, str] = field(default_factory=dict)
    created: str = ""

    @property
    def service(self) -> str:
        """Return what it says it is, or nothing."""
        return self.labels.get(TITLE, "")

    @property
    def version(self) -> str:
        """Return the version it says it has, or nothing."""
        return self.labels.get(VERSION, "")

    @property
    def revision(self) -> str:
        """Return the commit it says it was built from, or nothing."""
        return self.labels.get(REVISION, "")

    @property
    def requirements(self) -> tuple[str, ...]:
        """Return what it says it needs."""
        return tuple(filter(None, self.labels.get(REQUIREMENTS, "").split(",")))


def stored(
    reference: Reference,
    outside: Outside,
    login: Login | None = None,
    *,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Stored | None:
    """Return what the registry has under the tag, or None; OutsideError if it does not say."""
    session = Session(reference, outside, login, timeout_seconds)
    answer = session.get(f"manifests/{reference.tag}", MANIFESTS)
    if answer.status == _NOT_FOUND:
        return None
    manifest = _document(reference, answer)
    if "manifests" in manifest:
        manifest = _first_image(session, manifest)
    return Stored(_digest(answer), *_configuration(session, manifest))


def _first_image(session: Session, index: _Json) -> _Json:
    reference, entries = session.reference, index["manifests"]
    for entry in entries if isinstance(entries, list) else ():
        # buildx adds attestations to an index, as manifests for a platform that does not exist.
        if isinstance(entry, dict) and _part(entry, "platform").get("os") != "unknown":
            path = f"manifests/{_checked(reference, entry.get('digest'))}"
            return _document(reference, session.get(path, MANIFESTS))
    raise _unreadable(reference)


def _configuration(session: Session, manifest: _Json) -> tuple[Mapping[str, str], str]:
    """Return the labels of an image and when it was made, as it says."""
    digest = _checked(session.reference, _part(manifest, "config").get("digest"))
    document = _document(session.reference, session.get(f"blobs/{digest}", MANIFESTS))
    labels = _part(_part(document, "config"), "Labels")
    return {key: str(value) for key, value in labels.items()}, str(document.get("created", ""))


def _part(document: _Json, key: str) -> _Json:
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def _document(reference: Reference, answer: Answer) -> _Json:
    if answer.status in _ASKS_WHO:
        raise OutsideError(
            f"the registry {reference.host} wants to know who asks (HTTP {answer.status}), "
            f"so whether {reference} is taken cannot be read",
            hint="Name the credentials with `user_env` and `password_env`, or build with "
            "`push: false`.",
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
