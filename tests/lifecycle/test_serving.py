"""The snippets make real servers send the headers."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
import yaml

from ci_steps.endings import Ending, headers_of, read_ending
from ci_steps.lifecycle.serving import FORMS
from tests.parts.http import says, serving
from tests.parts.ports import free_port
from tests.test_endings import ANNOUNCED, END

LINK = 'https://auth.shop.example/v2?a=$b&c="d"%20'
ENDING = Ending(ANNOUNCED, END, LINK)
HEADERS = headers_of(ENDING)

_NGINX = """\
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
        location / {{
            {snippet}
            return 404;
        }}
    }}
}}
"""
_HAPROXY = """\
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
listen auth
    bind 127.0.0.1:{port}
    server auth {server}
    {snippet}
"""
_DEADLINE_SECONDS = 20


@contextmanager
def started(command: list[str]) -> Iterator[None]:
    with subprocess.Popen(command) as run:
        try:
            yield
        finally:
            run.terminate()


def sent(port: int) -> Mapping[str, str]:
    """Return the headers of an answer; poll, for a server tells nobody that it is ready."""
    end = time.monotonic() + _DEADLINE_SECONDS
    while True:
        try:
            urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
        except HTTPError as answer:
            with answer:
                return dict(answer.headers)
        except URLError:
            if time.monotonic() > end:
                raise
        time.sleep(0.02)


def check(found: Mapping[str, str]) -> None:
    ending = read_ending(found)
    assert ending is not None
    assert (ending.since, ending.ends) == (ANNOUNCED, END)
    assert ending.link.replace("%24", "$") == LINK.replace('"', "%22")


def test_nginx_sends_them_with_errors_as_well(tmp_path: Path) -> None:
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not here: that it sends the headers was not proven")
    port, file = free_port(), tmp_path / "nginx.conf"
    snippet = FORMS["nginx"](HEADERS)
    file.write_text(_NGINX.format(folder=tmp_path, port=port, snippet=snippet))
    with started(["nginx", "-p", str(tmp_path), "-c", str(file)]):
        check(sent(port))


def test_haproxy_sends_them(tmp_path: Path) -> None:
    if shutil.which("haproxy") is None:
        pytest.skip("haproxy is not here: that it sends the headers was not proven")
    port, file = free_port(), tmp_path / "haproxy.cfg"
    snippet = FORMS["haproxy"](HEADERS).replace("\n", "\n    ")
    with serving(says("none", status=404)) as server:
        at = server.address.removeprefix("http://")
        file.write_text(_HAPROXY.format(port=port, server=at, snippet=snippet))
        with started(["haproxy", "-db", "-q", "-f", str(file)]):
            check(sent(port))


def test_a_gateway_is_given_a_filter_that_is_yaml() -> None:
    (given,) = yaml.safe_load(FORMS["gateway"](HEADERS))["filters"]
    assert given["type"] == "ResponseHeaderModifier"
    pairs = {one["name"]: one["value"] for one in given["responseHeaderModifier"]["set"]}
    assert pairs == HEADERS


def test_text_and_json_are_the_headers() -> None:
    assert json.loads(FORMS["json"](HEADERS)) == HEADERS
    lines = dict(line.split(": ", 1) for line in FORMS["text"](HEADERS).splitlines())
    assert lines == HEADERS
