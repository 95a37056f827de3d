"""What the layout promises: names, explanations, pages, one door and one writer."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ci_steps import registry
from ci_steps.cli import COMMANDS
from ci_steps.options import options_of
from docs import generate, notice_example, notice_picture

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "ci_steps"
FAMILIES: dict[str, Any] = {
    "steps": registry.STEPS,
    "targets": registry.TARGETS,
    "balancers": registry.BALANCERS,
    "builders": registry.BUILDERS,
    "probes": registry.PROBES,
    "channels": registry.CHANNELS,
    "contracts": registry.CONTRACTS,
    "usages": registry.USAGES,
    "fronts": registry.FRONTS,
    "hosts": registry.HOSTS,
}
PLUGS = [
    pytest.param(family, name, module, id=f"{family}/{name}")
    for family, plugs in FAMILIES.items()
    for name, module in plugs.items()
]
# What the door to the world is made of; the others are programs of their own, or part of one.
WORLD = {"subprocess", "socket", "requests", "urllib.request", "smtplib", "slack_sdk", "time"}
DOORS = {"outside", "supervisor", "responder.py", "middleware.py"}
MOST_LINES, MOST_LINES_OF_A_FUNCTION = 300, 50
FORBIDDEN_NAMES = re.compile(
    r"manager|handler|helper|util|common|(^|_)(base|data|info|impl)(_|\.|$)"
)


def sources() -> Iterator[Path]:
    yield from sorted(PACKAGE.rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize(("family", "name", "module"), PLUGS)
def test_the_name_users_write_is_the_name_of_the_file_and_of_its_test(
    family: str, name: str, module: Any
) -> None:
    file = name.replace("-", "_")
    assert module.__name__ == f"ci_steps.{family}.{file}"
    assert (ROOT / "tests" / family / f"test_{file}.py").is_file()


@pytest.mark.parametrize("family", FAMILIES)
def test_every_plug_is_registered(family: str) -> None:
    files = {path.stem for path in (PACKAGE / family).glob("*.py")} - {"__init__"}
    assert files == {name.replace("-", "_") for name in FAMILIES[family]}


@pytest.mark.parametrize(("family", "name", "module"), PLUGS)
def test_every_option_is_explained_in_a_sentence(family: str, name: str, module: Any) -> None:
    for option in options_of(module.Options) if hasattr(module, "Options") else ():
        assert re.fullmatch(r"[A-Za-z`{].*\.", option.explain), f"{name}.{option.key}"


def test_every_step_is_a_command() -> None:
    assert set(registry.STEPS) <= set(COMMANDS)


@pytest.mark.parametrize(("path", "content"), [(path, text) for path, text in generate.pages()])
def test_generated_pages_are_current(path: Path, content: str) -> None:
    assert path.read_text("utf-8") == content, "run: make docs"


def test_the_picture_of_a_notice_is_that_of_its_page() -> None:
    page = notice_example.html()
    assert notice_picture.is_current(page), "run: make docs, where chromium is installed"
    assert not notice_picture.is_current(page + " ")


def test_no_generated_page_is_left_over() -> None:
    written = {path for path, _ in generate.pages()}
    for family in ("steps", "targets", "balancers", "probes", "channels", "usages", "fronts"):
        found = set((ROOT / "docs" / "reference" / family).glob("*.md"))
        assert found <= written


def test_only_the_door_touches_the_world() -> None:
    offenders = {
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in sources()
        if path.relative_to(PACKAGE).parts[0] not in DOORS
        for name in imported(path)
        if name in WORLD
    }
    assert offenders == set()


def test_only_the_door_asks_for_the_time_and_the_environment() -> None:
    asked = re.compile(r"datetime\.now|date\.today|os\.environ|os\.getenv")
    offenders = {
        str(path.relative_to(PACKAGE))
        for path in sources()
        if path.relative_to(PACKAGE).parts[0] not in DOORS and asked.search(path.read_text("utf-8"))
    }
    # The command line decides about colours before there is a world.
    assert offenders <= {"cli/shell.py"}


def test_only_the_console_writes_to_the_terminal() -> None:
    offenders = {
        str(path.relative_to(PACKAGE))
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    }
    assert offenders <= {"console.py"}


def test_no_module_and_no_function_is_longer_than_one_reads_at_once() -> None:
    long_modules, long_functions = {}, {}
    for path in sources():
        if "migrations" in path.parts:
            continue
        content, name = path.read_text("utf-8"), str(path.relative_to(PACKAGE))
        if (lines := content.count("\n")) > MOST_LINES:
            long_modules[name] = lines
        for node in ast.walk(ast.parse(content)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MOST_LINES_OF_A_FUNCTION:
                    long_functions[f"{name}: {node.name}"] = lines
    assert (long_modules, long_functions) == ({}, {})


def test_names_are_the_words_of_the_docs() -> None:
    names = {str(path.relative_to(PACKAGE)) for path in sources()}
    assert {name for name in names if FORBIDDEN_NAMES.search(name)} == set()


def test_every_page_that_is_linked_exists() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    missing = {
        f"{page.relative_to(ROOT)} -> {link}"
        for page in pages
        for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
        if not (page.parent / link).exists()
    }
    assert missing == set()


def test_every_command_is_in_the_table_of_the_readme() -> None:
    rows = re.findall(
        r"^\| (`ci-steps .*?) \|", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE
    )
    named = {word for row in rows for word in re.findall(r"[a-z-]+", row)}
    assert set(COMMANDS) - named == set()


def test_the_readme_begins_with_the_two_commands() -> None:
    first = re.search(r"```sh\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert first is not None
    commands = [line.partition("#")[0].strip() for line in first[1].strip().splitlines()]
    assert commands == ["make demo", "make test"]
    assert commands[1] in (ROOT / ".ci" / "run").read_text("utf-8")
