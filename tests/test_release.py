"""What `make dist` builds: from pinned wheels, with the same bytes each time, for a bare Python."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from ci_steps import __repository__
from release import coordinates, wheels
from tests.parts.shipped import BARE, OFFLINE, build, can_be_offline

ROOT = Path(__file__).parents[1]
NOBODY = 65534
DEBIANS = "/usr/bin/python3"  # a Python that nobody may run, too
# What only an extra brings may be missing; a module that needs it is imported where it is used.
EXTRAS = "avro graphql opentelemetry psycopg thriftpy2"
_EVERY_MODULE = """\
import importlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
import ci_steps
for module in pkgutil.walk_packages(ci_steps.__path__, "ci_steps."):
    if module.name.endswith("__main__") or ".migrations." in module.name:
        continue
    try:
        importlib.import_module(module.name)
    except ModuleNotFoundError as missing:
        if missing.name.partition(".")[0] not in sys.argv[2].split():
            raise
print(sorted({(getattr(one, "__file__", None) or "") for one in sys.modules.values()}))
"""


def name_of(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()


# What is pinned.


def test_the_wheels_have_the_versions_that_are_tested() -> None:
    tested = dict(
        line.split("==") for line in wheels.CONSTRAINTS.read_text().splitlines() if "==" in line
    )
    versions = {name_of(name): version for name, version in tested.items()}
    for line in wheels.locked():
        name, version = line.partition(" ")[0].split("==")
        assert versions[name_of(name)] == version, "run: make wheels"


def test_everything_is_locked_that_ci_steps_needs() -> None:
    needed, asked = {"tomli"}, ["ci-steps"]
    while asked:
        for text in requires(asked.pop()) or ():
            found = Requirement(text)
            wanted = not found.marker or found.marker.evaluate({"extra": ""})
            if wanted and name_of(found.name) not in needed:
                needed.add(name_of(found.name))
                asked.append(found.name)
    locked = {name_of(line.partition("==")[0]) for line in wheels.locked()}
    assert needed - locked <= {name_of(name) for name in wheels.NEVER_LOADED}
    assert locked <= needed | {"typing-extensions"}
    assert all(re.search(r" --hash=sha256:[0-9a-f]{64}$", line) for line in wheels.locked())


# Where it is.


def test_every_file_names_one_repository_and_one_command_changes_it(tmp_path: Path) -> None:
    copied = Path(shutil.copytree(ROOT / "release", tmp_path / "release")).parent
    for name in (".github", "gitlab", "docs"):
        shutil.copytree(ROOT / name, copied / name)
    (copied / "ci_steps").mkdir()
    shutil.copy(ROOT / "ci_steps" / "__init__.py", copied / "ci_steps")
    named = [file.relative_to(copied) for file in coordinates.files(copied, __repository__)]
    assert {"ci_steps/__init__.py", ".github/workflows/ci-steps.yml"} <= set(map(str, named))
    changed = subprocess.run(
        [sys.executable, "-m", "release.coordinates", "shop/steps"],
        cwd=copied,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(copied)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert changed.stdout.splitlines() == list(map(str, named)), changed.stderr
    assert list(coordinates.files(copied, __repository__)) == []
    assert len(list(coordinates.files(copied, "shop/steps"))) == len(named)


@pytest.mark.parametrize("name", ["", "shop", "shop/steps; rm -rf /", "a/b/c"])
def test_what_is_no_repository_changes_nothing(name: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "release.coordinates", name],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"error: {name!r} is no repository")


# What is built.

as_nobody = pytest.mark.skipif(
    os.getuid() != 0 or not Path(DEBIANS).exists(),
    reason="not proven here: it takes root to become somebody else, and a Python for everybody",
)
slow = pytest.mark.slow


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Return a folder that other users can read."""
    folder = Path(tempfile.mkdtemp(prefix="release-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def built(place: Path, dist: Path) -> Path:
    return Path(shutil.copytree(dist, place / "dist"))


def call(
    *command: str, user: int | None = None, **environ: str
) -> subprocess.CompletedProcess[str]:
    # PATH alone: no home, no language, no terminal.
    return subprocess.run(
        command,
        env={"PATH": os.environ["PATH"], **environ},
        user=user,
        stdin=subprocess.DEVNULL,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def unused(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was built once more, and never run: whoever runs it may write into it."""
    folder = tmp_path_factory.mktemp("again") / "dist"
    build(folder)
    return folder


@slow
def test_it_is_built_twice_with_the_same_bytes(built: Path, unused: Path) -> None:
    first, second = ((one / "SHA256SUMS").read_text() for one in (built, unused))
    assert first.splitlines() == second.splitlines()
    assert len(first.splitlines()) > 1000


@slow
def test_its_hashes_are_those_of_its_files(unused: Path) -> None:
    ran = subprocess.run(
        ["sha256sum", "--check", "--quiet", "SHA256SUMS"],
        cwd=unused,
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout


@slow
def test_nothing_in_it_is_for_one_kind_of_machine(built: Path) -> None:
    kinds = {path.suffix for path in built.rglob("*") if path.is_file()}
    assert kinds.isdisjoint({".so", ".pyd", ".dylib", ".dll", ".c", ".pyx"})
    assert list((built / "lib").glob("*.dist-info/licenses/*"))


@slow
def test_every_module_starts_from_it_alone_and_nothing_is_compiled_anew(built: Path) -> None:
    before = sorted(built.rglob("*"))
    ran = call(BARE, "-I", "-S", "-c", _EVERY_MODULE, str(built / "lib"), EXTRAS)
    assert ran.returncode == 0, ran.stderr
    assert str(built / "lib" / "sqlalchemy") in ran.stdout
    assert "site-packages" not in ran.stdout
    assert sorted(built.rglob("*")) == before


# The archive, on machines of all kinds.


@slow
@pytest.mark.parametrize(
    "environ",
    [
        pytest.param({}, id="no home"),
        pytest.param({"HOME": "/proc"}, id="a home that cannot be written to"),
        pytest.param({"HOME": "/nowhere"}, id="a home that is not there"),
        pytest.param({"LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, id="LANG=C"),
        pytest.param({"PYTHONPATH": str(ROOT / "tests" / "parts")}, id="PYTHONPATH"),
    ],
)
@as_nobody
def test_the_archive_runs_for_anybody(built: Path, place: Path, environ: dict[str, str]) -> None:
    temporary = place / "tmp"
    temporary.mkdir(exist_ok=True)
    temporary.chmod(0o1777)
    archive = str(built / "ci-steps.pyz")
    ran = call(DEBIANS, archive, "--version", user=NOBODY, TMPDIR=str(temporary), **environ)
    assert ran.stdout.startswith("ci-steps, version "), ran.stderr
    assert (temporary / f"ci-steps-{NOBODY}").stat().st_mode & 0o777 == 0o700


@slow
@as_nobody
def test_a_folder_that_somebody_else_prepared_is_not_used(built: Path, tmp_path: Path) -> None:
    shared = Path(tempfile.mkdtemp(prefix="shared-"))
    shared.chmod(0o1777)
    (shared / f"ci-steps-{NOBODY}").mkdir()
    archive = str(built / "ci-steps.pyz")
    ran = call(DEBIANS, archive, "--version", user=NOBODY, TMPDIR=str(shared), HOME="/proc")
    assert ran.returncode == 3
    (line,) = ran.stderr.splitlines()
    assert line.endswith("belongs to somebody else; name a folder in CI_STEPS_CACHE")
    shutil.rmtree(shared)


@slow
def test_two_that_unpack_at_once_do_not_meet(built: Path, tmp_path: Path) -> None:
    command = [BARE, str(built / "ci-steps.pyz"), "--version"]
    environ = {"PATH": os.environ["PATH"], "CI_STEPS_CACHE": str(tmp_path / "cache")}
    started = [
        subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    said = [one.communicate()[0] for one in started]
    assert len(set(said)) == 1
    assert said[0].startswith("ci-steps, version ")
    assert len(list((tmp_path / "cache").iterdir())) == 1


@slow
def test_an_old_python_gets_a_sentence_from_the_archive_too(built: Path) -> None:
    old = sorted(Path.home().glob(".pyenv/versions/3.[6-9].*/bin/python3"))
    if not old:
        pytest.skip("not proven here that an old Python gets a sentence: there is none")
    for python in old:
        ran = call(str(python), str(built / "ci-steps.pyz"), "--version")
        assert ran.returncode == 2
        assert re.fullmatch(
            r"error: this is Python 3\.\d, and ci-steps needs 3\.10 or newer\n", ran.stderr
        )


@slow
@pytest.mark.skipif(
    not can_be_offline(), reason="not proven here that it needs no network: no unshare"
)
def test_a_rehearsal_from_the_archive_needs_no_network(built: Path, tmp_path: Path) -> None:
    (tmp_path / "ci-steps.yaml").write_text(
        "service: auth\nversion: {env: VERSION}\nsteps:\n  unit-test: {command: ['true']}\n"
        "  container-build: {when: never}\n"
    )
    ran = subprocess.run(
        [*OFFLINE, BARE, str(built / "ci-steps.pyz"), "rehearse", "--commit", "4f1c2aa"],
        env={
            "PATH": "/usr/bin:/bin:/usr/sbin",
            "VERSION": "1.1.0",
            "CI_STEPS_CACHE": str(tmp_path / "cache"),
            "CI_STEPS_DICTIONARY": str(tmp_path / "dictionary.db"),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    last = ran.stderr.splitlines()[-1]
    assert re.fullmatch(r"auth 1\.1\.0: rehearsed in [0-9.]+ s, nothing was touched", last)
