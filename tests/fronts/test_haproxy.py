"""What a real HAProxy lets callers meet, step by step."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ci_steps.endings import read_ending
from ci_steps.fronts import haproxy
from ci_steps.options import Command
from ci_steps.outside import Outside
from tests.fakes import Shown
from tests.parts.fronts import ANNOUNCED, END, called, leaving, started, windows_of
from tests.parts.http import says, serving
from tests.parts.ports import free_port

_SETTINGS = """\
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend callers
    bind 127.0.0.1:{port}
    default_backend auth-1
"""


@pytest.mark.parametrize(
    ("step", "windows", "status", "later"),
    [
        ("headers", (), 200, None),
        ("brown-out", ("later",), 200, None),
        ("brown-out", ("later", "now"), 410, "600"),
        ("drained", (), 503, "3600"),
        ("gone", (), 410, None),
    ],
)
def test_callers_meet_each_step(
    tmp_path: Path, step: str, windows: tuple[str, ...], status: int, later: str | None
) -> None:
    if shutil.which("haproxy") is None:
        pytest.skip("haproxy is not here: what callers meet through it was not proven")
    main, line, port = tmp_path / "main.cfg", tmp_path / "auth-1.cfg", free_port()
    main.write_text(_SETTINGS.format(port=port))
    started_with = ["haproxy", "-f", str(main), "-f", str(line)]
    with serving(says("ok")) as server:
        options = haproxy.Options(
            file=f"{tmp_path}/{{service}}-{{line}}.cfg",
            lines=(f"server v1 {server.address.removeprefix('http://')}",),
            reload=Command((*started_with, "-c", "-q")),
        )
        haproxy.meet(leaving(step, *windows_of(windows)), options, Outside(), Shown())
        with started([*started_with, "-db", "-q"]):
            found, headers, body = called(f"http://127.0.0.1:{port}/v1/tokens")
    assert (found, headers.get("Retry-After")) == (status, later)
    ending = read_ending(headers)
    assert ending is not None
    assert (ending.since, ending.ends) == (ANNOUNCED, END)
    if step == "gone":
        assert json.loads(body)["title"] == "line 1 of auth is gone"
        assert 'rel="successor-version"' in headers["Link"]
