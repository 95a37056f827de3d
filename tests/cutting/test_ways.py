"""A dependency that is cut is not there or slow, and it is back whatever happens to the test."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ci_steps.cutting.cut import Cut
from ci_steps.cutting.stopping import marks, settle
from ci_steps.cutting.ways import cut_off
from ci_steps.deploying.places import variable_of
from ci_steps.dictionary.store import Dictionary
from ci_steps.errors import CiStepsError, OutsideError, RefusedError, UsageError
from ci_steps.protocols import Job
from tests.cutting.asked import answer, job_that_cuts, told
from tests.parts.dictionaries import dictionary_at
from tests.parts.ecs.server import CLUSTER
from tests.parts.http import serving
from tests.targets.worlds import ComposeWorld, EcsWorld, World, ask, await_

ADDRESS = variable_of("auth")
WAYS = ["stop", "refuse", "slow"]


@pytest.fixture
def dictionary() -> Iterator[Dictionary]:
    with dictionary_at() as opened:
        yield opened


def cut(how: str, **more: Any) -> Cut:
    # Longer than any test waits: what is slow does not answer in time.
    return Cut(dependency="auth", how=how, **{"delay_seconds": 60.0, **more})


def is_cut(address: str) -> bool:
    """Return whether nothing answers at an address, or not in time."""
    try:
        answer(address, timeout=0.3)
    except OSError:
        return True
    return False


def enter(job: Job, wanted: Cut) -> None:
    """Cut something that cannot be."""
    with cut_off(job, wanted):
        pytest.fail("it was cut")


@contextmanager
def killed_in_the_middle(text: str) -> Iterator[None]:
    """Run the block while another process has cut it, and then kill that."""
    command = [sys.executable, "-m", "tests.cutting.asked", text]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as job:  # type: ignore[call-overload]
        assert job.stdout.readline() == b"cut\n"
        try:
            yield
        finally:
            job.send_signal(signal.SIGKILL)


@pytest.mark.parametrize("how", WAYS)
def test_a_supervised_process_is_cut_where_callers_arrive_and_restored(
    world: World, dictionary: Dictionary, how: str
) -> None:
    address = world.deploy("1.0").address
    before = list(world.services())
    job = job_that_cuts(dictionary, world.outside.environ, address)

    def fail() -> None:
        with cut_off(job, cut(how)) as found:
            assert is_cut(address)
            assert found == {"CI_STEPS_CUT": "auth", "CI_STEPS_CUT_HOW": how}
            assert bool(world.services()) is (how != "stop")
            with pytest.raises(RefusedError, match="a test has cut it off its callers"):
                world.deploy("1.1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    await_(lambda: not is_cut(address))
    assert ask(address) == "1.0"
    assert (list(world.services()) == before) is (how != "stop")


@pytest.mark.slow
@pytest.mark.parametrize("how", WAYS)
def test_a_job_that_is_killed_leaves_no_process_cut(world: World, how: str) -> None:
    address = world.deploy("1.0").address
    environ = world.outside.environ
    with killed_in_the_middle(told(environ, address, how=how, delay_seconds=60.0)):
        assert is_cut(address)
    await_(lambda: not is_cut(address))
    assert ask(world.deploy("1.1")) == "1.1"


def test_of_two_tests_that_cut_it_at_once_one_is_refused(
    world: World, dictionary: Dictionary
) -> None:
    address = world.deploy("1.0").address
    job = job_that_cuts(dictionary, world.outside.environ, address)
    with cut_off(job, cut("refuse")):
        with pytest.raises(RefusedError, match="another test has cut it"):
            enter(job, cut("stop"))
        assert is_cut(address)
    assert ask(address) == "1.0"


@pytest.mark.parametrize("how", ["refuse", "slow"])
@pytest.mark.parametrize("written", ["http://127.0.0.1:{port}", "127.0.0.1:{port}"])
def test_a_test_is_given_an_address_that_refuses_or_is_slow(
    dictionary: Dictionary, tmp_path: Path, how: str, written: str
) -> None:
    environ = {"CI_STEPS_STATE": str(tmp_path)}
    with serving(lambda exchange: exchange.answer(200, {}, b'{"version": "1.0"}')) as server:
        port = server.address.rpartition(":")[2]
        job = job_that_cuts(dictionary, environ, "")
        address = written.format(port=port)
        with cut_off(job, cut(how, address=address)) as found:
            assert is_cut(f"http://{found[ADDRESS].removeprefix('http://')}")
            assert found[ADDRESS].startswith("http://") is address.startswith("http://")
            assert not is_cut(server.address), "others reach it as before"
        with cut_off(job, cut("slow", address=address, delay_seconds=0.0)) as found:
            assert answer(f"http://{found[ADDRESS].removeprefix('http://')}") == "1.0"


@pytest.mark.parametrize(
    ("given", "error", "problem"),
    [
        ({"how": "refuse"}, UsageError, "nobody knows where auth answers in staging"),
        ({"how": "slow", "address": "https://a.example"}, UsageError, "answer for a certificate"),
        ({"how": "slow", "address": "db"}, UsageError, "expected HOST:PORT or a web address"),
        ({"how": "stop"}, RefusedError, "nothing says how auth is stopped in staging"),
        ({"how": "stop", "container": "no-such"}, OutsideError, "docker: no such program"),
        ({"how": "stop", "deployment": "no-such"}, OutsideError, "kubectl: no such program"),
    ],
)
def test_what_cannot_be_cut_is_said_before_anything_is(
    dictionary: Dictionary,
    tmp_path: Path,
    given: dict[str, Any],
    error: type[CiStepsError],
    problem: str,
) -> None:
    environ = {"CI_STEPS_STATE": str(tmp_path), "PATH": "/nowhere"}
    job = job_that_cuts(dictionary, environ, "")
    with pytest.raises(error, match=problem):
        enter(job, Cut(dependency="auth", **given))
    assert not list(tmp_path.rglob("*.json"))


@pytest.fixture
def container(compose_world: ComposeWorld) -> ComposeWorld:
    """A machine with an engine on which auth is deployed by Compose."""
    compose_world.deploy("1.0")
    return compose_world


def ids(world: ComposeWorld) -> str:
    return world.docker("container", "ls", "--all", "--quiet", "--no-trunc")


def runs(world: ComposeWorld) -> bool:
    return world.docker("inspect", "--format", "{{.State.Running}}", ids(world)) == "true"


def job_in(world: ComposeWorld, dictionary: Dictionary) -> Job:
    address = f"http://127.0.0.1:{world.ports['1']}"
    return job_that_cuts(dictionary, world.outside.environ, address)


@pytest.mark.slow
@pytest.mark.parametrize("is_named", [True, False])
def test_a_container_is_stopped_and_started_again(
    container: ComposeWorld, dictionary: Dictionary, is_named: bool
) -> None:
    job = job_in(container, dictionary)
    given = {"container": ids(container)} if is_named else {}

    def fail() -> None:
        with cut_off(job, cut("stop", **given)):
            assert not runs(container)
            with pytest.raises(RefusedError, match="does not run, so a test without it"):
                enter(job, cut("stop", container=ids(container)))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (runs(container), list(marks(job).iterdir())) == (True, [])


@pytest.mark.slow
def test_the_container_of_a_killed_job_is_started_by_its_guardian_or_the_next_test(
    container: ComposeWorld, dictionary: Dictionary
) -> None:
    job = job_in(container, dictionary)
    text = told(container.outside.environ, f"http://127.0.0.1:{container.ports['1']}", how="stop")
    with killed_in_the_middle(text):
        assert not runs(container)
        with pytest.raises(RefusedError, match="another test has stopped auth-staging"):
            settle(job)
    await_(lambda: runs(container), seconds=60)
    with killed_in_the_middle(text):
        (file,) = marks(job).iterdir()
        assert json.loads(file.read_text())["restore"][:2] == ["docker", "start"]
        os.kill(guardian_of(file), signal.SIGKILL)
    assert not runs(container)
    settle(job)
    assert (runs(container), list(marks(job).iterdir())) == (True, [])


def guardian_of(file: Path) -> int:
    """Return the process that waits to restore what a file says."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        command = entry.read_bytes().split(b"\0") if entry.exists() else []
        if b"ci_steps.outside.guardian" in command and str(file).encode() in command:
            found.append(int(entry.parent.name))
    (only,) = found
    return only


def test_a_port_that_refuses_is_nobody_elses(dictionary: Dictionary, tmp_path: Path) -> None:
    job = job_that_cuts(dictionary, {"CI_STEPS_STATE": str(tmp_path)}, "")
    with cut_off(job, cut("refuse", address="127.0.0.1:1")) as found, socket.socket() as other:
        port = int(found[ADDRESS].rpartition(":")[2])
        assert other.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED
        with pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", port))


@pytest.mark.slow
def test_a_service_of_ecs_has_no_tasks_for_a_test_and_then_those_it_had_whoever_is_killed(
    ecs_world: EcsWorld, dictionary: Dictionary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_ECS", ecs_world.environ["ECS"])
    where: dict[str, Any] = {"ecs_service": ecs_world.name(), "cluster": CLUSTER}
    address = ecs_world.deploy("1.0", service_definition="ecs/two.json").address
    environ = ecs_world.outside.environ
    job = job_that_cuts(dictionary, environ, address)
    with cut_off(job, cut("stop", **where)):
        assert ecs_world.running() == []
        assert is_cut(address)
        with pytest.raises(RefusedError, match="has no tasks, so a test without proves nothing"):
            enter(job, cut("stop", **where))
    await_(lambda: not is_cut(address))
    await_(lambda: len(ecs_world.running()) == 2)
    with killed_in_the_middle(told(environ, address, how="stop", **where)):
        assert ecs_world.running() == []
    await_(lambda: len(ecs_world.running()) == 2)
    with pytest.raises(OutsideError, match="there is no ECS service 'geo' in shop"):
        enter(job, cut("stop", **{**where, "ecs_service": "geo"}))
