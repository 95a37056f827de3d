"""The pages people read: every command that they name exists, with its options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ci_steps.cli import root

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
