"""Commands, by real processes: what they print, how they end, and that nothing stays."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ci_steps.errors import OutsideError
from ci_steps.outside import Outside
from ci_steps.outside.processes import Finished, start, stream, written
from tests.parts.processes import ended, program, wait_for

ENVIRON = dict(os.environ)

# Starts a child that ignores SIGTERM, says both ids, and waits.
_STUBBORN = """
import os, signal, subprocess, sys, time
from pathlib import Path
if sys.argv[1] == "ignores":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(
    [sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
     "print(flush=True); time.sleep(600)"], stdout=subprocess.PIPE)
child.stdout.readline()
print(os.getpid(), child.pid, flush=True)
if sys.argv[1] != "leaves":
    time.sleep(600)
"""


def ran(*command: str, timeout_seconds: float | None = None) -> tuple[Finished, list[str]]:
    lines: list[str] = []
    return stream(command, None, ENVIRON, timeout_seconds, lines.append), lines


def test_each_line_is_handed_over_and_both_streams_are_one() -> None:
    finished, lines = ran("sh", "-c", "echo one; echo two >&2; printf three")
    assert lines == ["one", "two", "three"]
    assert finished.ok
    assert finished.output == "one\ntwo\nthree"


@pytest.mark.parametrize(
    ("script", "how"),
    [
        ("exit 0", "exit status 0"),
        ("exit 3", "exit status 3"),
        ("kill -9 $$", "killed by SIGKILL"),
        ("kill -TERM $$", "killed by SIGTERM"),
        ("exec >&- 2>&-; sleep 0.2; exit 4", "exit status 4"),
    ],
)
def test_how_it_ended_is_said(script: str, how: str) -> None:
    assert ran("sh", "-c", script)[0].how == how


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    assert ran("printf", r"gr\303\266\303\237e \377\n")[1] == ["größe \ufffd"]


def test_it_is_told_nothing_on_its_input() -> None:
    assert ran("cat")[0].ok


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("no-such-program",), "no-such-program: no such program"),
        (("/",), "/: permission denied"),
        (("echo", "a\0b"), "'echo' cannot be started: embedded null byte"),
        (("echo", "x" * 5_000_000), "echo: argument list too long"),
    ],
)
def test_a_command_that_cannot_start_says_why(command: tuple[str, ...], said: str) -> None:
    with pytest.raises(OutsideError) as caught:
        ran(*command)
    assert str(caught.value) == said


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match=r"nowhere: no such folder"):
        stream(["true"], tmp_path / "nowhere", ENVIRON, None, print)


def test_one_that_is_late_is_stopped() -> None:
    finished, lines = ran("sh", "-c", "echo begun; sleep 600", timeout_seconds=0.3)
    assert finished.timed_out
    assert not finished.ok
    assert finished.how == "stopped after 0.3 s"
    assert lines == ["begun"]


@pytest.mark.slow
def test_one_that_ignores_the_end_is_killed_and_its_children_too() -> None:
    # SIGTERM, five seconds of grace, SIGKILL.
    finished, lines = ran(*program(_STUBBORN), "ignores", timeout_seconds=1)
    assert finished.how == "stopped after 1 s"
    assert ended([int(pid) for pid in lines[0].split()])


def test_what_it_leaves_behind_is_ended_and_not_waited_for() -> None:
    began = time.monotonic()
    finished, lines = ran(*program(_STUBBORN), "leaves")
    assert finished.ok
    assert ended([int(pid) for pid in lines[0].split()])
    assert time.monotonic() - began < 5


def test_one_that_leaves_a_printing_child_behind_has_ended() -> None:
    finished, lines = ran("sh", "-c", "echo done; (trap '' TERM; yes) &")
    assert finished.ok
    assert "done" in lines


def test_last_words_do_not_keep_it_from_ending() -> None:
    """A child whose pipe is full cannot end, so what it says at the end is read."""
    script = "trap 'head -c 300000 /dev/zero; exit 7' TERM; echo x; while :; do sleep 0.05; done"
    finished, _ = ran("sh", "-c", script, timeout_seconds=0.3)
    assert finished.exit_code == 7


_MEASURED = """
import os, resource, sys
from ci_steps.outside.processes import stream
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
seen = [0, 0]
def take(line):
    seen[0] += 1
    seen[1] = max(seen[1], len(line))
ended = stream([sys.executable, "-c", sys.argv[1]], None, os.environ, None, take)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(ended.exit_code, seen[0], seen[1], len(ended.output), (after - before) // 1024)
"""


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        pytest.param("for _ in range(100_000): print('x' * 999)", 100_000, id="of 100 MB"),
        pytest.param(
            "import sys\nfor _ in range(1_000): sys.stdout.write('x' * 100_000)",
            None,
            id="of one line of 100 MB",
        ),
    ],
)
def test_output_fills_no_memory(source: str, lines: int | None) -> None:
    measured = subprocess.run(
        [sys.executable, "-c", _MEASURED, source], check=True, capture_output=True, text=True
    )
    status, count, longest, kept, more_megabytes = map(int, measured.stdout.split())
    assert status == 0
    assert count >= (lines or 100_000_000 // 200_000)
    assert longest <= 131_072
    assert kept < 100_000
    assert more_megabytes < 20


def test_what_is_done_meanwhile_is_done_when_the_command_has_begun(tmp_path: Path) -> None:
    there = tmp_path / "there"
    wait = "until [ -e there ]; do sleep 0.01; done; echo seen"
    finished = stream(["sh", "-c", wait], tmp_path, ENVIRON, 30, print, there.touch)
    assert (finished.exit_code, finished.output) == (0, "seen")


def test_an_error_of_what_is_done_meanwhile_ends_the_command(tmp_path: Path) -> None:
    def refuse() -> None:
        raise OutsideError("nothing answers")

    with pytest.raises(OutsideError, match="nothing answers"):
        stream(["sh", "-c", f"sleep 60; touch {tmp_path}/x"], None, ENVIRON, 90, print, refuse)
    assert not (tmp_path / "x").exists()


def test_a_question_with_too_long_an_answer_is_no_answer() -> None:
    with pytest.raises(OutsideError, match=r"printed more than 20,000,000 characters"):
        Outside().ask(program("for _ in range(25_000): print('x' * 999)"))


def test_an_answer_is_kept_whole() -> None:
    answer = Outside().ask(program("for n in range(1_000): print(n)"))
    assert answer.output.split() == [str(n) for n in range(1_000)]


def test_a_started_process_stays_and_writes_its_log(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "service.log"
    pid = start(["sh", "-c", "echo up; exec sleep 600"], tmp_path, ENVIRON, log)
    try:
        assert wait_for(log) == "up\n"
        assert os.getsid(pid) == pid
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
    assert ended([pid])


def test_a_log_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "f").touch()
    with pytest.raises(OutsideError, match=r"cannot write .*f/service.log: "):
        start(["true"], tmp_path, ENVIRON, tmp_path / "f" / "service.log")


def test_a_command_is_written_as_one_would_type_it() -> None:
    assert written(["make", "a b", "$x"]) == "make 'a b' '$x'"
