"""The tutorial works word for word."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts.ports import free_port
from tests.parts.services import await_end

TUTORIAL = Path(__file__).parent.parent / "docs" / "tutorial.md"


@pytest.mark.slow
def test_every_command_of_the_tutorial_works(tmp_path: Path) -> None:
    install, *blocks = re.findall(
        r"^```sh\n(.*?)^```$", TUTORIAL.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert install.startswith("make demo")
    # The fixed ports of the page may be taken here; nothing else of it is changed.
    script = "".join(blocks).replace("18110", str(free_port())).replace("18111", "0")
    done = subprocess.run(
        ["bash", "-eu", "-c", script],
        cwd=tmp_path,
        env={
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "GIT_CONFIG_GLOBAL": os.devnull,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "hello 1.0.0 is in production, " in done.stderr
    assert "refused, as it should be" in done.stdout
    assert "and there is no way round" in done.stdout
    assert "hello 2.0.0 beside 1.0.0" in done.stderr
    assert re.search(r"^\w+\.eml$", done.stdout, re.MULTILINE)
    assert await_end(tmp_path) == {}
