"""What every target must do."""

from __future__ import annotations

import urllib.error

import pytest

from ci_steps.errors import RefusedError
from tests.parts import services
from tests.targets.worlds import World, ask


def test_what_is_deployed_answers_its_version(any_world: World) -> None:
    assert ask(any_world.deploy("1.0")) == "1.0"


def test_a_new_version_takes_the_place_of_the_old_one(any_world: World) -> None:
    before = any_world.deploy("1.0")
    after = any_world.deploy("1.1")
    assert (after.address, ask(after)) == (before.address, "1.1")


def test_the_placement_says_how_it_was_seen(any_world: World) -> None:
    placement = any_world.deploy("1.0")
    assert placement.text == f"auth 1.0 answers at {placement.address}"


def test_deploying_again_what_answers_leaves_it_answering(any_world: World) -> None:
    any_world.deploy("1.0")
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
    assert services.await_end(any_world.folder) == {}


def test_another_line_is_left_alone(any_world: World) -> None:
    first = any_world.deploy("1.0", slot="1")
    second = any_world.deploy("2.0", slot="2")
    assert (ask(first), ask(second)) == ("1.0", "2.0")
    any_world.stop("1")
    assert ask(second) == "2.0"


def test_what_is_stopped_does_not_answer_and_leaves_no_process(any_world: World) -> None:
    placement = any_world.deploy("1.0")
    any_world.stop()
    assert services.await_end(any_world.folder) == {}
    with pytest.raises(urllib.error.URLError, match="refused"):
        ask(placement)


def test_stopping_what_does_not_run_changes_nothing(any_world: World) -> None:
    any_world.stop()
    any_world.deploy("1.0")
    any_world.stop()
    any_world.stop()
    assert services.await_end(any_world.folder) == {}


def test_what_was_stopped_can_be_deployed_again(any_world: World) -> None:
    any_world.deploy("1.0")
    any_world.stop()
    assert ask(any_world.deploy("1.0")) == "1.0"


def test_a_rehearsal_says_the_command_and_starts_nothing(any_world: World) -> None:
    placement, said = any_world.rehearse("1.0")
    assert any("service.py" in line or "tool.py" in line for line in said)
    assert "supposed" in placement.text
    assert any_world.processes() == {}


def test_a_rehearsal_leaves_what_runs(any_world: World) -> None:
    placement = any_world.deploy("1.0")
    before = any_world.processes()
    any_world.rehearse("1.1")
    assert (any_world.processes(), ask(placement)) == (before, "1.0")
