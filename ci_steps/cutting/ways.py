"""The ways in which a dependency is cut: where it runs decides, as far as nobody says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from ci_steps.cutting.cut import STOP, Cut
from ci_steps.cutting.stopping import stopped
from ci_steps.deploying.compose_project import Project
from ci_steps.deploying.local_slots import called, slot_folder
from ci_steps.deploying.object_names import object_name
from ci_steps.deploying.places import variable_of
from ci_steps.errors import OutsideError, RefusedError, UsageError
from ci_steps.protocols import Place

if TYPE_CHECKING:
    from pathlib import Path

    from ci_steps.model import Deployment
    from ci_steps.protocols import Job

_LONGEST_PROJECT = 40  # as the target compose calls them
_ANSWER_SECONDS = 60.0
_POLL_SECONDS = 0.1


@contextmanager
def cut_off(job: Job, cut: Cut) -> Iterator[Mapping[str, str]]:
    """Cut a dependency for the block, and return what a test is told; it is back afterwards.

    So it is when the block fails, is interrupted, or the job is killed in it.
    """
    live = _live(job, cut.dependency)
    address = cut.address or (live.address if live else "")
    told = {"CI_STEPS_CUT": cut.dependency, "CI_STEPS_CUT_HOW": cut.how}
    answered = _answers(job, address)
    job.progress.note(f"{cut.title}, for the time of a test")
    with _way(job, cut, live, address) as found:
        yield {**told, **found}
    if answered:
        _await(job, cut.dependency, address)


@contextmanager
def _way(job: Job, cut: Cut, live: Deployment | None, address: str) -> Iterator[Mapping[str, str]]:
    folder = _supervised(job, live)
    if folder and live and not cut.says_where:
        with _at_its_supervisor(job, cut, live, folder):
            yield {}
    elif cut.how == STOP:
        with stopped(job, cut, _project(job, live)):
            yield {}
    else:
        with _stood_in_for(job, cut, address) as stand_in:
            yield {variable_of(cut.dependency): stand_in}


def _live(job: Job, dependency: str) -> Deployment | None:
    """Return the deployment that this service calls: of the line that it needs, if it says so."""
    lines = {one.line for one in job.requirements if one.provider == dependency}
    live = job.dictionary.live(job.environment_name, dependency)
    return next((one for one in live if not lines or one.version.line in lines), None)


def _supervised(job: Job, live: Deployment | None) -> Path | None:
    """Return the folder of its supervisor, where it is a process of this machine."""
    if live is None:
        return None
    place = Place(live.environment, live.slot)
    folder = slot_folder(job.outside.environ, live.service, place)
    return folder if (folder / "control").exists() else None


@contextmanager
def _at_its_supervisor(job: Job, cut: Cut, live: Deployment, folder: Path) -> Iterator[None]:
    """Cut it where its callers arrive; the supervisor restores it when this connection ends."""
    name = called(live.service, Place(live.environment, live.slot))
    with job.outside.supervisor(folder, name) as control:
        control.ask(
            "cut",
            how=cut.how,
            delay_seconds=cut.delay_seconds,
            bytes_per_second=cut.bytes_per_second,
            timeout_seconds=_ANSWER_SECONDS,
        )
        try:
            yield
        finally:
            control.ask("restore", timeout_seconds=_ANSWER_SECONDS)


def _project(job: Job, live: Deployment | None) -> Project | None:
    """Return its project of Compose, if it is deployed so."""
    if live is None or not job.outside.which("docker"):
        return None
    parts = (live.service, live.environment, live.slot)
    return Project(object_name(*parts, longest=_LONGEST_PROJECT), job.outside)


@contextmanager
def _stood_in_for(job: Job, cut: Cut, address: str) -> Iterator[str]:
    """Return an address in the dependency's place, which is ours for the block."""
    if not address:
        raise UsageError(
            f"nobody knows where {cut.dependency} answers in {job.environment_name}",
            hint="Say it in the cut: address: HOST:PORT.",
        )
    parts = urlsplit(address if "://" in address else f"//{address}")
    if parts.scheme == "https":
        raise UsageError(
            f"{address}: nothing of ours can answer for a certificate",
            hint="Cut it with how: stop, or give an address that is not https.",
        )
    host, port = _host_and_port(address, parts.hostname, parts.port)
    with job.outside.standing_in(
        host,
        port,
        how=cut.how,
        delay_seconds=cut.delay_seconds,
        bytes_per_second=cut.bytes_per_second,
    ) as ours:
        yield urlunsplit(parts._replace(netloc=f"127.0.0.1:{ours}")).removeprefix("//")


def _host_and_port(address: str, host: str | None, port: int | None) -> tuple[str, int]:
    if not host or not (port or address.startswith("http:")):
        raise UsageError(f"expected HOST:PORT or a web address, got {address!r}")
    return host, port or 80


def _answers(job: Job, address: str) -> bool:
    """Return whether anything answers there by HTTP, so that it must do so again."""
    if not address.startswith("http"):
        return False
    try:
        job.outside.get(address)
    except OutsideError:
        return False
    return True


def _await(job: Job, dependency: str, address: str) -> None:
    deadline = job.outside.seconds() + _ANSWER_SECONDS
    while not _answers(job, address):
        if job.outside.seconds() > deadline:
            raise RefusedError(
                f"{dependency} was cut for a test and does not answer again at {address}",
                hint="See what it printed, and deploy it again.",
            )
        job.outside.pause(_POLL_SECONDS)
