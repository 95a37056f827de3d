"""Calls move from an old line to a new one, watched, and come back when that goes wrong."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, cast

import pytest

from ci_steps.balancers import haproxy, kubernetes, nginx
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
from tests.parts.http import says, says_json, serving
from tests.parts.kubernetes.cluster import Kubernetes
from tests.parts.kubernetes.lines import LINES, two_lines
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
    says: str = "2.0"
    moved: list[int] = field(default_factory=list)

    def traffic(self, outside: Outside) -> Traffic:
        """Return the balancer as a step sees it; each move is seen by callers."""

        def shift(lines: Lines, wanted: Mapping[str, int]) -> None:
            self.balancer.shift(lines, wanted, self.options, outside)
            self.moved.append(wanted["2"])
            if not outside.rehearsing:
                await_share(self.address, self.says, wanted["2"])

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
def route_in(cluster: Kubernetes) -> Iterator[Front]:
    with two_lines(cluster) as gateway:
        options = kubernetes.Options(route="auth", kubectl=cluster.as_kubectl)
        says = json.dumps({"version": "2.0"})
        yield Front(f"{gateway.address}/auth", LINES, kubernetes, options, says)


@contextmanager
def fronts(kind: str, folder: Path) -> Iterator[Front]:
    with serving(says("1.0")) as old, serving(says("2.0")) as new:
        lines = Lines("auth", "production", {"1": old.address, "2": new.address})
        if kind == "haproxy":
            with haproxy_before(old.address, new.address, "/") as before:
                await_answer(before.address)
                options: Any = haproxy.Options(str(before.socket))
                yield Front(before.address, lines, haproxy, options)
        elif kind == "nginx":
            with nginx_before(old.address, new.address, folder) as there:
                await_answer(there.address)
                options = nginx.Options(str(there.file), test=there.test, reload=there.reload)
                yield Front(there.address, lines, nginx, options)


@pytest.fixture(params=["haproxy", "nginx", pytest.param("kubernetes", marks=pytest.mark.slow)])
def any_front(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Front]:
    if request.param == "kubernetes":
        with route_in(request.getfixturevalue("cluster")) as front:
            yield front
        return
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
    traffic = front.traffic(outside)
    if more.pop("moves_all_or_none", False):
        traffic = replace(traffic, moves_all_or_none=True)
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
        traffic=traffic,
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


def test_a_run_that_was_killed_on_the_way_is_gone_on_with(front: Front) -> None:
    move(front, shares=(0, 50))
    front.moved.clear()
    assert "50 % before" in move(front).summary
    assert front.moved == [50, 100]


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


def test_a_part_of_the_calls_is_refused_where_all_move_or_none(front: Front) -> None:
    with pytest.raises(UsageError, match="50 % cannot be had: all calls move or none") as refused:
        move(front, moves_all_or_none=True)
    assert "Write [0, 100]" in refused.value.hint
    assert front.moved == []
    assert not move(front, moves_all_or_none=True, shares=(0, 100)).failed


@pytest.mark.parametrize("said", ["", "[]"], ids=["monitoring is away", "it has no value"])
def test_what_monitoring_does_not_know_brings_all_calls_back(front: Front, said: str) -> None:
    answer = {"status": "success", "data": {"resultType": "vector", "result": []}}
    with serving(says_json(answer)) as monitoring:
        where = monitoring.address if said else "http://127.0.0.1:1"
        result = move(front, command=None, errors="up", prometheus=where)
    problem = "monitoring has no value for it" if said else "http://127.0.0.1:1"
    assert result.summary.startswith("all calls are back: with 50 % for line 2, ")
    assert problem in result.summary
    assert front.moved == [0, 50, 0]
