"""A real docker daemon, a real registry, and an image to start from, all of this machine."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

from ci_steps.outside import Outside
from tests.parts import services

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_T = TypeVar("_T")

_PLUGINS = Path(__file__).parents[2] / ".cache" / "docker-plugins"
_DEADLINE_SECONDS = 30
SERVICE_IMAGE = "ci-steps-service:1"
_REGISTRY = """\
version: 0.1
storage: {{filesystem: {{rootdirectory: {folder}/stored}}}}
http: {{addr: "127.0.0.1:0"}}
"""
_LOGIN = """\
auth: {{htpasswd: {{realm: images, path: {folder}/users}}}}
"""
# The user `builder` with the password `open sesame`.
_USERS = "builder:$2b$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW\n"
_DOCKERFILE = """\
FROM {base}
WORKDIR /service
COPY service.py .
ENV HOST=0.0.0.0 PORT=8080
CMD ["/usr/bin/python3", "service.py"]
"""
_MODULES = """\
import encodings.idna, hmac, html, http.client, http.server, json, pathlib, secrets, signal
import socketserver, string, sys, sysconfig, threading, typing, urllib.request, zipimport
for module in tuple(sys.modules.values()):
    if getattr(module, "__file__", None):
        print(module.__file__)
import encodings, pathlib
for path in pathlib.Path(encodings.__file__).parent.glob("*.py"):
    print(path)
"""
_STORE = """\
[storage]
driver = "vfs"
graphroot = "{folder}/images"
runroot = "{folder}/run"
"""


_ROOM_BYTES = 100_000


@pytest.fixture(scope="session")
def docker() -> Iterator[Mapping[str, str]]:
    """The environment of a docker client whose daemon answers."""
    if shutil.which("docker") is None:
        pytest.skip("docker is not here: that it builds and pushes images was not proven")
    if _answers(os.environ):
        yield dict(os.environ)
        return
    if shutil.which("dockerd") is None:
        pytest.skip("no docker daemon is here: that docker builds images was not proven")
    with _folder() as folder, _dockerd(folder) as environ:
        yield environ


@pytest.fixture(scope="session")
def docker_plugins(docker: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """The environment of a client with the plugins of `.ci/docker-plugins`, if they are here."""
    with _folder() as folder:
        known = {"cliPluginsExtraDirs": [str(_PLUGINS)]}
        (folder / "config.json").write_text(json.dumps(known), encoding="utf-8")
        yield {**docker, "DOCKER_CONFIG": str(folder)}


@pytest.fixture(scope="session")
def buildx(docker_plugins: Mapping[str, str]) -> Mapping[str, str]:
    """The environment of a client that has the plugin buildx."""
    if not Outside(docker_plugins).ask(["docker", "buildx", "version"]).ok:
        pytest.skip("docker's plugin buildx is not here: that it builds was not proven")
    return docker_plugins


@pytest.fixture(scope="session")
def storage() -> Iterator[Mapping[str, str]]:
    """The environment in which podman and buildah keep their images to themselves."""
    with _folder() as folder:
        settings = folder / "storage.conf"
        settings.write_text(_STORE.format(folder=folder), encoding="utf-8")
        yield {
            **os.environ,
            "CONTAINERS_STORAGE_CONF": str(settings),
            "BUILDAH_ISOLATION": "chroot",  # what works inside most containers, too
        }


@pytest.fixture(scope="session")
def image_registry() -> Iterator[str]:
    """The host and port of a registry of images that asks nobody who they are."""
    if shutil.which("docker-registry") is None:
        pytest.skip("docker-registry is not here: that images are pushed was not proven")
    with _registry(_REGISTRY) as address:
        yield address


@pytest.fixture(scope="session")
def closed_registry() -> Iterator[str]:
    """The host and port of a registry that lets in nobody but `builder`."""
    if shutil.which("docker-registry") is None:
        pytest.skip("docker-registry is not here: that a login is used was not proven")
    with _registry(_REGISTRY + _LOGIN) as address:
        yield address


@pytest.fixture
def full_registry() -> Iterator[str]:
    """The host and port of a registry that has no room for what is pushed to it."""
    if shutil.which("docker-registry") is None or shutil.which("prlimit") is None:
        pytest.skip("docker-registry or prlimit is not here: a full registry was not proven")
    with _registry(_REGISTRY, within=("prlimit", f"--fsize={_ROOM_BYTES}")) as address:
        yield address


@contextmanager
def _registry(settings: str, within: tuple[str, ...] = ()) -> Iterator[str]:
    with _folder() as folder:
        file, log = folder / "registry.yml", folder / "log"
        file.write_text(settings.format(folder=folder), encoding="utf-8")
        (folder / "users").write_text(_USERS, encoding="utf-8")
        with _process([*within, "docker-registry", "serve", str(file)], log, os.environ):
            found = _await(lambda: re.search(r"listening on (127\.0\.0\.1:\d+)", log.read_text()))
            assert found, log.read_text()
            yield found[1]


@pytest.fixture(scope="session")
def base_tar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shell and its libraries: ``ADD base.tar /`` in an image made from scratch."""
    shell = Path("/bin/sh").resolve()
    if shutil.which("ldd") is None:
        pytest.skip("ldd is not here: no image could be put together without a network")
    listed = subprocess.run(["ldd", shell], capture_output=True, text=True, check=True).stdout
    tar = tmp_path_factory.mktemp("base") / "base.tar"
    with tarfile.open(tar, "w", dereference=True) as file:
        file.add(shell, "bin/sh")
        for library in re.findall(r"(/\S+) \(0x", listed):
            file.add(library, library.lstrip("/"))
    return tar


@pytest.fixture(scope="session")
def python_image(docker: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of an image with this machine's Python, put together without a network."""
    tar = tmp_path_factory.mktemp("python") / "python.tar"
    with tarfile.open(tar, "w", dereference=True) as file:
        for path, name in _python_files():
            file.add(path, name.lstrip("/"))
    imported = subprocess.run(
        ["docker", "import", tar, "ci-steps-python:1"],
        env=dict(docker),
        capture_output=True,
        check=False,
    )
    assert imported.returncode == 0, imported.stderr
    return "ci-steps-python:1"


def _python_files() -> Iterator[tuple[str, str]]:
    """Yield the files that a small service needs, with their names in the image."""
    system = "/usr/bin/python3"
    if not os.access(system, os.X_OK) or shutil.which("ldd") is None:
        pytest.skip("no Python of the system is here: that containers are deployed was not proven")
    listed = subprocess.run(
        [system, "-I", "-c", _MODULES], capture_output=True, text=True, check=True
    )
    modules = listed.stdout.split()
    programs = [system, *(path for path in modules if path.endswith(".so"))]
    linked = subprocess.run(["ldd", *programs], capture_output=True, text=True, check=False).stdout
    yield system, "/usr/bin/python3"
    for path in sorted({*modules, *re.findall(r"(/\S+) \(0x", linked)}):
        yield path, path


@pytest.fixture(scope="session")
def service_image(
    docker: Mapping[str, str], python_image: str, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The name of an image with the small service in it."""
    folder = tmp_path_factory.mktemp("image")
    (folder / "service.py").write_text(services.source())
    (folder / "Dockerfile").write_text(_DOCKERFILE.format(base=python_image))
    build = ["docker", "build", "--quiet", "--tag", SERVICE_IMAGE, str(folder)]
    subprocess.run(build, env=dict(docker), check=True, capture_output=True)
    return SERVICE_IMAGE


@contextmanager
def _folder() -> Iterator[Path]:
    # Not below pytest's folders: a socket's path may have 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="ci-steps-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def _dockerd(folder: Path) -> Iterator[Mapping[str, str]]:
    socket = f"unix://{folder}/docker.sock"
    command = [
        *("dockerd", "--host", socket, "--pidfile", f"{folder}/pid"),
        *("--data-root", f"{folder}/images", "--exec-root", f"{folder}/run"),
        # No container of these tests needs a network, and the machine's stays as it is.
        *("--bridge", "none", "--iptables=false", "--ip-masq=false"),
    ]
    environ = {**os.environ, "DOCKER_HOST": socket, "DOCKER_CONFIG": str(folder / "config")}
    log = folder / "log"
    with _process(command, log, os.environ) as process:
        up = _await(lambda: _answers(environ) or process.poll() is not None)
        if not up or process.poll() is not None:
            last = log.read_text(encoding="utf-8").strip().splitlines()[-1:]
            pytest.skip(f"dockerd does not start: that docker builds was not proven ({last})")
        try:
            yield environ
        finally:
            process.terminate()
            process.wait()
            _unmount(folder)


def _unmount(folder: Path) -> None:
    """Take away what dockerd leaves mounted, so that its folder can be removed."""
    mounted = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    for place in sorted((line.split()[1] for line in mounted), reverse=True):
        if place.startswith(f"{folder}/"):
            subprocess.run(["umount", place], check=True)


@contextmanager
def _process(
    command: Sequence[str], log: Path, environ: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=dict(environ)
        )
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_DEADLINE_SECONDS)
        process.kill()
        process.wait()


def _answers(environ: Mapping[str, str]) -> bool:
    return Outside(environ).ask(["docker", "version", "--format", "{{.Server.Version}}"]).ok


def _await(condition: Callable[[], _T]) -> _T:
    """Poll: neither program tells anybody when it is ready."""
    end = time.monotonic() + _DEADLINE_SECONDS
    while not (met := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return met
