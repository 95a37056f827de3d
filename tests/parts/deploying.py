"""A small deployment tool, as a company might have one: a script that the command target runs."""

from __future__ import annotations

import sys
from pathlib import Path

from ci_steps.deploying.local_slots import slug

_SOURCE = """\
import json, os, shutil, signal, socket, subprocess, sys, time
from pathlib import Path

here, port, act = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
here.mkdir(parents=True, exist_ok=True)
pid = here / "pid"
current, former = here / "current", here / "former"


def end():
    if pid.exists():
        number = int(pid.read_text())
        pid.unlink()
        try:
            os.kill(number, signal.SIGTERM)
            while Path(f"/proc/{number}/cmdline").read_bytes():
                time.sleep(0.02)
        except (ProcessLookupError, FileNotFoundError):
            pass


def start():
    environ = {**os.environ, "HOST": "127.0.0.1", "PORT": port}
    nothing = subprocess.DEVNULL
    process = subprocess.Popen(
        [sys.executable, "service.py"], cwd=current, env=environ, start_new_session=True,
        stdin=nothing, stdout=nothing, stderr=nothing,
    )
    pid.write_text(str(process.pid))
    until = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < until:
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", int(port))):
                break
        time.sleep(0.02)


end()
if act == "deploy":
    build = json.loads(Path(os.environ["CI_STEPS_BUILD"]).read_text())
    print("deploying", build["version"], flush=True)
    shutil.rmtree(former, ignore_errors=True)
    if current.exists():
        current.rename(former)
    shutil.copytree(".", current, ignore=shutil.ignore_patterns(".ci-steps"))
    start()
    Path(os.environ["CI_STEPS_ADDRESSES"]).write_text(json.dumps(["http://127.0.0.1:" + port]))
elif act == "rollback" and former.exists():
    shutil.rmtree(current)
    former.rename(current)
    start()
"""


def tool(folder: Path) -> Path:
    """Write the tool into *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "tool.py"
    script.write_text(_SOURCE)
    return script


def call(script: Path, slot: str, port: int, act: str) -> tuple[str, ...]:
    """Return the command that lets the tool do something for a slot."""
    return (sys.executable, str(script), str(script.parent / slug(slot)), str(port), act)
