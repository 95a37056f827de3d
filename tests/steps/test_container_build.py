"""What the step decides by itself; that engines do what it asks is in tests/builders."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from ci_steps.builders import buildah, docker, podman
from ci_steps.errors import CiStepsError, OutsideError, RefusedError, UsageError
from ci_steps.model import Status, StepResult
from ci_steps.options import options_of
from ci_steps.protocols import Image, Progress, Recipe
from ci_steps.steps.container_build import Options, run
from tests.parts.building import Clocked, final, job

if TYPE_CHECKING:
    from pathlib import Path

    from ci_steps.outside import Outside

SBOM = Options(sbom="auto")
DIGEST = f"sha256:{'0123456789abcdef' * 4}"


@dataclass
class Engine:
    """An engine that keeps what it was asked for."""

    reason: str = ""
    built: list[Recipe] = field(default_factory=list)

    def missing(self, outside: Outside) -> str:
        return self.reason

    def build(self, recipe: Recipe, outside: Outside, progress: Progress) -> Image:
        progress.note(f"asked at {outside.now()}")
        self.built.append(recipe)
        return Image(recipe.reference, DIGEST)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").touch()
    return tmp_path


def recipe(folder: Path, options: Options, **more: Any) -> Recipe:
    """Return what the engine is asked for."""
    engine = Engine()
    run(job(folder, Clocked(), {"docker": engine}, **more), options)
    (asked,) = engine.built
    return asked


def refusal(folder: Path, options: Options, **more: Any) -> CiStepsError:
    """Return the error; the engine is not asked for anything."""
    engine = Engine()
    with pytest.raises(CiStepsError) as refused:
        run(job(folder, Clocked(), {"docker": engine}, **more), options)
    assert engine.built == []
    assert refused.value.hint
    return refused.value


def on_a_machine_without_engines(folder: Path, options: Options) -> StepResult:
    builders = {"docker": docker, "podman": podman, "buildah": buildah}
    return run(job(folder, Clocked({"PATH": str(folder)}), builders), options)


def test_the_image_is_called_after_the_service_and_its_version(folder: Path) -> None:
    assert recipe(folder, Options()).reference == "auth:1.1.0"


def test_the_image_may_have_another_name_in_a_registry(folder: Path) -> None:
    options = Options(image="shop/login", registry="registry.example.org:5000")
    assert recipe(folder, options).reference == "registry.example.org:5000/shop/login:1.1.0"


def test_the_result_has_the_image_its_digest_and_evidence_of_them(folder: Path) -> None:
    result = run(job(folder, Clocked(), {"docker": Engine()}), Options())
    assert result.status is Status.PASSED
    assert result.summary == "auth:1.1.0 built by docker, on this machine as sha256:0123456789ab"
    assert result.outputs == {"image": "auth:1.1.0", "digest": DIGEST}
    (evidence,) = result.evidence
    assert evidence.passed
    assert (evidence.kind, evidence.text) == ("container-build", "auth:1.1.0")
    assert (evidence.version, evidence.commit, evidence.digest) == ("1.1.0", "c0ffee", DIGEST)


def test_auto_takes_the_first_engine_that_can_be_used(folder: Path) -> None:
    first, second, third = Engine("docker: no daemon answers at unix:///x"), Engine(), Engine()
    engines = {"docker": first, "podman": second, "buildah": third}
    run(job(folder, Clocked(), engines), Options())
    assert [len(engine.built) for engine in engines.values()] == [0, 1, 0]


def test_an_engine_that_is_named_is_the_only_one_that_is_tried(folder: Path) -> None:
    engines = {"docker": Engine(), "podman": Engine("podman: no such program")}
    with pytest.raises(OutsideError, match=r"with: podman: no such program$"):
        run(job(folder, Clocked(), engines), Options(engine="podman"))
    assert engines["docker"].built == []


def test_without_any_engine_the_error_says_what_is_missing(folder: Path) -> None:
    with pytest.raises(OutsideError) as refused:
        on_a_machine_without_engines(folder, Options())
    assert str(refused.value) == (
        "no engine to build auth:1.1.0 with: docker: no such program; "
        "podman: no such program; buildah: no such program"
    )
    assert "when: engine" in refused.value.hint
    assert refused.value.exit_code == 3


def test_without_any_engine_the_step_is_skipped_when_the_service_says_so(folder: Path) -> None:
    result = on_a_machine_without_engines(folder, Options(when="engine"))
    assert result.status is Status.SKIPPED
    assert result.summary.startswith("no engine to build auth:1.1.0 with: docker: no such program")


def test_a_missing_file_is_an_error_that_names_it(folder: Path) -> None:
    error = refusal(folder, Options(file="deploy/Dockerfile"))
    assert str(error) == "deploy/Dockerfile: no such file in the folder of auth"
    assert isinstance(error, UsageError)


def test_pushing_needs_the_host_of_a_registry(folder: Path) -> None:
    error = refusal(folder, Options(push=True, registry="acme"))
    assert str(error) == "acme/auth:1.1.0 cannot be pushed: its registry has no host"


def test_a_label_that_says_what_was_built_cannot_be_given(folder: Path) -> None:
    error = refusal(folder, Options(labels={"org.opencontainers.image.version": "2"}))
    assert "org.opencontainers.image.version" in str(error)


def test_a_candidate_may_lose_its_tag_and_a_final_version_may_not(folder: Path) -> None:
    assert recipe(folder, Options()).replace
    assert not recipe(folder, Options(), known=final("auth", "1.1.0", "c0ffee")).replace


def test_a_final_version_is_not_built_from_another_commit(folder: Path) -> None:
    error = refusal(folder, Options(), known=final("auth", "1.1.0", "decade"))
    assert str(error) == "auth 1.1.0 is final: production had it from commit decade"
    assert isinstance(error, RefusedError)


def test_every_option_has_a_sentence() -> None:
    assert all(option.explain.endswith(".") for option in options_of(Options))
    assert attrs.has(Options)


def test_further_tags_are_the_commit_and_the_line(folder: Path) -> None:
    asked = recipe(folder, Options(registry="registry.example.org", tags=("commit", "line")))
    begin = "registry.example.org/auth"
    assert asked.tags == (f"{begin}:c0ffee", f"{begin}:1")
    assert "'newest' is not known" in str(refusal(folder, Options(tags=("newest",))))


def test_an_image_for_several_platforms_has_to_be_pushed(folder: Path) -> None:
    error = refusal(folder, Options(platforms=("linux/amd64", "linux/arm64")))
    assert str(error) == "an image for 2 platforms has no place on this machine"


def test_the_list_of_what_is_in_the_image_is_written_where_syft_is(folder: Path) -> None:
    """Syft itself is in no package here: what it is asked for was proven, not what it answers."""
    assert "sbom" not in run(job(folder, Clocked({"PATH": ""}), {"docker": Engine()}), SBOM).outputs
    syft = folder / "bin" / "syft"
    syft.parent.mkdir()
    syft.write_text('#!/bin/sh\nmkdir -p .ci-steps; echo "$@" > "${4#spdx-json=}"\n', "utf-8")
    syft.chmod(0o755)
    outside = Clocked({"PATH": f"{syft.parent}:/usr/bin:/bin"})
    result = run(job(folder, outside, {"docker": Engine()}), SBOM)
    written = folder / result.outputs["sbom"]
    assert written.read_text("utf-8").split()[-1] == "docker:auth:1.1.0"
    syft.write_text("#!/bin/sh\nexit 3\n", "utf-8")
    with pytest.raises(OutsideError, match="syft did not list what is in auth"):
        run(job(folder, outside, {"docker": Engine()}), SBOM)


def test_a_list_that_is_always_wanted_is_missed_before_anything_is_built(folder: Path) -> None:
    engine = Engine()
    with pytest.raises(OutsideError, match="syft: no such program"):
        run(job(folder, Clocked({"PATH": ""}), {"docker": engine}), Options(sbom="always"))
    assert engine.built == []
