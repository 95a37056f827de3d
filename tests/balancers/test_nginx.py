"""What is written for nginx, and what becomes of what it does not accept."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ci_steps.balancers import nginx
from ci_steps.errors import OutsideError, RefusedError
from ci_steps.options import Command
from ci_steps.outside import Outside
from ci_steps.protocols import Lines

LINES = Lines("auth", "production", {"1": "http://10.0.0.7:8080", "2": "http://[::1]"})
GOOD = Command((sys.executable, "-c", ""))
BAD = Command((sys.executable, "-c", "raise SystemExit('emerg: unknown directive')"))


def options(folder: Path, test: Command = GOOD, reload: Command = GOOD) -> nginx.Options:
    return nginx.Options(str(folder / "auth.conf"), "{service}-{environment}", test, reload)


def test_the_upstream_has_every_line_with_its_share_and_is_read_again(tmp_path: Path) -> None:
    nginx.shift(LINES, {"2": 0, "1": 100}, options(tmp_path), Outside())
    assert (tmp_path / "auth.conf").read_text() == (
        "# Written by ci-steps.\n"
        "upstream auth-production {\n"
        "    server 10.0.0.7:8080 weight=100; # line 1\n"
        "    server [::1]:80 down; # line 2\n"
        "}\n"
    )
    assert nginx.shares(LINES, options(tmp_path), Outside()) == {"1": 100, "2": 0}


def test_without_a_file_nobody_has_a_share(tmp_path: Path) -> None:
    assert nginx.shares(LINES, options(tmp_path), Outside()) == {"1": 0, "2": 0}


@pytest.mark.parametrize("before", ["", "# theirs\n"], ids=["first", "replacement"])
@pytest.mark.parametrize("which", ["test", "reload"])
def test_what_is_not_accepted_is_taken_back(tmp_path: Path, before: str, which: str) -> None:
    file = tmp_path / "auth.conf"
    if before:
        file.write_text(before)
    with pytest.raises(OutsideError) as refused:
        nginx.shift(LINES, {"1": 1, "2": 99}, options(tmp_path, **{which: BAD}), Outside())
    assert "| emerg: unknown directive" in refused.value.hint
    assert (file.read_text() if file.exists() else "") == before


@pytest.mark.parametrize("url", ["", "http://a b", "http://x;y", "http://[", "http://x:port"])
def test_an_address_that_would_be_something_else_in_the_file_is_refused(
    tmp_path: Path, url: str
) -> None:
    lines = Lines("auth", "production", {"1": url})
    with pytest.raises(RefusedError, match="which nginx cannot be told"):
        nginx.shift(lines, {"1": 100}, options(tmp_path), Outside())
    assert not (tmp_path / "auth.conf").exists()
