"""What holds for the engines without a daemon; each has a test class of these claims."""

from __future__ import annotations

import json
import secrets
import shutil
from typing import TYPE_CHECKING

import pytest

from ci_steps.errors import OutsideError, RefusedError
from ci_steps.images.reference import split
from ci_steps.images.stored import stored
from ci_steps.outside import Outside
from ci_steps.steps.container_build import Options, run
from tests.parts.building import Clocked, Shown, final, job, service_folder
from tests.parts.http import says, serving

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ci_steps.protocols import Builder, Job


class EngineClaims:
    """A subclass names the engine and its builder."""

    engine: str
    builder: Builder

    @pytest.fixture(autouse=True)
    def _is_here(self, storage: Mapping[str, str]) -> None:
        if shutil.which(self.engine) is None:
            pytest.skip(f"{self.engine} is not here: that it builds and pushes was not proven")
        missing = self.builder.missing(Outside(storage))
        if missing:
            pytest.skip(f"{missing}: that {self.engine} builds and pushes was not proven")

    def job(self, folder: Path, storage: Mapping[str, str], commit: str = "c0ffee") -> Job:
        known = final("auth", "1.1.0", "decade") if commit == "decade" else None
        builders = {self.engine: self.builder}
        return job(folder, Clocked(storage), builders, commit=commit, known=known)

    def test_the_same_commit_is_built_once_and_a_final_version_keeps_its_tag(
        self, tmp_path: Path, base_tar: Path, storage: Mapping[str, str]
    ) -> None:
        folder = service_folder(tmp_path, base_tar, 'RUN echo "hello $GREETING"')
        name = f"test-{secrets.token_hex(6)}"  # new each time: no layer is known yet
        options = Options(image=name, arguments={"GREETING": name})
        first, again = self.job(folder, storage), self.job(folder, storage)
        assert run(first, options).outputs == run(again, options).outputs
        assert isinstance(first.progress, Shown)
        assert isinstance(again.progress, Shown)
        assert any(f"hello {name}" in line for line in first.progress.lines)
        assert again.progress.lines == []
        with pytest.raises(RefusedError, match=r"exists with other content \(commit c0ffee\)"):
            run(self.job(folder, storage, "decade"), options)

    def test_what_was_pushed_has_its_labels_its_health_check_and_its_digest(
        self, tmp_path: Path, base_tar: Path, storage: Mapping[str, str], image_registry: str
    ) -> None:
        folder = service_folder(tmp_path, base_tar, "HEALTHCHECK CMD true")
        name = f"test-{secrets.token_hex(6)}"
        options = Options(image=name, registry=f"{image_registry}/shop", push=True)
        result = run(self.job(folder, storage), options)
        there = stored(split(f"{image_registry}/shop/{name}:1.1.0"), Outside())
        assert there is not None
        assert result.outputs["digest"] == there.digest
        assert there.labels["org.opencontainers.image.revision"] == "c0ffee"
        assert there.labels["io.ci-steps.requirements"] == "gis-201610,mail-v1_20171001-2"
        assert "Healthcheck" in configuration(image_registry, f"shop/{name}")

    def test_a_failing_build_is_refused_with_what_it_said(
        self, tmp_path: Path, base_tar: Path, storage: Mapping[str, str]
    ) -> None:
        folder = service_folder(tmp_path, base_tar, "RUN echo no compiler here >&2; exit 7")
        with pytest.raises(RefusedError) as refused:
            run(self.job(folder, storage), Options())
        assert str(refused.value).startswith("localhost/auth:1.1.0 was not built: exit status ")
        assert "no compiler here" in str(refused.value)

    def test_an_image_of_another_registry_is_not_taken_for_the_one_of_this_machine(
        self, tmp_path: Path, base_tar: Path, storage: Mapping[str, str]
    ) -> None:
        folder, name = service_folder(tmp_path, base_tar), f"test-{secrets.token_hex(6)}"
        options = Options(image=name, registry="registry.example.org")
        assert run(self.job(folder, storage), options).outputs["image"].startswith("registry.")
        own = run(self.job(folder, storage), Options(image=name))
        assert own.summary.startswith(f"localhost/{name}:1.1.0 built by {self.engine}")

    def test_a_push_that_the_registry_does_not_take_is_no_answer_of_ours(
        self, tmp_path: Path, base_tar: Path, storage: Mapping[str, str]
    ) -> None:
        folder = service_folder(tmp_path, base_tar)
        with serving(says("{}", status=404)) as server:
            host = server.address.removeprefix("http://")
            with pytest.raises(OutsideError, match=r"was not pushed: exit status \d+\n") as error:
                run(self.job(folder, storage), Options(registry=host, push=True))
        assert "404" in str(error.value)

    def test_a_store_that_cannot_be_opened_is_a_reason_and_no_surprise(
        self, tmp_path: Path, storage: Mapping[str, str]
    ) -> None:
        broken = tmp_path / "storage.conf"
        broken.write_text('[storage]\ndriver = "no such driver"\n', encoding="utf-8")
        missing = self.builder.missing(Outside({**storage, "CONTAINERS_STORAGE_CONF": str(broken)}))
        assert missing.startswith(f"{self.engine}: ")


def configuration(registry: str, name: str) -> dict[str, object]:
    """Return how a container of the image in the registry would run."""
    address = f"http://{registry}/v2/{name}"
    accept = {"Accept": "application/vnd.docker.distribution.manifest.v2+json"}
    manifest = json.loads(Outside().get(f"{address}/manifests/1.1.0", headers=accept).text)
    content = json.loads(Outside().get(f"{address}/blobs/{manifest['config']['digest']}").text)
    found: dict[str, object] = content["config"]
    return found
