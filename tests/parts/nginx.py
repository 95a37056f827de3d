"""A real nginx whose upstream ci-steps writes."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ci_steps.options import Command
from tests.parts.ports import free_port

_SETTINGS = """\
daemon off;
error_log {folder}/error.log;
pid {folder}/pid;
worker_processes 1;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/lines.conf;
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass http://auth; }}
    }}
}}
"""
_FIRST = """\
# Written by ci-steps.
upstream auth {{
    server {v1} weight=100; # line 1
    server {v2} down; # line 2
}}
"""


@dataclass(frozen=True)
class Nginx:
    """Where callers reach it, the file of its upstream, and how it is spoken to."""

    address: str
    file: Path
    test: Command
    reload: Command


@contextmanager
def nginx_before(v1: str, v2: str, folder: Path) -> Iterator[Nginx]:
    """Start an nginx in *folder* in front of two addresses, and yield where it is."""
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not here: that it moves calls was not proven")
    port = free_port()
    at = {"v1": v1.removeprefix("http://"), "v2": v2.removeprefix("http://")}
    (folder / "nginx.conf").write_text(_SETTINGS.format(folder=folder, port=port))
    (folder / "lines.conf").write_text(_FIRST.format(**at))
    command = ("nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"))
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as run:
        try:
            yield Nginx(
                f"http://127.0.0.1:{port}",
                folder / "lines.conf",
                Command((*command, "-t")),
                Command((*command, "-s", "reload")),
            )
        finally:
            run.terminate()
