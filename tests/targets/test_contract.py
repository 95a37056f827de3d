"""What every target must do."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from ci_steps.errors import NotBroughtBackError, RefusedError
from ci_steps.protocols import Placement
from tests.targets.worlds import Shown, World, ask, await_

_ENDED = r"auth 1\.1 was not deployed: (it ended|it answered|pod .*CrashLoopBackOff|task .* exited)"


def test_what_is_deployed_answers_its_version_and_deploying_it_again_changes_nothing(
    any_world: World,
) -> None:
    placement = any_world.deploy("1.0")
    assert ask(placement) == "1.0"
    assert placement.text == f"auth 1.0 answers at {placement.address}"
    before = any_world.running()
    assert ask(any_world.deploy("1.0")) == "1.0"
    if not any_world.replaces_always:
        assert any_world.running() == before


def test_another_version_takes_the_place_of_the_one_before_whether_newer_or_older(
    any_world: World,
) -> None:
    before = any_world.deploy("1.0")
    after = any_world.deploy("1.1")
    assert (after.address, ask(after)) == (before.address, "1.1")
    assert ask(any_world.deploy("1.0")) == "1.0"


@pytest.mark.slow  # the command target asks until the time is over
def test_a_build_that_answers_another_version_is_refused_and_rolled_back(any_world: World) -> None:
    before = any_world.deploy("1.0")
    with pytest.raises(RefusedError, match=r"auth 1\.1 was not deployed: .* version 1\.0\.9"):
        any_world.deploy("1.1", says="1.0.9")
    assert ask(before) == "1.0"


@pytest.mark.slow
def test_a_first_deployment_that_fails_leaves_nothing_that_answers_it(any_world: World) -> None:
    with pytest.raises(RefusedError):
        any_world.deploy("1.1", says="<html>")
    any_world.stop()
    assert not any_world.left()


def test_another_line_is_left_alone(any_world: World) -> None:
    first = any_world.deploy("1.0", slot="1")
    second = any_world.deploy("2.0", slot="2")
    assert (ask(first), ask(second)) == ("1.0", "2.0")
    any_world.stop("1")
    assert ask(second) == "2.0"


def test_what_is_stopped_does_not_answer_and_can_be_deployed_again(any_world: World) -> None:
    any_world.stop()
    placement = any_world.deploy("1.0")
    any_world.stop()
    assert not any_world.left()
    with pytest.raises(OSError, match=r"refused|reset"):
        ask(placement)
    any_world.stop()
    assert ask(any_world.deploy("1.0")) == "1.0"


def test_a_rehearsal_says_what_it_would_run_and_touches_nothing(any_world: World) -> None:
    found, said = any_world.rehearse("1.0")
    assert any(
        word in line
        for line in said
        for word in ("service.py", "tool.py", "compose", "kubectl", "ecs")
    )
    assert "supposed" in found.text
    assert not any_world.running()
    placement = any_world.deploy("1.0")
    before = any_world.running()
    any_world.rehearse("1.1")
    assert (any_world.running(), ask(placement)) == (before, "1.0")


@pytest.mark.slow
def test_a_version_that_answers_and_then_ends_is_rolled_back(any_world: World) -> None:
    before = any_world.deploy("1.0")
    with pytest.raises(RefusedError, match=_ENDED):
        any_world.deploy("1.1", behaviour="brief", steady_seconds=1.0)
    assert ask(before) == "1.0"


@pytest.mark.slow
def test_what_a_killed_deployment_left_is_settled_by_the_next_one(any_world: World) -> None:
    before = any_world.deploy("1.0")
    kill_in_the_middle(any_world, before)
    with pytest.raises(RefusedError) as refused:
        any_world.deploy("1.2", says="1.2.9")
    assert not isinstance(refused.value, NotBroughtBackError), refused.value
    assert ask(before) == "1.0", "neither of the two that were not proven"
    assert ask(any_world.deploy("1.3")) == "1.3"


def test_of_two_deployments_at_once_one_is_refused_and_nothing_is_mixed(
    any_world: World, tmp_path: Path
) -> None:
    first = replace(any_world, shown=Shown())
    thread = threading.Thread(target=first.deploy, args=("1.1",), kwargs={"behaviour": "late"})
    thread.start()
    await_(first.begins)
    with pytest.raises(RefusedError, match="another deployment of it is under way"):
        replace(any_world, source=tmp_path / "second").deploy("1.2")
    thread.join()
    assert ask(any_world.deploy("1.1", behaviour="late")) == "1.1"


def test_names_of_three_hundred_characters_are_no_obstacle(any_world: World) -> None:
    any_world.environment = "e" * 300
    slots = ("1" * 300, "1" * 299 + "2")
    placements = [
        any_world.deploy(version, slot=slot)
        for version, slot in zip(("1.0", "2.0"), slots, strict=True)
    ]
    assert [ask(placement) for placement in placements] == ["1.0", "2.0"]
    for slot in slots:
        any_world.stop(slot)


@pytest.mark.slow
def test_where_the_database_cannot_be_brought_back_nothing_is(any_world: World) -> None:
    before = any_world.deploy("1.0")
    with pytest.raises(RefusedError, match=rf"{_ENDED}.*; it was left as it is"):
        any_world.deploy("1.1", behaviour="brief", steady_seconds=1.0, for_good=True)
    assert ask_or_nothing(before) != "1.0"
    assert any("not rolled back" in note for note in any_world.shown.notes)
    assert ask(any_world.deploy("1.2")) == "1.2"


_JOB = """
import sys
from tests.targets.worlds import world_as_told
world_as_told(sys.argv[1]).deploy("1.1", says="1.0.9", behaviour="unhealthy", timeout_seconds=100.0)
"""


def kill_in_the_middle(world: World, placement: Placement) -> None:
    """Kill a deployment of 1.1, which says that it is 1.0.9, as late as it can be seen."""
    present = world.services()
    job = subprocess.Popen([sys.executable, "-c", _JOB, world.told()], stderr=subprocess.DEVNULL)
    if world.shows_callers_what_is_not_proven:
        await_(lambda: ask_or_nothing(placement) == "1.0.9")
    else:
        await_(lambda: len(world.services()) > len(present))
    job.send_signal(signal.SIGKILL)
    job.wait()


def ask_or_nothing(placement: Placement) -> str:
    try:
        return ask(placement)
    except OSError:
        return ""
