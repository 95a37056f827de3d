"""What is deployed where: this job's build, its slot, and the addresses it is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_steps.bumps import digest_of
from ci_steps.dictionary.slots import Occupied, slot_for
from ci_steps.model import Deployment, Release
from ci_steps.protocols import Build, Job
from ci_steps.versions import Requirement

if TYPE_CHECKING:
    from ci_steps.dictionary.verdicts.reasons import VerdictReport


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
    is_own = any(one.version.line == job.version.line for one in live)
    needed = lines == "auto" and not is_own and any(needing(job, one) for one in live)
    occupied = [Occupied(one.slot, one.version, one.at) for one in live]
    name = slot_for(job.version, occupied, beside=needed or lines == "beside")
    replaced = next((one for one in live if one.slot == name), None)
    return Slot(name, replaced, tuple(one for one in live if one is not replaced))


def verdict_of(job: Job, slot: Slot) -> VerdictReport:
    """Return whether the job's version, which need not be recorded, may go to *slot*."""
    from ci_steps.dictionary.verdicts.may_deploy import may_deploy
    from ci_steps.dictionary.verdicts.reasons import Candidate

    digest = digest_of(job.contract)
    job.narrow()
    release = Release(job.service, job.version, job.commit, job.requirements, digest, uses=job.used)
    candidate = Candidate(release, job.environment_name, slot.name)
    return may_deploy(job.dictionary, candidate, today=job.outside.today())


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
            told[variable_of(requirement.provider)] = address
    return told


def variable_of(provider: str) -> str:
    """Return in which variable a service and its tests find a provider."""
    return f"CI_STEPS_ADDRESS_{provider.upper().replace('-', '_')}"


def _address(job: Job, requirement: Requirement) -> str:
    """Return where the required line of a provider answers, as the dictionary knows it."""
    for live in job.dictionary.live(job.environment_name, requirement.provider):
        if live.version.line == requirement.line and live.address:
            return live.address
    return ""
