"""The image is built by a real engine, and what runs in it is ci-steps, as nobody special.

Not proven: the public image that it starts from by default, and that git and the extras are
installed there; nothing can be fetched here. The one it starts from is put together from this
machine's Python, git and busybox.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.parts.docker import storage

ROOT = Path(__file__).parents[1]
PYTHON = Path("/usr/bin/python3")  # of the system: it needs nothing of a user's home
BUSYBOX = Path("/bin/busybox")
_APPLETS = ("sh", "mkdir", "chown", "rm", "find", "cat", "env", "touch", "ls", "id")
_LIBRARY = """\
import sys, sysconfig
print(sysconfig.get_path("stdlib"), sys.version_info >= (3, 10))
"""
_SERVICE = """\
service: auth
version: {env: VERSION}
steps:
  unit-test: {command: ["true"]}
  container-build: {when: never}
"""
__all__ = ["storage"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (shutil.which("buildah") and shutil.which("git") and PYTHON.exists())
        or not BUSYBOX.exists(),
        reason="not proven here that the image is built: no buildah, busybox or /usr/bin/python3",
    ),
]


def base(tar: Path) -> None:
    """Write the files of an image that has Python, git and a shell."""
    said = subprocess.run([PYTHON, "-c", _LIBRARY], capture_output=True, text=True, check=True)
    library, new_enough = said.stdout.split()
    if new_enough != "True":
        pytest.skip("not proven here that the image is built: python3 of the system is too old")
    cores = Path("/usr/lib/git-core")
    programs = [PYTHON.resolve(), Path("/usr/bin/git"), *Path(library, "lib-dynload").glob("*.so")]
    with tarfile.open(tar, "w", dereference=True) as file:
        file.add(BUSYBOX, "bin/busybox")
        for applet in _APPLETS:
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            file.addfile(link)
        for program in programs[:2]:
            file.add(program, str(PYTHON if program != programs[1] else program).lstrip("/"))
        file.add(library, library.lstrip("/"), filter=_needed)
        file.add(cores / "git", str(cores / "git").lstrip("/"))
        for needed in sorted({one for program in programs for one in libraries(program)}):
            file.add(needed, needed.lstrip("/"))


def _needed(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    left_out = re.search(r"/(test|config-[^/]*|__pycache__|idlelib|tkinter)$", entry.name)
    return None if left_out else entry


def libraries(program: Path) -> list[str]:
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    return re.findall(r"(/\S+) \(0x", listed)


class Image:
    """The image in the storage of buildah, and one container of it."""

    def __init__(self, environ: Mapping[str, str], dist: Path, folder: Path) -> None:
        self._environ = environ
        base(folder / "base.tar")
        empty = self.buildah("from", "scratch")
        self.buildah("add", empty, str(folder / "base.tar"), "/")
        self.buildah("run", "--", empty, "/bin/mkdir", "-p", "/tmp", "/etc")
        self.buildah("commit", "--quiet", empty, "base")
        context = folder / "context"
        for name in ("Dockerfile", ".dockerignore", "release/image/ci-steps"):
            (context / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, context / name)
        shutil.copytree(dist, context / "dist")
        told = {"BASE": "localhost/base", "EXTRAS": "", "VERSION": "1.2.3", "REVISION": "4f1c2aa"}
        arguments = [f"--build-arg={name}={value}" for name, value in told.items()]
        self.buildah("bud", "--quiet", "--tag", "ci-steps", *arguments, str(context))
        self._container = self.buildah("from", "ci-steps")

    def buildah(self, *arguments: str) -> str:
        ran = subprocess.run(
            ["buildah", *arguments],
            env=dict(self._environ),
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout.strip()

    def run(self, *command: str) -> str:
        return self.buildah("run", self._container, "--", *command)

    @property
    def config(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.buildah("inspect", "--type=image", "ci-steps"))
        docker = found["Docker"]
        assert isinstance(docker, dict)
        config: dict[str, object] = docker["config"]
        return config


@pytest.fixture(scope="module")
def image(
    storage: Mapping[str, str], dist: Path, tmp_path_factory: pytest.TempPathFactory
) -> Image:
    return Image(storage, dist, tmp_path_factory.mktemp("image"))


def test_ci_steps_runs_as_nobody_special_and_compiles_nothing(image: Image) -> None:
    assert image.run("ci-steps", "--version").startswith("ci-steps, version ")
    assert image.run("id", "-u") == "1000"
    pythons = image.run("sh", "-c", "find /opt/ci-steps -name 'store.*.pyc'").splitlines()
    assert len(pythons) == len({Path(one).parent for one in pythons}) > 0


def test_a_rehearsal_runs_in_it(image: Image) -> None:
    script = (
        f"mkdir auth && cd auth && printf '%s' '{_SERVICE}' > ci-steps.yaml && git init -q . &&"
        " git add . && git -c user.name=a -c user.email=a@shop.example commit -qm 1 &&"
        " VERSION=1.1.0 ci-steps rehearse 2>&1"
    )
    said = image.run("sh", "-c", script).splitlines()
    assert said[-1].startswith("auth 1.1.0: rehearsed in ")


def test_it_says_what_it_is(image: Image) -> None:
    labels = image.config["Labels"]
    assert isinstance(labels, dict)
    known = {name.rpartition(".")[2]: value for name, value in labels.items()}
    assert known["title"] == "ci-steps"
    assert (known["version"], known["revision"]) == ("1.2.3", "4f1c2aa")
    assert image.config["User"] == "1000:1000"
    assert not image.config.get("Entrypoint")
