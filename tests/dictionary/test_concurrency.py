"""Several real processes and one file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ci_steps.model import Service
from tests.parts.dictionaries import dictionary_at, ship

_PROCESSES = 4
_WRITES = 25
_ROOT = Path(__file__).parents[2]

_OPEN = "import sys\nfrom tests.parts.dictionaries import dictionary_at, evidence, ship\n"

_WRITE = f"""
path, name = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
with dictionary_at(path) as dictionary:
    for number in range({_WRITES}):
        ship(dictionary, f"{{name}} 1.{{number}}", "auth-1.1", hours=number)
        dictionary.record_evidence(evidence("unit-test", commit=f"{{name}}-{{number}}"))
"""

_STOP_HALF_WAY = """
def wait(connection):
    print("written", flush=True)
    sys.stdin.readline()

from tests.parts.dictionaries import deployed, release
shipped = release("auth 1.1", "gis-201610")
with dictionary_at(sys.argv[1]) as dictionary:
    dictionary.record_deployment(
        shipped, deployed(shipped), production=True, evidence=[evidence("unit-test")], also=wait
    )
"""


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a process, and return when it has printed its first line."""
    process = subprocess.Popen(
        [sys.executable, "-c", _OPEN + script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=_ROOT,
    )
    assert process.stdout is not None
    if not process.stdout.readline():
        pytest.fail(process.communicate()[1])
    return process


@pytest.mark.slow
def test_processes_that_open_an_empty_file_and_write_at_once_lose_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "dictionary.db")
    services = ["gis", "mail", "shop", "web"]
    assert len(services) == _PROCESSES
    started = [start(_WRITE, path, service) for service in services]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=120)[1] for process in started]
    assert [process.returncode for process in started] == [0] * _PROCESSES, "\n".join(said)
    with dictionary_at(path) as dictionary:
        for service in services:
            assert len(dictionary.history(service)) == _WRITES
            (live,) = dictionary.live(service=service)
            assert str(live.version) == f"1.{_WRITES - 1}"
            assert len(dictionary.releases(service)) == _WRITES
        assert len(dictionary.evidence_of("auth")) == _PROCESSES * _WRITES
        assert len(dictionary.dependents("auth")) == _PROCESSES


def test_a_process_killed_half_way_leaves_nothing_and_no_lock(tmp_path: Path) -> None:
    path = str(tmp_path / "dictionary.db")
    with dictionary_at(path) as dictionary:
        dictionary.record_service(Service("web"))
    process = start(_STOP_HALF_WAY, path)
    process.kill()
    process.communicate(timeout=30)
    with dictionary_at(path) as dictionary:
        assert dictionary.services() == (Service("web"),)
        assert dictionary.environments() == ()
        assert dictionary.live() == ()
        assert dictionary.releases("auth") == ()
        assert dictionary.evidence_of("auth") == ()
        ship(dictionary, "auth 1.1")
        assert len(dictionary.live()) == 1
