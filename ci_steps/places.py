"""What is deployed where: this job's build, its slot, and the addresses it is told."""

from __future__ import annotations

from dataclasses import dataclass

from ci_steps.model import Deployment
from ci_steps.protocols import Build, Job
from ci_steps.versions import Requirement


@dataclass(frozen=True)
class Slot:
    """The instance place for a build, what it replaces there, and what stands beside it."""

    name: str
    replaces: Deployment | None = None
    beside: tuple[Deployment, ...] = ()


def build_of(job: Job) -> Build:
    """Return this job's build, with the image that was built for its commit, if one was."""
    built = job.dictionary.evidence("container-build", job.service, str(job.version), job.commit)
    image, digest = (built.text, built.digest) if built and built.passed else ("", "")
    return Build(job.service, job.version, job.commit, job.root, image, digest)


def deployed(job: Job) -> Deployment | None:
    """Return the live deployment of exactly this build in the job's environment, if any."""
    build = build_of(job)
    for live in job.dictionary.live(job.environment_name, job.service):
        if (live.version, live.commit, live.digest) == (build.version, build.commit, build.digest):
            return live
    return None


def choose_slot(job: Job, lines: str) -> Slot:
    """Return where the build goes.

    In the slot of its own line when that line is live. Otherwise it stands beside the older
    line while live dependents need that one (or *lines* says ``beside``), and replaces the
    newest line when nobody does (or *lines* says ``replace``).
    """
    live = job.dictionary.live(job.environment_name, job.service)
    own = next((one for one in live if one.version.line == job.version.line), None)
    if own:
        return Slot(own.slot, own, tuple(one for one in live if one is not own))
    if not live:
        return Slot(job.version.line)
    needed = lines == "auto" and any(needing(job, one) for one in live)
    if needed or lines == "beside":
        return Slot(job.version.line, None, tuple(live))
    newest = max(live, key=lambda one: (one.version.scheme == job.version.scheme, one.at))
    return Slot(newest.slot, newest, tuple(one for one in live if one is not newest))


def needing(job: Job, old: Deployment) -> tuple[str, ...]:
    """Return the live dependents in the environment that need the line of *old*."""
    found = job.dictionary.dependents(job.service, old.version.line, job.environment_name)
    return tuple(dependent.service for dependent in found)


def variables(job: Job) -> dict[str, str]:
    """Return what the service and its tests are told: addresses by service name."""
    told = {"CI_STEPS_ENVIRONMENT": job.environment_name}
    own = deployed(job)
    if own and own.address:
        told["CI_STEPS_ADDRESS"] = own.address
    for requirement in job.requirements:
        address = _address(job, requirement)
        if address:
            name = requirement.provider.upper().replace("-", "_")
            told[f"CI_STEPS_ADDRESS_{name}"] = address
    return told


def _address(job: Job, requirement: Requirement) -> str:
    """Return where the required line of a provider answers, as the dictionary knows it."""
    for live in job.dictionary.live(job.environment_name, requirement.provider):
        if live.version.line == requirement.line and live.address:
            return live.address
    return ""
