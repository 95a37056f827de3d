"""The pages people read: every command that they name exists, and answers what they show."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path

import click
import pytest

from ci_steps.cli import root
from tests.parts.commands import typed

ROOT = Path(__file__).parent.parent
# The reference is generated from the commands themselves.
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
EVERYWHERE = {"--help", "--debug"}


def commands_in(page: str) -> Iterator[str]:
    """Yield what stands behind ``ci-steps`` in blocks of code and between backquotes."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    for line in "".join(blocks).replace("\\\n", " ").splitlines():
        if found := re.search(r"(?:^|[\s;(&|$])ci-steps ([a-z][^;|&)#]*)", line):
            yield found[1]
    for said in re.findall(r"`ci-steps ([a-z][^`]+)`", page):
        yield " ".join(said.split())


def unknown_in(command: str) -> str:
    """Return the first word of a command that is no command or option of ours, or nothing."""
    words = command.split()
    found: click.Command = root
    while isinstance(found, click.Group) and words:
        inner = found.get_command(click.Context(found), words[0])
        if inner is None:
            return words[0]
        found = inner
        words.pop(0)
    options = {name for parameter in found.params for name in parameter.opts}
    asked = (word.partition("=")[0] for word in words if word.startswith("--"))
    return next((word for word in asked if word not in options | EVERYWHERE), "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    wrong = {
        command: word
        for command in commands_in(page.read_text("utf-8"))
        if (word := unknown_in(command))
    }
    assert wrong == {}


def commands_below(found: click.Command, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield every command that does something, with what is typed for it."""
    if not isinstance(found, click.Group):
        yield path, found
        return
    for name in found.list_commands(click.Context(found)):
        if inner := found.get_command(click.Context(found), name):
            yield from commands_below(inner, f"{path} {name}".strip())


def test_every_command_explains_itself_with_an_example_that_can_be_typed() -> None:
    example = re.compile(r"^Example.*?: (.*?ci-steps [^>|]+)", re.MULTILINE)
    examples = {
        path: example.findall(cleandoc(one.help or "")) for path, one in commands_below(root)
    }
    assert [path for path, found in examples.items() if not found] == []
    shown = [(path, f"{one} ".partition("ci-steps ")[2]) for path, (one, *_) in examples.items()]
    assert [path for path, command in shown if not command.startswith(f"{path} ")] == []
    assert [path for path, command in shown if unknown_in(command)] == []


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("plan --config ci-steps.yaml", ""),
        ("dictionary live staging --json", ""),
        ("dictionary alive", "alive"),
        ("plan --colour=never", "--colour"),
    ],
)
def test_a_word_that_no_command_knows_is_found(command: str, word: str) -> None:
    assert unknown_in(command) == word


def typed_in(page: str) -> Iterator[tuple[list[str], list[str]]]:
    """Yield what is typed for the dictionary, and the lines that the page shows of the answer."""
    for block in re.findall(r"^```(?:console|sh)\n(.*?)^```", page, re.DOTALL | re.MULTILINE):
        for shown in re.split(r"^(?:\$ |(?=ci-steps ))", block, flags=re.MULTILINE):
            command, *answer = shown.splitlines() or [""]
            if command.startswith("ci-steps dictionary "):
                yield _words(command), answer
    for said in re.findall(r"`(ci-steps dictionary [^`]+)`", page):
        yield _words(said), []


def _words(command: str) -> list[str]:
    """Return what can be typed here: another server, and a day that is still to come."""
    here = re.sub(r"postgresql://\S+", "moved.db", command.partition(" > ")[0])
    return shlex.split(re.sub(r"(--until) \S+", r"\1 2100-01-01", here), comments=True)[1:]


@pytest.mark.parametrize("name", ["dictionary.md", "questions.md", "verdicts.md"])
def test_what_pages_type_for_the_dictionary_is_answered_as_they_show(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CI_STEPS_DICTIONARY", "shop.db")
    monkeypatch.chdir(tmp_path)
    _pact_files(tmp_path)
    shop = typed_in((ROOT / "docs" / "dictionary.md").read_text("utf-8"))
    records = [one for one in shop if one[0][1] == "record" and one[0][2].islower()]
    for words, answer in (*records, *typed_in((ROOT / "docs" / name).read_text("utf-8"))):
        if any(word.isupper() for word in words):
            continue  # SERVICE, FILE: what the reader puts in
        ended = typed(capsys, *words)
        assert ended.status in {0, 1}, (words, ended.err)
        assert set(answer) <= set(ended.out.splitlines()), words


def _pact_files(folder: Path) -> None:
    row = {
        "consumer": {"name": "gis", "version": {"number": "v1_20171102-1"}},
        "provider": {"name": "auth", "version": {"number": "2.0.0"}},
        "verificationResult": {"success": True, "verifiedAt": "2017-11-02T12:00:00Z"},
    }
    (folder / "results.json").write_text(json.dumps({"matrix": [row]}))
    (folder / "report.json").write_text(json.dumps({"result": True, "errors": []}))
