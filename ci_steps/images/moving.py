"""A tag of a registry, moved to an image that is there already; nothing is pulled or pushed.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ci_steps.errors import OutsideError
from ci_steps.images.asking import Session
from ci_steps.images.stored import MANIFESTS

if TYPE_CHECKING:
    from ci_steps.images.reference import Reference
    from ci_steps.outside import Outside
    from ci_steps.protocols import Login


def move_tag(moved: Reference, digest: str, outside: Outside, login: Login | None = None) -> None:
    """Let the tag of *moved* mean the image of that name with *digest*.

    OutsideError if the registry does not have the image, or does not let the tag be moved.
    """
    session = Session(moved, outside, login, actions="pull,push")
    if outside.rehearsing:  # what it would mean need not be there yet
        session.put(f"manifests/{moved.tag}", b"", "")
        return
    answer = session.get(f"manifests/{digest}", MANIFESTS)
    if not answer.ok:
        raise OutsideError(
            f"the registry {moved.host} answered HTTP {answer.status} for {moved.name}@{digest}"
        )
    manifest = answer.text.encode()
    if f"sha256:{hashlib.sha256(manifest).hexdigest()}" != digest:
        raise OutsideError(f"the registry {moved.host} has other content for {moved.name}@{digest}")
    headers = {name.lower(): value for name, value in answer.headers.items()}
    put = session.put(f"manifests/{moved.tag}", manifest, headers.get("content-type", ""))
    if put.problem or put.status >= 300:  # noqa: PLR2004 (RFC 9110: success is 2xx)
        raise OutsideError(
            f"the registry {moved.host} did not take the tag: {put.problem or f'HTTP {put.status}'}"
        )
