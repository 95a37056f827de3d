"""Why a cluster refused: the words of its server and of kubectl, and what to do about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ci_steps.errors import CiStepsError, OutsideError, RefusedError, UsageError

if TYPE_CHECKING:
    from ci_steps.outside.processes import Finished

_SAID = re.compile(r"^Error from server \((?P<reason>\w+)\): (?P<text>.*)$", re.MULTILINE)
# Whoever does not reach the server cannot validate either.
_WRITTEN_WRONG = re.compile(
    r"^(?!.*failed to download).*?error (?:validating|parsing) \S+: "
    r"(?:error validating data: )?(?P<text>.*?)(?:; if you choose .*)?$"
)
_NO_KIND = "the server doesn't have a resource type"


def reason_of(ended: Finished) -> str:
    """Return the word with which the server refused: ``Forbidden``, ``Conflict``; or nothing."""
    said = _SAID.search(ended.output)
    return said["reason"] if said else ""


def refusal(ended: Finished, act: str) -> RefusedError | OutsideError:
    """Return why the server did not *act*, in its own words, and what to do about it."""
    said = _SAID.search(ended.output)
    if said and said["reason"] == "Forbidden":
        hint = "Give whoever kubectl is a role with the verbs get and patch for it."
        return RefusedError(f"kubectl may not {act}: {said['text']}", hint=hint)
    if said and said["reason"] == "NotFound":
        return RefusedError(f"kubectl {act}: {said['text']}")
    if _NO_KIND in ended.output:
        hint = "Install what brings it, or name a cluster that has it under `context`."
        return RefusedError(f"kubectl {act}: {ended.last_line}", hint=hint)
    return OutsideError(f"kubectl {act}: {said['text'] if said else ended.last_line}")


def refused_manifests(ended: Finished) -> CiStepsError:
    """Return why kubectl does not take manifests, without the place of our copy of them."""
    if wrong := _WRITTEN_WRONG.search(ended.last_line):
        return UsageError(f"kubectl does not take the manifests: {wrong['text']}")
    return OutsideError(f"kubectl create: {ended.last_line}")
