"""Calls move from an old line to a new one, watched, and come back when that goes wrong."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, cast

import pytest

from ci_steps.balancers import haproxy, nginx
from ci_steps.dictionary.store import Dictionary
from ci_steps.errors import UsageError
from ci_steps.model import Deployment, Environment, Status, StepResult
from ci_steps.options import Command
from ci_steps.outside import Outside
from ci_steps.outside.inert import InertOutside
from ci_steps.protocols import Job, Lines, Traffic
from ci_steps.steps import shift_traffic
from ci_steps.versions import parse_version
from tests.parts.building import Shown
from tests.parts.haproxy import haproxy_before
from tests.parts.http import says, serving
from tests.parts.nginx import nginx_before
from tests.parts.traffic import await_answer, await_share, calling

AT = datetime(2026, 11, 27, tzinfo=timezone.utc)
WELL = Command((sys.executable, "-c", ""))
BADLY = Command((sys.executable, "-c", "raise SystemExit('12 % errors')"))


@dataclass(frozen=True)
class Front:
    """Two lines behind one address, and the balancer before them."""

    address: str
    lines: Lines
    balancer: Any
    options: Any
    moved: list[int] = field(default_factory=list)

    def traffic(self, outside: Outside) -> Traffic:
        """Return the balancer as a step sees it; each move is seen by callers."""

        def shift(lines: Lines, wanted: Mapping[str, int]) -> None:
            self.balancer.shift(lines, wanted, self.options, outside)
            self.moved.append(wanted["2"])
            if not outside.rehearsing:
                await_share(self.address, "2.0", wanted["2"])

        return Traffic(lambda lines: self.balancer.shares(lines, self.options, outside), shift)


@dataclass(frozen=True)
class Live:
    """A dictionary in which both lines are live, and somebody may need the old one."""

    lines: Lines
    needed_by: Sequence[str] = ()

    def evidence(self, *_: object) -> None:
        """Nothing was built."""

    def live(self, environment: str, service: str) -> list[Deployment]:
        return [
            Deployment(
                service, parse_version(f"{line}.0"), "c0ffee", environment, line, AT, address=at
            )
            for line, at in self.lines.addresses.items()
        ]

    def dependents(self, *_: object) -> list[Any]:
        return [type("Dependent", (), {"service": name}) for name in self.needed_by]


@contextmanager
def fronts(kind: str, folder: Path) -> Iterator[Front]:
    with serving(says("1.0")) as old, serving(says("2.0")) as new:
        lines = Lines("auth", "production", {"1": old.address, "2": new.address})
        if kind == "haproxy":
            with haproxy_before(old.address, new.address, "/") as before:
                await_answer(before.address)
                options: Any = haproxy.Options(str(before.socket))
                yield Front(before.address, lines, haproxy, options)
        else:
            with nginx_before(old.address, new.address, folder) as there:
                await_answer(there.address)
                options = nginx.Options(str(there.file), test=there.test, reload=there.reload)
                yield Front(there.address, lines, nginx, options)


@pytest.fixture(params=["haproxy", "nginx"])
def any_front(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Front]:
    with fronts(request.param, tmp_path) as front:
        yield front


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    with fronts("haproxy", tmp_path) as made:
        yield made


def move(front: Front, outside: Outside | None = None, **more: Any) -> StepResult:
    """Move the calls to line 2 as far as it goes."""
    outside = outside or Outside()
    overrides = more.pop("overrides", {})
    live = Live(front.lines, more.pop("needed_by", ()))
    job = Job(
        service="auth",
        owner="auth-team",
        version=parse_version("2.0"),
        commit="c0ffee",
        root=Path(),
        requirements=(),
        outside=outside,
        dictionary=cast("Dictionary", live),
        progress=Shown(),
        find=lambda *_: (),
        environment=Environment("production", production=True),
        traffic=front.traffic(outside),
        overrides=overrides,
    )
    options = {"pause_seconds": 0.0, "command": WELL, **more}
    return shift_traffic.run(job, shift_traffic.Options(**options))


def test_calls_move_share_by_share_and_none_is_lost(any_front: Front) -> None:
    with calling(any_front.address) as lost:
        result = move(any_front)
    assert (result.status, result.outputs) == (Status.PASSED, {"share": "100"})
    assert result.summary == "line 2 gets 100 % of the calls, 0 % before"
    assert any_front.moved == [0, 50, 100]
    assert lost == []


def test_all_calls_come_back_when_the_new_line_does_badly(any_front: Front) -> None:
    with calling(any_front.address) as lost:
        result = move(any_front, command=BADLY)
    assert result.failed
    assert result.summary.startswith("all calls are back: with 50 % for line 2, `")
    assert result.summary.endswith("exit status 1: 12 % errors")
    assert any_front.moved == [0, 50, 0]
    assert lost == []


def test_a_command_that_is_missing_is_no_yes(front: Front) -> None:
    result = move(front, command=Command(("no-such-program",)))
    assert "all calls are back" in result.summary
    assert front.moved[-1] == 0


def test_an_interruption_brings_all_calls_back(front: Front) -> None:
    class Interrupted(Outside):
        def ask(self, *_: Any, **__: Any) -> Any:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move(front, Interrupted())
    assert front.moved == [0, 50, 0]


def test_a_run_that_was_killed_on_the_way_is_gone_on_with(any_front: Front) -> None:
    move(any_front, shares=(0, 50))
    any_front.moved.clear()
    assert "50 % before" in move(any_front).summary
    assert any_front.moved == [50, 100]


def test_a_line_that_somebody_needs_keeps_its_calls_but_on_purpose(front: Front) -> None:
    result = move(front, needed_by=("gis",))
    assert result.summary == "gis needs line 1, and would be answered by 2.0"
    assert "--override dependents" in result.hint
    assert front.moved == []
    passed = move(front, needed_by=("gis",), overrides={"dependents": "gis takes both"})
    assert [(one.kind, one.reason) for one in passed.evidence] == [("override", "gis takes both")]


def test_whoever_is_not_watched_is_warned(front: Front) -> None:
    assert "nobody watched" in move(front, command=None, shares=(100,)).warnings[0]


def test_a_rehearsal_says_the_shares_and_moves_nothing(front: Front) -> None:
    said: list[str] = []
    result = move(front, InertOutside(would=said.append))
    assert result.status is Status.REHEARSED
    assert [line.rpartition("set ")[2] for line in said if "v2" in line] == [
        "server auth/v2 weight 0",
        "server auth/v2 weight 50",
        "server auth/v2 weight 100",
    ]
    await_share(front.address, "2.0", 0)


@pytest.mark.parametrize("shares", [(), (50, 0), (0, 101), (-1,)])
def test_shares_that_are_none_are_quoted(front: Front, shares: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="expected percents that grow"):
        move(front, shares=shares)


def test_a_question_to_nobody_is_refused(front: Front) -> None:
    with pytest.raises(UsageError, match="errors and prometheus need each other"):
        move(front, errors="up")
