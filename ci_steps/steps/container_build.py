"""Build the image of this version, labelled with its commit and what it needs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import attrs

from ci_steps.errors import OutsideError, RefusedError, UsageError
from ci_steps.images.labels import labels
from ci_steps.images.reference import Reference, refer
from ci_steps.model import StepResult, passed, rehearsed, skipped
from ci_steps.options import option
from ci_steps.protocols import Builder, Image, Job, Recipe

if TYPE_CHECKING:
    from collections.abc import Mapping

_AUTO = "auto"
_DIGEST_SHOWN = 19  # sha256: and twelve digits


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `container-build`."""

    engine: str = option(
        _AUTO,
        "Tool that builds; auto takes the first that can be used here.",
        choices=(_AUTO, "docker", "podman", "buildah"),
    )
    when: str = option(
        "always",
        "engine skips the step where no engine can be used, always makes that an error; never "
        "skips it everywhere.",
        choices=("always", "engine", "never"),
    )
    file: str = option("Dockerfile", "File with the instructions, from the service's folder.")
    image: str = option("", "Name of the image; the service's name if empty.", example="shop/auth")
    registry: str = option(
        "",
        "Registry the name begins with: a host, its port and a path.",
        example="registry.example.org:5000/shop",
    )
    push: bool = option(False, "Push the image; a tag that is taken there is never changed.")
    arguments: dict[str, str] = option(
        {},
        "Build arguments. Everybody on the machine can read them, and so can whoever has the "
        "image: they are no place for a secret.",
        example={"BASE": "python:3.12-slim"},
    )
    labels: dict[str, str] = option({}, "Further labels of the image.", example={"team": "auth"})


def run(job: Job, options: Options) -> StepResult:
    """Build once for each commit; refuse to give a tag to other content."""
    reference = refer(options.registry, options.image or job.service, str(job.version))
    if options.when == "never":
        return skipped(f"{reference} is not wanted (when: never)")
    recipe = _recipe(job, options, reference)
    name, builder, missing = _engine(job, options.engine)
    if builder is None and options.when == "engine":
        return skipped(f"no engine to build {reference} with: {missing}")
    if builder is None:
        raise OutsideError(
            f"no engine to build {reference} with: {missing}",
            hint="Start docker, or install podman or buildah; `when: engine` skips the step "
            "where there is none.",
        )
    image = builder.build(recipe, job.outside, job.progress)
    facts = {
        "image": {
            "reference": image.reference,
            "digest": image.digest,
            "engine": name,
            "reused": image.reused,
            "pushed": options.push,
        }
    }
    return replace(_result(job, options, name, image), facts=facts)


def _result(job: Job, options: Options, engine: str, image: Image) -> StepResult:
    evidence = job.evidence("container-build", True, digest=image.digest, text=image.reference)  # noqa: FBT003
    if job.outside.rehearsing:
        done = "is already built for this commit" if image.reused else f"would be built by {engine}"
        text = f"{image.reference} {done}"
        return rehearsed(text, evidence, image=image.reference, digest=image.digest)
    done = "was already built for this commit" if image.reused else f"built by {engine}"
    where = "in the registry" if options.push else "on this machine"
    text = f"{image.reference} {done}, {where} as {image.digest[:_DIGEST_SHOWN]}"
    return passed(text, evidence, image=image.reference, digest=image.digest)


def _engine(job: Job, wanted: str) -> tuple[str, Builder | None, str]:
    """Return the name and the builder to use, or None and why there is none."""
    names = tuple(job.builders) if wanted == _AUTO else (wanted,)
    reasons = []
    for name in names:
        builder = job.builders[name]
        reason = builder.missing(job.outside)
        if not reason:
            return name, builder, ""
        reasons.append(reason)
    return "", None, "; ".join(reasons)


def _recipe(job: Job, options: Options, reference: Reference) -> Recipe:
    if options.push and not reference.host:
        raise UsageError(
            f"{reference} cannot be pushed: its registry has no host",
            hint="Write it under `registry`, like registry.example.org:5000/shop.",
        )
    if not (job.root / options.file).is_file():
        raise UsageError(
            f"{options.file}: no such file in the folder of {job.service}",
            hint="Write it there, or name another one under `container-build: file`.",
        )
    return Recipe(
        root=job.root,
        file=options.file,
        reference=str(reference),
        labels=_labels(job, options.labels),
        arguments=options.arguments,
        push=options.push,
        replace=not _is_final(job),
    )


def _labels(job: Job, further: Mapping[str, str]) -> dict[str, str]:
    needs = [requirement.written for requirement in job.requirements]
    ours = labels(job.service, str(job.version), job.commit, job.outside.now(), needs)
    for key in sorted(ours.keys() & further.keys()):
        raise UsageError(
            f"the label {key} is not yours to give: it says what was built",
            hint="Take it out of `container-build: labels`.",
        )
    return {**further, **ours}


def _is_final(job: Job) -> bool:
    """Return whether production has had this version; RefusedError if from another commit."""
    release = job.dictionary.release(job.service, job.version)
    if release is None or not release.final:
        return False
    if release.commit != job.commit:
        raise RefusedError(
            f"{job.service} {job.version} is final: production had it from commit {release.commit}",
            hint=f"Give this commit the next version after {job.version}.",
        )
    return True
