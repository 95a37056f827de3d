"""What a real nginx lets callers meet, step by step."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ci_steps.endings import read_ending
from ci_steps.errors import RefusedError
from ci_steps.fronts import nginx
from ci_steps.lifecycle.snippets import _spans
from ci_steps.options import Command
from ci_steps.outside import Outside
from tests.fakes import Shown
from tests.parts.fronts import ANNOUNCED, END, called, leaving, started, windows_of
from tests.parts.http import says, serving
from tests.parts.ports import free_port

_SETTINGS = """\
daemon off;
pid {folder}/pid;
error_log {folder}/log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{
        listen 127.0.0.1:{port};
        location / {{ include {folder}/auth-1.conf; proxy_pass {server}; }}
    }}
}}
"""


@pytest.mark.parametrize(
    ("step", "windows", "status", "later"),
    [
        ("headers", (), 200, None),
        ("brown-out", ("later",), 200, None),
        ("brown-out", ("later", "now"), 410, "600"),
        ("drained", (), 503, "3600"),
        ("gone", (), 410, None),
        ("", (), 200, None),
    ],
)
def test_callers_meet_each_step(
    tmp_path: Path, step: str, windows: tuple[str, ...], status: int, later: str | None
) -> None:
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not here: what callers meet through it was not proven")
    file, port = tmp_path / "nginx.conf", free_port()
    options = nginx.Options(
        file=f"{tmp_path}/{{service}}-{{line}}.conf",
        reload=Command(("nginx", "-t", "-p", str(tmp_path), "-c", str(file))),
    )
    gone = leaving(step, *windows_of(windows))
    gone = gone if step else type(gone)(gone.line, "")
    with serving(says("ok")) as server:
        file.write_text(_SETTINGS.format(folder=tmp_path, port=port, server=server.address))
        nginx.meet(gone, options, Outside(), Shown())
        with started(["nginx", "-p", str(tmp_path), "-c", str(file)]):
            found, headers, body = called(f"http://127.0.0.1:{port}/v1/tokens")
    assert (found, headers.get("Retry-After")) == (status, later)
    ending = read_ending(headers)
    assert (ending.since, ending.ends) == (ANNOUNCED, END) if ending else not step
    if step == "gone":
        assert json.loads(body)["title"] == "line 1 of auth is gone"
        assert 'rel="successor-version"' in headers["Link"]


def test_what_nginx_does_not_take_is_taken_back(tmp_path: Path) -> None:
    (tmp_path / "auth-1.conf").write_text("# as before\n")
    options = nginx.Options(
        file=f"{tmp_path}/auth-1.conf",
        reload=Command(("sh", "-c", "echo unknown directive; exit 1")),
    )
    with pytest.raises(RefusedError, match="sh did not let callers meet it: exit status 1") as no:
        nginx.meet(leaving("gone"), options, Outside(), Shown())
    assert "| unknown directive" in no.value.hint
    assert (tmp_path / "auth-1.conf").read_text() == "# as before\n"


def test_an_image_is_removed_by_a_command_that_is_named(tmp_path: Path) -> None:
    options = nginx.Options(file=f"{tmp_path}/f", reload=Command(("true",)))
    with pytest.raises(RefusedError, match="nothing says how the image of line 1 is removed"):
        nginx.meet(leaving("removed"), options, Outside(), Shown())
    script = f"echo $CI_STEPS_SERVICE-$CI_STEPS_LINE > {tmp_path}/removed"
    removing = nginx.Options(options.file, options.reload, Command(("sh", "-c", script)))
    nginx.meet(leaving("removed"), removing, Outside(), Shown())
    assert (tmp_path / "removed").read_text() == "auth-1\n"


@pytest.mark.parametrize(("begin", "end"), [(95, 112), (1_796_810_400, 1_796_811_000), (7, 7)])
def test_the_patterns_of_a_span_match_just_its_numbers(begin: int, end: int) -> None:
    import re

    pattern = re.compile("|".join(_spans(begin, end)) or r"(?!)")
    around = range(begin - 20, end + 20)
    assert [one for one in around if pattern.fullmatch(str(one))] == [*range(begin, end)]
