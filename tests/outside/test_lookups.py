"""Names of several machines, asked of the resolver of this machine with hosts of our own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ci_steps.outside import Outside

_HOSTS = """\
127.0.0.1 localhost
::1 localhost
127.0.0.1 twins.example
127.0.0.2 twins.example
127.0.0.3 mixed.example
::1 mixed.example
"""
_NAMES = ("twins.example", "mixed.example", "localhost", "127.0.0.1")
_ASK = """\
import sys
from ci_steps.outside import Outside
for name in sys.argv[1:]:
    print(*Outside().addresses_of(f"http://{name}:80/version"), sep=",")
"""


def test_a_name_of_several_machines_has_an_address_for_each(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text(_HOSTS)
    script = f'mount --bind {tmp_path}/hosts /etc/hosts && exec "$@"'
    own = ("unshare", "--mount", "sh", "-c", script, "sh")
    if shutil.which("unshare") is None or not Outside().ask((*own, "true")).ok:
        pytest.skip("no hosts of our own are to be had: that each address is found was not proven")
    asked = subprocess.run(
        [*own, sys.executable, "-c", _ASK, *_NAMES], capture_output=True, text=True, check=True
    )
    assert asked.stdout.splitlines() == ["127.0.0.1,127.0.0.2", "", "", ""]
