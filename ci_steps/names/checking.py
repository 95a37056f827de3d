"""Do all names of what is live agree? What answers, the tag in git, the image and its labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ci_steps.errors import CiStepsError
from ci_steps.images.logins import kept_login
from ci_steps.images.reference import Reference, split
from ci_steps.images.stored import Stored, stored
from ci_steps.model import Verdict
from ci_steps.names.git_tags import find_tag
from ci_steps.names.line_tags import tag_of_line

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from ci_steps.model import Deployment, Evidence, Release
    from ci_steps.outside import Outside
    from ci_steps.protocols import Found, Login

_SHOWN = 19  # sha256: and twelve digits
_COMMIT_SHOWN = 12


@dataclass(frozen=True)
class NameCheck:
    """One name beside what the dictionary says; `verdict` is yes where they agree."""

    what: str
    found: str
    recorded: str
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True)
class Live:
    """A live deployment, its release, and the image that was built for it, if one was."""

    deployment: Deployment
    release: Release | None
    image: Evidence | None = None


@dataclass(frozen=True)
class Tagged:
    """Where the tag of a release has to be; *remote* is empty for the repository itself."""

    root: Path
    remote: str
    name: str


def check_answer(live: Live, answers: Sequence[Found]) -> NameCheck:
    """Compare the version that answers at the address of a deployment.

    A probe may know another address, or none: then whatever is of the line counts.
    """
    recorded, address = str(live.deployment.version), live.deployment.address
    asked = [one for one in answers if not one.recorded and not one.released]
    line = live.deployment.version.line
    of_line = [one for one in asked if one.version is None or one.version.line == line]
    at = [one for one in asked if address and one.address == address] or of_line
    if not at:
        return NameCheck("answers", "", recorded, Verdict.UNKNOWN, "nobody was asked")
    problem = next((one.problem for one in at if one.version is None), "")
    if problem:
        return NameCheck("answers", "", recorded, Verdict.UNKNOWN, problem)
    check = _compared("answers", ", ".join(sorted({str(one.version) for one in at})), recorded)
    several = next((one.disagrees for one in at if one.disagrees), "")
    if several and check.verdict is Verdict.YES:
        return replace(check, verdict=Verdict.UNKNOWN, reason=several)
    return check


def check_tag(live: Live, tagged: Tagged, outside: Outside) -> NameCheck:
    """Compare the commit of the tag in git; one that is not annotated is no release's."""
    what, commit = f"git tag {tagged.name}", live.deployment.commit
    try:
        tag = find_tag(tagged.root, tagged.remote, tagged.name, outside)
    except CiStepsError as error:
        return NameCheck(what, "", commit, Verdict.UNKNOWN, str(error))
    if tag is None:
        where = tagged.remote or "this repository"
        return NameCheck(what, "", commit, Verdict.NO, f"{where} does not have it")
    if tag.commit == commit and not tag.annotated:
        return NameCheck(what, tag.commit, commit, Verdict.NO, "it is not annotated")
    return _compared(what, tag.commit, commit)


def check_image(live: Live, outside: Outside, login: Login | None = None) -> Iterator[NameCheck]:
    """Compare digest and labels of the image in its registry; nothing where none was pushed."""
    asked = split(live.image.text) if live.image and live.image.text else None
    if asked is None or not asked.host:
        return
    found = _stored(live, asked, outside, login)
    if isinstance(found, NameCheck):
        yield found
        return
    yield _compared(f"image {asked}", found.digest, live.deployment.digest)
    yield from _labels(live, found)


def check_line(
    live: Live, proven: Collection[str], outside: Outside, login: Login | None = None
) -> Iterator[NameCheck]:
    """Compare the tag of a line with what production has *proven* of it; nothing without one.

    Where there is production in several places, it may be what any of them has.
    """
    asked = tag_of_line(live.image.text if live.image else "", live.deployment.version.line)
    if asked is None:
        return
    found = _stored(live, asked, outside, login)
    if isinstance(found, NameCheck):
        yield found
        return
    recorded = found.digest if found.digest in proven else live.deployment.digest
    yield _compared(f"image {asked}", found.digest, recorded)


def _stored(
    live: Live, asked: Reference, outside: Outside, login: Login | None
) -> Stored | NameCheck:
    """Return what the registry has under a name, or why that is not known or not there."""
    what, recorded = f"image {asked}", live.deployment.digest
    try:
        found = stored(asked, outside, login or kept_login(asked, outside))
    except CiStepsError as error:
        return NameCheck(what, "", recorded, Verdict.UNKNOWN, str(error))
    return found or NameCheck(what, "", recorded, Verdict.NO, "the registry does not have it")


def _labels(live: Live, found: Stored) -> Iterator[NameCheck]:
    deployment = live.deployment
    yield _compared("label version", found.version, str(deployment.version))
    yield _compared("label revision", found.revision, deployment.commit)
    if live.release:
        needs = ", ".join(sorted(one.written for one in live.release.requirements))
        yield _compared("label requirements", ", ".join(sorted(found.requirements)), needs)


def _compared(what: str, found: str, recorded: str) -> NameCheck:
    if found == recorded:
        return NameCheck(what, found, recorded, Verdict.YES)
    return NameCheck(what, found, recorded, Verdict.NO, f"the dictionary has {_short(recorded)}")


def _short(text: str) -> str:
    if text.startswith("sha256:"):
        return text[:_SHOWN]
    is_commit = len(text) >= 40 and text.isalnum()  # noqa: PLR2004 (git's SHA-1, or SHA-256)
    return text[:_COMMIT_SHOWN] if is_commit else text or "nothing"
