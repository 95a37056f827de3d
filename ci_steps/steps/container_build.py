"""Build the image of this version, labelled with its commit and what it needs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import attrs

from ci_steps.commits import date_of
from ci_steps.errors import OutsideError, RefusedError, UsageError
from ci_steps.images.labels import labels
from ci_steps.images.logging_agent import Logging, agent_files
from ci_steps.images.logins import named_login
from ci_steps.images.reference import Reference, refer
from ci_steps.images.sboms import check_sbom, write_sbom
from ci_steps.model import StepResult, passed, rehearsed, skipped
from ci_steps.options import option
from ci_steps.protocols import Agent, Builder, Image, Job, Recipe

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_AUTO = "auto"
_COMMIT_SHOWN = 12
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
    tags: tuple[str, ...] = option(
        (),
        "Further tags of the same image: `commit` is its first twelve digits and never changes, "
        "`line` moves in the registry to what production has proven last of its line; where "
        "nothing is pushed, to what was built last.",
        example=["commit", "line"],
    )
    stage: str = option("", "Stage of the file to build; its last one if empty.", example="runtime")
    platforms: tuple[str, ...] = option(
        (),
        "Platforms to build for; more than one needs `push`.",
        example=["linux/amd64", "linux/arm64"],
    )
    secrets: dict[str, str] = option(
        {},
        "Environment variables with secrets, by the id by which an instruction mounts them "
        "(`RUN --mount=type=secret,id=pip`). They stay in no layer.",
        example={"pip": "PIP_TOKEN"},
    )
    cache: str = option(
        "",
        "Image in a registry whose layers are taken where nothing has changed, such as the one "
        "with the tag `line`; docker's plugin buildx can do it.",
        example="registry.example.org:5000/shop/auth:1",
    )
    network: str = option(
        "", "Network of instructions that run; `none` makes sure that nothing is fetched."
    )
    sbom: str = option(
        "auto",
        "Whether to list what is in the image (SPDX, `.ci-steps/sbom.spdx.json`): auto where syft "
        "is installed.",
        choices=("auto", "always", "never"),
    )
    logging: Logging | None = option(
        None, "A logging agent that the image carries and starts beside the service."
    )
    user_env: str = option("", "Environment variable with the user name for the registry.")
    password_env: str = option("", "Environment variable with the password for the registry.")


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
    check_sbom(options.sbom, job.outside)
    image = builder.build(recipe, job.outside, job.progress)
    listed = write_sbom(options.sbom, image, name, job, pushed=options.push)
    facts = {
        "image": {
            "reference": image.reference,
            "digest": image.digest,
            "engine": name,
            "reused": image.reused,
            "pushed": options.push,
        }
    }
    result = _result(job, options, name, image)
    outputs = {**result.outputs, **({"sbom": listed} if listed else {})}
    return replace(result, facts=facts, outputs=outputs)


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
    if len(options.platforms) > 1 and not options.push:
        raise UsageError(
            f"an image for {len(options.platforms)} platforms has no place on this machine",
            hint="Push it: `container-build: push: true`.",
        )
    made = date_of(job.commit, job.root, job.outside)
    return Recipe(
        root=job.root,
        file=options.file,
        reference=str(reference),
        labels=_labels(job, options.labels, made or job.outside.now()),
        arguments=options.arguments,
        push=options.push,
        replace=not _is_final(job),
        tags=_tags(job, options, reference),
        stage=options.stage,
        platforms=options.platforms,
        secrets=options.secrets,
        cache=options.cache,
        network=options.network,
        made=made,
        login=named_login(options.user_env, options.password_env, job.outside),
        agent=_agent(job, options),
    )


def _agent(job: Job, options: Options) -> Agent | None:
    if options.logging is None:
        return None
    if len(options.platforms) > 1:
        raise UsageError(
            "a logging agent cannot be put on the images of several platforms at once",
            hint="Build them one after the other, or bring the agent in the Dockerfile.",
        )
    facts = {"service": job.service, "version": str(job.version), "commit": job.commit}
    return agent_files(options.logging, job.root, facts)


def _tags(job: Job, options: Options, reference: Reference) -> tuple[str, ...]:
    """Return the further tags to give now: in a registry, a line has to be proven first."""
    known = {"commit": job.commit[:_COMMIT_SHOWN], "line": str(job.version.line)}
    for name in options.tags:
        if name not in known:
            raise UsageError(
                f"container-build: tags: {name!r} is not known", hint="Tags are: commit, line."
            )
    given = (name for name in options.tags if not (name == "line" and options.push))
    return tuple(str(replace(reference, tag=known[name])) for name in given)


def _labels(job: Job, further: Mapping[str, str], created: datetime) -> dict[str, str]:
    needs = [requirement.written for requirement in job.requirements]
    ours = labels(job.service, str(job.version), job.commit, created, needs)
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
