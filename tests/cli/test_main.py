"""The command line as a whole: start, help, mistyped words, and unfriendly terminals."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import click
import pytest

from ci_steps.cli import COMMANDS, shell
from tests.parts.commands import CI_STEPS, called, environ, typed, typed_in

_SECRET = "xoxb-not-a-real-one"
# What --help must not cost.
_HEAVY = (
    "sqlalchemy",
    "alembic",
    "yaml",
    "requests",
    "urllib3",
    "rich",
    "jinja2",
    "slack_sdk",
    "junitparser",
    "ci_steps.registry",
)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["version", "parse", "1.1"]])
def test_what_needs_no_service_loads_no_heavy_library(tmp_path: Path, arguments: list[str]) -> None:
    source = (
        "import sys; from ci_steps.cli import invoke; status = invoke(sys.argv[1:]);"
        "print(*sorted(sys.modules), file=sys.stderr); sys.exit(status)"
    )
    answer = called(tmp_path, *arguments, command=(sys.executable, "-c", source))
    loaded = set(answer.err.split())
    assert answer.status == 0
    assert "click" in loaded
    assert sorted(loaded & set(_HEAVY)) == []


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str], name: str) -> None:
    answer = typed(capsys, name, "--help")
    assert (answer.status, answer.err) == (0, "")
    assert answer.out.startswith(f"Usage: ci-steps {name} ")


def test_the_list_of_commands_is_in_the_order_of_a_newcomer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer = typed(capsys, "--help")
    listed = [line.split()[0] for line in answer.out.splitlines() if line.startswith("  ")]
    assert [word for word in listed if word in COMMANDS] == list(COMMANDS)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("pln", "error: no command 'pln', did you mean plan?"),
        ("unit_test", "error: no command 'unit_test', did you mean unit-test?"),
        ("xyzzy", "error: no command 'xyzzy'"),
        ("größe", "error: no command 'größe'"),
        ("w" * 300, "error: no command 'www"),
        ("config chek", "error: no command 'chek', did you mean check?"),
        ("dictionary shwo", "error: no command 'shwo', did you mean show?"),
        ("unit-test --comand x", "error: no option --comand, did you mean --command?"),
        ("plan --jsn", "error: no option --jsn, did you mean --json?"),
        ("--versoin", "error: no option --versoin, did you mean --version?"),
        ("deploy", "error: missing argument 'ENVIRONMENT'"),
        ("plan --config", "error: option '--config' requires an argument"),
    ],
)
def test_a_mistyped_word_is_said_with_the_one_that_was_meant(
    capsys: pytest.CaptureFixture[str], words: str, said: str
) -> None:
    answer = typed(capsys, *words.split())
    first, *hints = answer.err.splitlines()
    assert (answer.status, answer.out) == (2, "")
    assert first.startswith(said)
    assert all(hint.startswith(" hint: See ci-steps") for hint in hints)


def test_without_a_word_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    answer = typed(capsys)
    assert "Commands:" in answer.err + answer.out
    assert "error" not in answer.err


def test_a_folder_without_a_service_says_what_to_do(tmp_path: Path) -> None:
    answer = typed_in(tmp_path, "plan")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err == (
        "error: ci-steps.yaml: no such file\n"
        " hint: Run ci-steps in the folder of a service, or name the file with --config; "
        "ci-steps init writes a first one.\n"
    )


def test_a_folder_that_is_gone_is_one_line(tmp_path: Path) -> None:
    source = (
        "import os, sys; from ci_steps.cli import invoke; os.rmdir(os.getcwd());"
        "sys.exit(invoke(['plan']))"
    )
    gone = tmp_path / "gone"
    gone.mkdir()
    answer = called(gone, command=(sys.executable, "-c", source))
    assert answer.status == 2
    assert "Traceback" not in answer.err


_ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}


def test_a_terminal_that_knows_only_ascii_ends_nothing(tmp_path: Path) -> None:
    answer = called(tmp_path, "version", "parse", "größe", more=_ASCII)
    assert answer.status == 2
    assert "is not a version" in answer.err
    assert "Traceback" not in answer.err


def test_a_reader_that_leaves_is_no_error_worth_a_traceback(tmp_path: Path) -> None:
    command = ("sh", "-c", '"$@" | true', "sh", *CI_STEPS)
    answer = called(tmp_path, "config", "schema", command=command)
    assert answer.err == ""


def on_terminal(folder: Path, *arguments: str, **more: str) -> str:
    """Return what a command writes where both streams are a terminal."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [*CI_STEPS, *arguments],
        cwd=folder,
        env=environ(folder, more),
        stdin=subprocess.DEVNULL,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    parts = []
    try:
        while part := os.read(master, 65_536):
            parts.append(part)
    except OSError:  # how Linux says that nobody is left at the other end
        pass
    os.close(master)
    assert process.wait(30) == 2
    return b"".join(parts).decode()


def test_colour_is_for_terminals_that_want_it(tmp_path: Path) -> None:
    assert "\x1b[31merror\x1b[0m: " in on_terminal(tmp_path, "plan", TERM="xterm")
    assert "\x1b" not in on_terminal(tmp_path, "plan", TERM="xterm", NO_COLOR="1")
    assert "\x1b" not in on_terminal(tmp_path, "plan", TERM="dumb")
    assert "\x1b" not in called(tmp_path, "plan", more={"TERM": "xterm"}).err


@pytest.mark.parametrize(
    ("variables", "arguments", "shown"),
    [
        ({}, ("plan",), False),
        ({}, ("plan", "--debug"), True),
        ({}, ("--debug", "plan"), True),
        ({"CI_STEPS_DEBUG": "1"}, ("plan",), True),
        ({"CI_STEPS_DEBUG": "0"}, ("plan",), False),
        ({"RUNNER_DEBUG": "1"}, ("plan",), True),
    ],
)
def test_where_an_error_comes_from_is_shown_where_it_is_asked_for(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variables: dict[str, str],
    arguments: tuple[str, ...],
    shown: bool,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("CI_STEPS_DEBUG", "RUNNER_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    said = typed(capsys, *arguments)
    assert said.status == 2
    assert ("debug: Traceback (most recent call last)" in said.err) is shown
    assert "error: " in said.err


@click.command()
def breaks() -> None:
    """Break, with a secret in the words."""
    shell.console_of(None).mask(_SECRET)
    raise LookupError(f"nobody knows {_SECRET}")


def test_a_mistake_of_ours_is_shown_with_its_trace_and_without_secrets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(COMMANDS, "break", (f"{__name__}:breaks", "Break."))
    said = typed(capsys, "break")
    assert said.status == 1
    assert "debug: LookupError: nobody knows ***" in said.err
    assert "error: ci-steps has a mistake: LookupError: nobody knows ***" in said.err
    assert _SECRET not in said.err
