"""`ci-steps retire`: what a person types, and what becomes of it."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

import pytest

from tests.cli.retiring.test_may_retire import NOW, Desk, desk
from tests.parts.dictionaries import ship
from tests.parts.shop import check_answer

__all__ = ["desk"]

_FRONT = {"command": {"command": [sys.executable, "-c", "print('done')"]}}


def ready(desk: Desk, **more: Any) -> None:
    """Let line 1 be quiet, announced and over, with a command in front of it."""
    ship(desk.dictionary, "gis 3.1.0", "auth-2.0", hours=1)
    desk.decides("announce", "--on", f"{NOW.date()}")
    desk.configure(front=_FRONT, **{"link": "https://shop.example/end-of-{service}-{line}", **more})
    config = desk.folder / "ci-steps.yaml"
    target = '"environments": {"production": {"target": {"process": {"command": ["true"]}}}}'
    config.write_text(f"{config.read_text()[:-1]}, {target}}}")


def steps(desk: Desk, *arguments: str, status: int = 0) -> list[tuple[str, bool]]:
    """Return the steps of the JSON answer, and whether each was taken."""
    ended = desk.says("retire", "auth", "1", "--reason", "it is quiet", "--json", *arguments)
    assert ended.status == status, ended.err
    check_answer(ended.document)
    return [(one["step"], one["taken"]) for one in ended.document["steps"]]


def test_all_steps_up_to_410_and_one_back(desk: Desk) -> None:
    ready(desk)
    assert steps(desk, "--dry-run", "--to", "gone") == [("headers", False)]
    done = [("headers", True), ("drained", True), ("gone", True)]
    assert steps(desk, "--to", "gone") == done
    assert desk.asks()["step"] == "gone"
    assert steps(desk, status=1) == [("removed", False)]  # its image is kept for a while
    assert steps(desk, "--undo") == [("gone", False)]
    assert desk.asks()["step"] == "drained"
    kept = desk.says("retirement", "show", "auth", "1", "--json").document
    check_answer(kept)
    assert [one["decision"] for one in kept["decisions"]][1:] == [
        *(step for step, _ in done),
        "undo",
    ]
    assert kept["decisions"][2]["because"].startswith("NOTHING_AGAINST")


def test_brown_outs_are_shown_with_their_moments(desk: Desk) -> None:
    ready(desk)
    desk.decides("amend", "--on", f"{(NOW + timedelta(days=30)).date()}")
    desk.says("retire", "auth", "1", "--reason", "x")
    moment = (NOW + timedelta(days=9)).replace(minute=0, second=0, microsecond=0)
    shown = desk.says("retire", "auth", "1", "--reason", "x", "--brown-out", moment.isoformat())
    assert f"callers are refused {moment:%Y-%m-%d %H:%M} to" in shown.out
    middleware = desk.says("retirement", "headers", "auth", "1", "--form", "middleware").document
    assert middleware["endings"][0]["brown_outs"][0]["begin"] == moment.timestamp()
    refused = desk.says("retire", "auth", "1", "--reason", "x")
    assert refused.status == 1
    assert "no, not drained: it was promised until" in refused.out
    assert "(DATE_NOT_REACHED)" in refused.out


def test_who_calls_is_shown_with_whom_it_probably_is(desk: Desk) -> None:
    seen = [{"name": "gis-client/3.0", "calls": 7, "last_call": NOW.isoformat()}]
    answer = {"observed_since": (NOW - timedelta(days=45)).isoformat(), "callers": seen}
    says = [sys.executable, "-c", f"import json; print(json.dumps({answer!r}))"]
    ready(desk, usage={"command": {"command": says}})
    (caller,) = desk.asks()["usage"]["callers"]
    assert (caller["service"], caller["owner"]) == ("gis", "")
    assert "gis of nobody, not declared" in desk.says("may-retire", "auth", "1").out


@pytest.mark.parametrize(
    ("arguments", "status", "error"),
    [
        (("auth", "1"), 2, "--reason is missing"),
        (("auth", "1", "--reason", "x", "--undo", "--to", "gone"), 2, "--undo goes back one step"),
        (("auth", "1", "--reason", "x", "--to", "gon"), 2, "'gon' is not one of"),
        (("auth", "1", "--reason", "x", "--brown-out", "soon"), 2, "'soon' is no moment"),
        (("auth", "1", "--reason", "x", "--brown-out", "2026-12-09T10:00"), 2, "has no time zone"),
        (("auht", "1", "--reason", "x"), 2, "did you mean auth"),
        (("auth", "3", "--reason", "x"), 2, "auth has no line '3'"),
        (("auth", "1", "staging", "--reason", "x"), 2, "unknown environment 'staging'"),
        (("auth", "1", "--undo", "--reason", "x"), 1, "there is no step to undo"),
    ],
)
def test_what_cannot_be_meant_is_said(
    desk: Desk, arguments: tuple[str, ...], status: int, error: str
) -> None:
    ended = desk.says("retire", *arguments)
    assert (ended.status, error in ended.err) == (status, True), ended.err


def test_without_a_front_nothing_is_touched(desk: Desk) -> None:
    ready(desk)
    (desk.folder / "ci-steps.yaml").write_text("service: auth\n")
    refused = desk.says("retire", "auth", "1", "--reason", "x")
    assert refused.status == 1
    assert "nothing says what stands between line 1 of auth and its callers" in refused.err
    assert desk.asks()["step"] == ""


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"brown_out_at": "10 am"}, "retirement.brown_out_at: expected a time of the day"),
        ({"brown_out_days": [3, 0]}, "retirement.brown_out_days[1]: expected at least 1, got 0"),
        ({"front": {"ngix": {}}}, "retirement.front.ngix: unknown front, did you mean nginx?"),
        ({"front": {**_FRONT, "process": {}}}, "retirement.front: expected one front"),
        ({"brown_out_minutes": 0}, "retirement.brown_out_minutes: expected at least 1, got 0"),
    ],
)
def test_a_wrong_front_is_said_with_its_key(desk: Desk, said: dict[str, Any], error: str) -> None:
    desk.configure(**said)
    ended = desk.says("may-retire", "auth", "1")
    assert (ended.status, error in ended.err) == (2, True), ended.err
