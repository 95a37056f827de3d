"""The script that runs a service and its logging agent: signals, statuses, and no lost line."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ci_steps.images import logging_agent

SCRIPT = Path(logging_agent.__file__).with_name("beside.sh")
SHELLS = [name for name in ("dash", "busybox") if shutil.which(name)]
Started = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(params=SHELLS)
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Started]:
    """Return how a service is started beside an agent that keeps what it reads."""
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    shell = shutil.which(request.param)
    assert shell
    (bin_folder / "sh").symlink_to(shell)
    environ = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}", "TMPDIR": str(tmp_path)}

    def started(
        service: str, agent: str = "exec cat >> kept", *, reads: str = "stdin", grace: int = 20
    ) -> subprocess.Popen[str]:
        shutil.copy(SCRIPT, tmp_path / "beside.sh")
        (tmp_path / "agent").write_text(agent, "utf-8")
        # A shell cannot trap what was ignored when it began, as it is for us behind nohup.
        by = ("env", "--default-signal", "sh", str(tmp_path / "beside.sh"))
        process = subprocess.Popen(
            [*by, str(grace), reads, "sh", "-c", service],
            cwd=tmp_path,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        running.append(process)
        return process

    running: list[subprocess.Popen[str]] = []
    yield started
    for process in running:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # in a container its end is the end of all
        process.communicate()


def test_every_line_reaches_the_agent_and_the_status_is_that_of_the_service(
    start: Started, tmp_path: Path
) -> None:
    running = start("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; exit 7")
    assert (running.communicate(timeout=60)[0], running.returncode) == ("", 7)
    kept = (tmp_path / "kept").read_text("utf-8").splitlines()
    assert (len(kept), kept[0], kept[-1]) == (20000, "line 0", "line 19999")
    assert not list(tmp_path.glob("ci-steps-log.*"))


@pytest.mark.parametrize(
    ("sent", "arrives"), [("TERM", "TERM"), ("HUP", "HUP"), ("USR1", "USR1"), ("INT", "TERM")]
)
def test_signals_reach_the_service_and_what_it_says_then_the_agent(
    start: Started, tmp_path: Path, sent: str, arrives: str
) -> None:
    # Not in a loop of short sleeps: dash drops a signal that arrives while it starts a program.
    waits = "sleep 60 > /dev/null 2>&1 & wait"
    tells = f"trap 'echo got {arrives}; exit 5' {arrives}; echo up; {waits}"
    running = start(tells, 'while read -r line; do echo "$line"; echo "$line" >> kept; done')
    assert running.stdout is not None
    assert running.stdout.readline() == "up\n"
    running.send_signal(getattr(signal, f"SIG{sent}"))
    assert (running.communicate(timeout=30)[0], running.returncode) == (f"got {arrives}\n", 5)


def test_a_service_that_a_signal_ends_and_one_that_is_not_there_have_the_usual_statuses(
    start: Started,
) -> None:
    assert start("kill -KILL $$").wait(30) == 128 + signal.SIGKILL
    assert start("no-such-program").wait(30) == 127


def test_an_agent_that_ends_is_started_again_and_the_service_does_not_notice(
    start: Started, tmp_path: Path
) -> None:
    crashes = 'read -r line; echo "$line" >> kept; exit 1'
    service = (
        "for word in one two; do echo $word; until grep -q $word kept; do sleep 0.1; done; done"
    )
    running = start(f"touch kept; {service}", crashes)
    assert running.wait(30) == 0
    assert (tmp_path / "kept").read_text("utf-8") == "one\ntwo\n"


def test_an_agent_that_does_not_end_has_its_grace_and_no_more(start: Started) -> None:
    running = start("exit 3", "trap '' TERM; while :; do sleep 0.1; done", reads="files", grace=1)
    assert running.wait(30) == 3


def test_an_agent_that_reads_files_is_asked_to_end_and_the_service_prints_as_ever(
    start: Started, tmp_path: Path
) -> None:
    agent = "trap 'echo flushed >> kept; exit' TERM; : > up; while :; do sleep 0.1; done"
    running = start("until [ -e up ]; do sleep 0.1; done; echo hello", agent, reads="files")
    assert (running.communicate(timeout=30)[0], running.returncode) == ("hello\n", 0)
    assert (tmp_path / "kept").read_text("utf-8") == "flushed\n"
