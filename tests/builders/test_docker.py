"""The step and docker's builder together, with a real daemon and a real registry."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from ci_steps.builders import docker as builder
from ci_steps.errors import RefusedError, UsageError
from ci_steps.images.reference import split
from ci_steps.images.stored import stored
from ci_steps.model import Release, Status, StepResult
from ci_steps.outside import Outside
from ci_steps.outside.inert import InertOutside
from ci_steps.steps.container_build import Options, run
from tests.builders.claims import READS_SECRET, SECRET
from tests.parts.building import Clocked, Shown, final, job, service_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ci_steps.protocols import Job

GREET = 'RUN echo "hello $GREETING"'


@pytest.fixture
def name(docker: Mapping[str, str]) -> Iterator[str]:
    """A name that no image on the machine has, and none will have after the test."""
    name = f"test-{secrets.token_hex(6)}"
    yield name
    listing = ["docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}"]
    for image in Outside(docker).ask(listing).output.split():
        if name in image:
            Outside(docker).run(["docker", "image", "rm", image])


@pytest.fixture
def folder(tmp_path: Path, base_tar: Path) -> Path:
    return service_folder(tmp_path, base_tar, GREET)


def docker_job(folder: Path, outside: Outside, **more: Any) -> Job:
    return job(folder, outside, {"docker": builder}, **more)


def built(
    folder: Path, environ: Mapping[str, str], options: Options, **more: Any
) -> tuple[StepResult, Shown]:
    asked = docker_job(folder, Clocked(environ), **more)
    result = run(asked, options)
    assert isinstance(asked.progress, Shown)
    return result, asked.progress


def labels_of(reference: str, environ: Mapping[str, str]) -> dict[str, str]:
    answer = Outside(environ).ask(
        ["docker", "image", "inspect", "--format", "{{json .Config.Labels}}", reference]
    )
    assert answer.ok, answer.output
    labels: dict[str, str] = json.loads(answer.output)
    return labels


def test_the_image_says_what_it_is_and_what_it_needs(
    folder: Path, docker: Mapping[str, str], name: str
) -> None:
    result, _ = built(folder, docker, Options(image=name, labels={"team": "auth"}))
    assert result.outputs["image"] == f"{name}:1.1.0"
    assert labels_of(f"{name}:1.1.0", docker) == {
        "org.opencontainers.image.title": "auth",
        "org.opencontainers.image.version": "1.1.0",
        "org.opencontainers.image.revision": "c0ffee",
        "org.opencontainers.image.created": "2017-10-01T12:30:15Z",
        "io.ci-steps.requirements": "gis-201610,mail-v1_20171001-2",
        "team": "auth",
    }


def test_the_digest_of_an_image_that_stays_here_is_its_id(
    folder: Path, docker: Mapping[str, str], name: str
) -> None:
    result, _ = built(folder, docker, Options(image=name))
    answer = Outside(docker).ask(
        ["docker", "image", "inspect", "--format", "{{.Id}}", name + ":1.1.0"]
    )
    (evidence,) = result.evidence
    assert answer.output.strip() == result.outputs["digest"] == evidence.digest
    assert (evidence.kind, evidence.text) == ("container-build", f"{name}:1.1.0")


def test_no_tag_but_the_version_is_given(
    folder: Path, docker: Mapping[str, str], name: str
) -> None:
    built(folder, docker, Options(image=name))
    listed = Outside(docker).ask(["docker", "image", "ls", "--format", "{{.Tag}}", name])
    assert listed.output.split() == ["1.1.0"]


def test_build_arguments_reach_the_build_and_its_output_is_shown(
    folder: Path, docker: Mapping[str, str], name: str
) -> None:
    _, shown = built(folder, docker, Options(image=name, arguments={"GREETING": "you & me"}))
    assert any("hello you & me" in line for line in shown.lines)


def test_the_same_commit_is_not_built_twice(
    folder: Path, docker: Mapping[str, str], name: str
) -> None:
    first, _ = built(folder, docker, Options(image=name))
    second, shown = built(folder, docker, Options(image=name))
    assert second.outputs == first.outputs
    assert "was already built for this commit" in second.summary
    assert shown.lines == []


def test_the_next_commit_takes_the_tag_of_a_candidate(
    folder: Path, docker: Mapping[str, str], name: str
) -> None:
    candidate = Release("auth", docker_job(folder, Clocked(docker)).version, "c0ffee")
    first, _ = built(folder, docker, Options(image=name), known=candidate)
    second, _ = built(folder, docker, Options(image=name), known=candidate, commit="decade")
    assert second.outputs["digest"] != first.outputs["digest"]
    assert labels_of(f"{name}:1.1.0", docker)["org.opencontainers.image.revision"] == "decade"


def test_the_tag_of_a_final_version_is_not_given_to_another_commit(
    folder: Path, docker: Mapping[str, str], name: str
) -> None:
    built(folder, docker, Options(image=name))
    with pytest.raises(RefusedError, match=r"1\.1\.0 exists with other content \(commit c0ffee\)"):
        built(
            folder,
            docker,
            Options(image=name),
            commit="decade",
            known=final("auth", "1.1.0", "decade"),
        )
    assert labels_of(f"{name}:1.1.0", docker)["org.opencontainers.image.revision"] == "c0ffee"


def test_a_failing_build_is_refused_with_the_last_words_of_its_failing_line(
    tmp_path: Path, base_tar: Path, docker: Mapping[str, str], name: str
) -> None:
    folder = service_folder(tmp_path, base_tar, "RUN echo no compiler here >&2; exit 7")
    with pytest.raises(RefusedError) as refused:
        built(folder, docker, Options(image=name))
    text = str(refused.value)
    assert text.startswith(f"{name}:1.1.0 was not built: exit status ")
    assert "  no compiler here\n" in text
    assert "\x1b" not in text


def test_a_rehearsal_says_what_would_be_built_and_builds_nothing(
    folder: Path, docker: Mapping[str, str], name: str
) -> None:
    would: list[str] = []
    result = run(docker_job(folder, InertOutside(docker, would=would.append)), Options(image=name))
    assert result.status is Status.REHEARSED
    assert result.summary == f"{name}:1.1.0 would be built by docker"
    assert [what.startswith("run docker build --file ") for what in would] == [True]
    assert not Outside(docker).ask(["docker", "image", "inspect", f"{name}:1.1.0"]).ok


def test_a_rehearsal_knows_what_is_built_and_would_only_push_it(
    folder: Path, docker: Mapping[str, str], image_registry: str, name: str
) -> None:
    here, _ = built(folder, docker, Options(image=name, registry=image_registry))
    would: list[str] = []
    asked = docker_job(folder, InertOutside(docker, would=would.append))
    result = run(asked, Options(image=name, registry=image_registry, push=True))
    assert result.summary == f"{image_registry}/{name}:1.1.0 is already built for this commit"
    assert result.outputs == here.outputs
    assert would == [f"run docker push {image_registry}/{name}:1.1.0"]
    assert stored(split(here.outputs["image"]), Outside()) is None


def test_a_daemon_that_does_not_answer_is_named(docker: Mapping[str, str]) -> None:
    nobody = {**docker, "DOCKER_HOST": "tcp://127.0.0.1:1"}
    assert builder.missing(Outside(nobody)) == "docker: no daemon answers at tcp://127.0.0.1:1"
    assert builder.missing(Outside(docker)) == ""


def test_what_was_pushed_is_known_by_the_digest_in_the_registry(
    folder: Path, docker: Mapping[str, str], image_registry: str, name: str
) -> None:
    options = Options(image=name, registry=f"{image_registry}/shop", push=True)
    result, _ = built(folder, docker, options)
    reference = f"{image_registry}/shop/{name}:1.1.0"
    there = stored(split(reference), Outside())
    assert there is not None
    assert result.outputs == {"image": reference, "digest": there.digest}
    assert there.revision == "c0ffee"
    assert f"digest: {there.digest} " in Outside(docker).ask(["docker", "push", reference]).output


def test_what_the_registry_has_of_this_commit_is_neither_built_nor_pushed(
    folder: Path, docker: Mapping[str, str], image_registry: str, name: str
) -> None:
    options = Options(image=name, registry=image_registry, push=True)
    first, _ = built(folder, docker, options)
    Outside(docker).run(["docker", "image", "rm", first.outputs["image"]])  # as on another agent
    second, shown = built(folder, docker, options)
    assert second.outputs == first.outputs
    assert shown.lines == []


def test_a_tag_that_the_registry_has_of_another_commit_is_never_pushed_over(
    folder: Path, docker: Mapping[str, str], image_registry: str, name: str
) -> None:
    options = Options(image=name, registry=image_registry, push=True)
    first, _ = built(folder, docker, options)
    with pytest.raises(RefusedError, match=r"exists with other content \(commit c0ffee\)"):
        built(folder, docker, options, commit="decade")  # a candidate, as far as is known
    there = stored(split(first.outputs["image"]), Outside())
    assert there is not None
    assert there.digest == first.outputs["digest"]


def test_an_image_that_was_built_before_is_pushed_as_it_is(
    folder: Path, docker: Mapping[str, str], image_registry: str, name: str
) -> None:
    here, _ = built(folder, docker, Options(image=name, registry=image_registry))
    there, shown = built(folder, docker, Options(image=name, registry=image_registry, push=True))
    assert there.outputs["image"] == here.outputs["image"]
    assert there.outputs["digest"] != here.outputs["digest"]
    assert not any("hello" in line for line in shown.lines)


def test_buildx_builds_one_stage_with_a_secret_that_stays_in_no_layer(
    tmp_path: Path, base_tar: Path, buildx: Mapping[str, str], name: str
) -> None:
    folder = service_folder(tmp_path, base_tar, READS_SECRET, "FROM scratch AS tests")
    options = Options(
        image=name, stage="runtime", network="none", secrets={"pip": "PIP_TOKEN"}, tags=("line",)
    )
    environ = {**buildx, "PIP_TOKEN": SECRET}
    result, progress = built(folder, environ, options)
    assert any(f"a secret of {len(SECRET)} letters" in line for line in progress.lines)
    saved = tmp_path / "image.tar"
    assert Outside(buildx).run(["docker", "save", "--output", str(saved), f"{name}:1"]).ok
    assert SECRET.encode() not in saved.read_bytes()
    assert labels_of(result.outputs["image"], buildx)["io.ci-steps.requirements"]


def test_buildx_takes_layers_of_an_image_that_another_machine_has_pushed(
    tmp_path: Path,
    base_tar: Path,
    docker: Mapping[str, str],
    buildx: Mapping[str, str],
    image_registry: str,
    name: str,
) -> None:
    folder = service_folder(tmp_path, base_tar, "ARG WHO", 'RUN echo "made for $WHO"')
    cache = f"{image_registry}/{name}:c0ffee"
    options = Options(
        image=name,
        registry=image_registry,
        push=True,
        network="none",
        tags=("commit",),
        cache=cache,
        arguments={"WHO": name},
    )
    built(folder, buildx, options)
    Outside(docker).run(["docker", "image", "rm", f"{image_registry}/{name}:1.1.0", cache])
    Outside(buildx).run(["docker", "buildx", "prune", "--all", "--force"])
    _, progress = built(folder, buildx, attrs.evolve(options, image=f"{name}-next"))
    assert any(line.endswith(" CACHED") for line in progress.lines)
    assert not any(f"made for {name}" in line for line in progress.lines if '"' not in line)


def test_what_the_classic_builder_cannot_do_is_said_all_at_once(
    folder: Path, docker: Mapping[str, str], name: str
) -> None:
    options = Options(image=name, secrets={"pip": "PIP_TOKEN"}, cache="shop.example/auth:1")
    with pytest.raises(UsageError, match=r"docker cannot do this here: secrets, cache$") as refused:
        built(folder, docker, options)
    assert "buildx" in refused.value.hint
