"""How a repository is tested and started, by what lies in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_steps.scaffold.folder import at

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci_steps.scaffold.folder import Folder

_NO_TEST = "no test specified"  # what `npm init` writes
_REPORT = ".ci-steps/reports/unit.xml"


@dataclass(frozen=True)
class Tests:
    """A command that tests, the reports it writes, and what it was recognised by."""

    command: tuple[str, ...]
    because: str
    junit: tuple[str, ...] = ()


@dataclass(frozen=True)
class Start:
    """A command that serves on $PORT, and what it was recognised by."""

    command: tuple[str, ...]
    because: str


def tests_of(folder: Folder) -> Tests | None:
    """Return how the unit tests are run, or None where nothing says it."""
    return next((found for look in _TESTS if (found := look(folder))), None)


def start_of(folder: Folder) -> Start | None:
    """Return how the service is started, or None where nothing says it."""
    return next((found for look in _STARTS if (found := look(folder))), None)


def has_target(folder: Folder, name: str) -> bool:
    """Return whether the Makefile has a target."""
    return bool(re.search(rf"^{re.escape(name)}\s*:(?!=)", folder.text("Makefile"), re.MULTILINE))


def _make(folder: Folder) -> Tests | None:
    return Tests(("make", "test"), "Makefile has test") if has_target(folder, "test") else None


def _tox(folder: Folder) -> Tests | None:
    if folder.has("tox.ini"):
        return Tests(("tox",), "tox.ini")
    return Tests(("nox",), "noxfile.py") if folder.has("noxfile.py") else None


def _python(folder: Folder) -> Tests | None:
    project = folder.toml("pyproject.toml")
    files = folder.first(
        "tests/**/test_*.py", "test/**/test_*.py", "test_*.py", "tests/**/*_test.py"
    )
    if not files and at(project, "tool", "pytest") is None:
        return None
    if not _uses_pytest(folder, files):
        where = files.partition("/")[0] if "/" in files else "."
        return Tests(("python3", "-m", "unittest", "discover", "--start-directory", where), files)
    tool = _python_tool(folder)
    command = (*tool, "pytest", f"--junitxml={_REPORT}")
    return Tests(command, files or "pyproject.toml", (_REPORT,))


def _uses_pytest(folder: Folder, file: str) -> bool:
    said = " ".join(map(folder.text, ("pyproject.toml", "setup.cfg", "requirements-dev.txt")))
    return "pytest" in said or folder.has("pytest.ini") or "pytest" in folder.text(file)


def _python_tool(folder: Folder) -> tuple[str, ...]:
    if folder.has("poetry.lock") or at(folder.toml("pyproject.toml"), "tool", "poetry"):
        return ("poetry", "run")
    return ("uv", "run") if folder.has("uv.lock") else ("python3", "-m")


def _node(folder: Folder) -> Tests | None:
    script = at(folder.json("package.json"), "scripts", "test")
    if not isinstance(script, str) or _NO_TEST in script:
        return None
    return Tests((_node_tool(folder), "test"), "package.json has scripts.test")


def _node_tool(folder: Folder) -> str:
    locks = {"pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn"}
    return next((tool for lock, tool in locks.items() if folder.has(lock)), "npm")


def _go(folder: Folder) -> Tests | None:
    return Tests(("go", "test", "./..."), "go.mod") if folder.has("go.mod") else None


def _maven(folder: Folder) -> Tests | None:
    if not folder.has("pom.xml"):
        return None
    tool = "./mvnw" if folder.has("mvnw") else "mvn"
    return Tests((tool, "--batch-mode", "test"), "pom.xml", ("target/surefire-reports/*.xml",))


def _gradle(folder: Folder) -> Tests | None:
    script = folder.first("build.gradle", "build.gradle.kts")
    if not script:
        return None
    tool = "./gradlew" if folder.has("gradlew") else "gradle"
    return Tests((tool, "test"), script, ("build/test-results/test/*.xml",))


def _rust(folder: Folder) -> Tests | None:
    return Tests(("cargo", "test"), "Cargo.toml") if folder.has("Cargo.toml") else None


def _ruby(folder: Folder) -> Tests | None:
    if not folder.has("Gemfile"):
        return None
    if folder.has("spec"):
        return Tests(("bundle", "exec", "rspec"), "Gemfile and spec")
    return Tests(("bundle", "exec", "rake", "test"), "Rakefile") if folder.has("Rakefile") else None


def _dotnet(folder: Folder) -> Tests | None:
    project = folder.first("*.sln", "*.csproj")
    return Tests(("dotnet", "test"), project) if project else None


def _python_start(folder: Folder) -> Start | None:
    file = folder.first("service.py", "app.py", "server.py", "main.py")
    if file:
        return Start(("python3", file), file)
    package = folder.first("src/*/__main__.py", "*/__main__.py")
    if not package:
        return None
    name = package.split("/")[-2]
    return Start((*_python_module(folder), name), package)


def _python_module(folder: Folder) -> tuple[str, ...]:
    tool = _python_tool(folder)
    return tool if tool[-1] == "-m" else (*tool, "python", "-m")


def _node_start(folder: Folder) -> Start | None:
    if not isinstance(at(folder.json("package.json"), "scripts", "start"), str):
        return None
    return Start((_node_tool(folder), "start"), "package.json has scripts.start")


def _go_start(folder: Folder) -> Start | None:
    return Start(("go", "run", "."), "main.go") if folder.has("main.go") else None


_TESTS: tuple[Callable[[Folder], Tests | None], ...] = (
    _make,
    _tox,
    _python,
    _node,
    _go,
    _maven,
    _gradle,
    _rust,
    _ruby,
    _dotnet,
)
_STARTS: tuple[Callable[[Folder], Start | None], ...] = (_python_start, _node_start, _go_start)
