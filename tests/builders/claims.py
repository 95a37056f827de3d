"""What holds for the engines without a daemon; each has a test class of these claims."""

from __future__ import annotations

import json
import secrets
import shutil
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

from ci_steps.errors import OutsideError, RefusedError
from ci_steps.images.reference import split
from ci_steps.images.stored import stored
from ci_steps.outside import Outside
from ci_steps.steps.container_build import Options, run
from tests.parts.building import Clocked, Shown, final, job, service_folder
from tests.parts.git import git, repository
from tests.parts.http import says, serving

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ci_steps.protocols import Builder, Job


SECRET = "pypi-token-of-shop"
READS_SECRET = """\
FROM scratch AS runtime
ADD base.tar /
RUN --mount=type=secret,id=pip read token < /run/secrets/pip; echo "a secret of ${#token} letters"\
"""
PASSWORD = "open sesame"
INDEXES = (
    "application/vnd.oci.image.index.v1+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json"
)


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
        assert "Healthcheck" in document(image_registry, f"shop/{name}")["config"]

    def test_one_stage_is_built_with_a_secret_that_stays_in_no_layer_and_further_tags(
        self, tmp_path: Path, base_tar: Path, storage: Mapping[str, str], image_registry: str
    ) -> None:
        folder = service_folder(tmp_path, base_tar, READS_SECRET, "FROM scratch AS tests")
        environ = {**storage, "PIP_TOKEN": SECRET}
        name = f"test-{secrets.token_hex(6)}"
        options = Options(
            image=name,
            registry=image_registry,
            push=True,
            stage="runtime",
            secrets={"pip": "PIP_TOKEN"},
            tags=("commit", "line"),
        )
        asked = self.job(folder, environ)
        digest = run(asked, options).outputs["digest"]
        assert any(f"a secret of {len(SECRET)} letters" in line for line in shown(asked).lines)
        for tag in ("1.1.0", "c0ffee"):
            there = stored(split(f"{image_registry}/{name}:{tag}"), Outside())
            assert there is not None
            assert there.digest == digest
        line = split(f"{image_registry}/{name}:1")
        assert stored(line, Outside()) is None, "production has not proven it"
        assert_nowhere(SECRET, self.engine, f"{image_registry}/{name}:1.1.0", environ, tmp_path)

    def test_the_same_commit_gives_the_same_layers_where_none_are_kept(
        self, tmp_path: Path, base_tar: Path, storage: Mapping[str, str], image_registry: str
    ) -> None:
        folder = service_folder(repository(tmp_path / "auth"), base_tar, "RUN echo > /made")
        commit, layers = git(folder, "rev-parse", "HEAD"), []
        for _ in range(2):
            Outside(storage).run([self.engine, "rmi", "--all", "--force"])
            (folder / "base.tar").touch()
            name = f"test-{secrets.token_hex(6)}"
            options = Options(image=name, registry=image_registry, push=True)
            run(self.job(folder, storage, commit), options)
            layers.append(document(image_registry, name)["rootfs"]["diff_ids"])
        assert layers[0] == layers[1], layers

    def test_one_name_stands_for_the_images_of_several_platforms(
        self, tmp_path: Path, base_tar: Path, storage: Mapping[str, str], image_registry: str
    ) -> None:
        folder, name = service_folder(tmp_path, base_tar), f"test-{secrets.token_hex(6)}"
        platforms = ("linux/amd64", "linux/arm64")
        options = Options(image=name, registry=image_registry, push=True, platforms=platforms)
        result = run(self.job(folder, storage), options)
        address = f"http://{image_registry}/v2/{name}/manifests/1.1.0"
        index = json.loads(Outside().get(address, headers={"Accept": INDEXES}).text)
        found = [one["platform"]["architecture"] for one in index["manifests"]]
        assert sorted(found) == ["amd64", "arm64"], index
        there = stored(split(result.outputs["image"]), Outside())
        assert there is not None
        assert there.digest == result.outputs["digest"]
        assert there.revision == "c0ffee"

    def test_a_registry_that_asks_who_it_is_is_told_and_the_engine_keeps_no_login(
        self, tmp_path: Path, base_tar: Path, storage: Mapping[str, str], closed_registry: str
    ) -> None:
        folder, name = service_folder(tmp_path, base_tar), f"test-{secrets.token_hex(6)}"
        home = tmp_path / "home"
        environ = {**storage, "HOME": str(home), "IMAGES_USER": "builder", "IMAGES_WORD": PASSWORD}
        options = Options(
            image=name,
            registry=closed_registry,
            push=True,
            user_env="IMAGES_USER",
            password_env="IMAGES_WORD",
        )
        first = run(self.job(folder, environ), options)
        assert run(self.job(folder, environ), options).outputs == first.outputs
        with pytest.raises(OutsideError, match=r"wants to know who asks \(HTTP 401\)"):
            run(self.job(folder, storage), Options(image=name, registry=closed_registry, push=True))
        wrong = {**environ, "IMAGES_WORD": "open barley"}
        with pytest.raises(OutsideError, match=r"wants to know who asks \(HTTP 401\)") as refused:
            run(self.job(folder, wrong), options)
        assert "open barley" not in str(refused.value)
        assert not list(home.rglob("*.json"))

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


def shown(asked: Job) -> Shown:
    """Return what was shown while the job ran."""
    assert isinstance(asked.progress, Shown)
    return asked.progress


def assert_nowhere(
    secret: str, engine: str, reference: str, environ: Mapping[str, str], folder: Path
) -> None:
    """Assert that an image, unpacked to its last layer, does not hold *secret*."""
    archive = folder / "image.tar"
    pushed = Outside(environ).run([engine, "push", reference, f"docker-archive:{archive}"])
    assert pushed.ok, pushed.output
    with tarfile.open(archive) as files:
        contents = [files.extractfile(one) for one in files if one.isfile()]
        assert contents
        assert not any(secret.encode() in one.read() for one in contents if one)


def document(registry: str, name: str) -> dict[str, Any]:
    """Return what the registry says about the image itself."""
    address = f"http://{registry}/v2/{name}"
    accept = {"Accept": "application/vnd.docker.distribution.manifest.v2+json"}
    manifest = json.loads(Outside().get(f"{address}/manifests/1.1.0", headers=accept).text)
    content = Outside().get(f"{address}/blobs/{manifest['config']['digest']}").text
    found: dict[str, Any] = json.loads(content)
    return found
