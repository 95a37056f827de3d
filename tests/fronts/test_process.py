"""A line of the target process: told by middleware, then behind a responder of ours, and back."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ci_steps.endings import read_ending
from ci_steps.errors import RefusedError
from ci_steps.fronts import process as front
from ci_steps.protocols import Place
from ci_steps.targets import process
from tests.fakes import Shown
from tests.parts import services
from tests.parts.fronts import ANNOUNCED, END, called, leaving
from tests.targets.worlds import World, ask, await_

OPTIONS = front.Options(caller=("X-Api-Key-Name", "User-Agent"), drain_seconds=0.2)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = World(tmp_path / "s", tmp_path / "source", process)
    try:
        yield opened
    finally:
        opened.stop()
        services.await_end(opened.folder)


def meet(world: World, step: str) -> str:
    return front.meet(leaving(step), OPTIONS, world.outside, Shown())


def test_a_line_ends_behind_410_and_comes_back(world: World) -> None:
    address = world.deploy("1.0").address
    (pid,) = world.services()
    assert meet(world, "drained") == f"{address} answers 503"
    await_(lambda: pid not in world.services())
    status, headers, _ = called(f"{address}/v1/tokens", "old-billing/2", method="POST")
    assert (status, headers["Retry-After"]) == (503, "3600")
    assert meet(world, "gone") == f"{address} answers 410"
    status, headers, body = called(f"{address}/v1/tokens", "old-billing/2")
    assert status == 410
    assert json.loads(body)["successor"] == "http://auth.shop.example/v2"
    ending = read_ending(headers)
    assert ending is not None
    assert (ending.since, ending.ends) == (ANNOUNCED, END)
    called(f"{address}/healthz")  # who only looks is no caller
    (caller,) = front.callers(leaving("gone"), OPTIONS, world.outside)
    assert (caller.name, caller.calls) == ("old-billing/2", 2)
    assert meet(world, "") == f"{address} is served again"
    assert ask(address) == "1.0"


def test_the_same_again_changes_nothing(world: World) -> None:
    address = world.deploy("1.0").address
    meet(world, "gone")
    await_(lambda: not world.services())  # what it takes the place of is drained
    before = world.processes()
    assert meet(world, "gone") == f"{address} answers 410"
    assert world.processes() == before


def test_the_file_of_the_middleware_is_written_and_taken_back(world: World) -> None:
    world.deploy("1.0")
    (file,) = [one.parent / "endings.json" for one in world.folder.glob("*/*/state.json")]
    assert "does not say so" in meet(world, "headers")
    assert json.loads(file.read_text())["endings"][0]["headers"]["Deprecation"] == "@1795392000"
    meet(world, "")
    assert not file.exists()


def test_behind_the_last_step_only_the_responder_is_left(world: World) -> None:
    address = world.deploy("1.0").address
    meet(world, "gone")
    meet(world, "removed")
    assert called(f"{address}/")[0] == 410
    assert not [*world.folder.glob("*/*/releases")]
    with pytest.raises(RefusedError, match="is gone"):
        meet(world, "")
    assert called(f"{address}/")[0] == 410


def test_a_machine_on_which_nothing_of_it_runs_says_so(world: World) -> None:
    with pytest.raises(RefusedError, match=r"nothing of auth \(line 1\) in staging runs on this"):
        meet(world, "gone")


def test_a_responder_that_was_killed_counts_on(world: World) -> None:
    address = world.deploy("1.0").address
    meet(world, "gone")
    called(f"{address}/", "billing")
    (pid,) = [one for one, line in world.processes().items() if "ci_steps.responder" in line]
    os.kill(pid, signal.SIGKILL)
    await_(lambda: any("responder" in line for line in world.processes().values()))
    await_(lambda: called(f"{address}/", "billing")[0] == 410)
    (caller,) = front.callers(leaving("gone"), OPTIONS, world.outside)
    assert caller.calls >= 2


def test_the_place_is_that_of_the_target(world: World) -> None:
    address = world.deploy("1.0").address
    meet(world, "drained")
    process.stop("auth", Place("staging", "1"), world.options("1"), world.outside)
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])))
