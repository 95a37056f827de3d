"""Files that a service names under uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ci_steps.comparisons.files import MOST_BYTES
from ci_steps.errors import ConfigError
from ci_steps.options import OperationText
from ci_steps.uses.files import Declared, read_uses

if TYPE_CHECKING:
    from pathlib import Path


def problems(declared: Declared, root: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_uses(declared, root, "ci-steps.yaml", "uses.auth")
    return str(caught.value).splitlines()


def test_a_pattern_names_several_files_by_their_paths(tmp_path: Path) -> None:
    for name, text in {"q/a.graphql": "{a}", "q/deep/b.graphql": "{b}", "auth.proto": "p"}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    declared = Declared((OperationText("GET /a"),), graphql="q/**/*.graphql", proto="*.proto")
    uses = read_uses(declared, tmp_path, "ci-steps.yaml", "uses.auth")
    assert uses.documents == {"q/a.graphql": "{a}", "q/deep/b.graphql": "{b}"}
    assert uses.interfaces == {"auth.proto": "p"}
    assert [call.said for call in uses.calls] == ["ci-steps.yaml: GET /a"]


def test_a_file_that_is_not_there_is_said_with_its_key(tmp_path: Path) -> None:
    declared = Declared(pact="p.json", graphql="q/*.graphql", proto="/etc/passwd")
    assert problems(declared, tmp_path) == [
        "ci-steps.yaml: uses.auth.graphql: q/*.graphql: no such file",
        "ci-steps.yaml: uses.auth.pact: p.json: no such file",
        "ci-steps.yaml: uses.auth.proto: /etc/passwd: no such file",
    ]


def test_a_file_outside_of_the_folder_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("{}", encoding="utf-8")
    root = tmp_path / "service"
    root.mkdir()
    (root / "link.json").symlink_to(tmp_path / "secret.json")
    for pattern in ("../secret.json", "link.json"):
        assert problems(Declared(pact=pattern), root)[0].endswith(f"{pattern}: no such file")


def test_a_file_that_cannot_be_taken_says_why(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_bytes(b'{"a": "\xff"}')
    assert problems(Declared(pact="p.json"), tmp_path) == ["p.json: is not UTF-8 (byte 7)"]
    with (tmp_path / "p.json").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    (problem,) = problems(Declared(pact="p.json"), tmp_path)
    assert problem == "p.json: is longer than 20,000,000 bytes"
