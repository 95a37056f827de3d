"""What access logs say about the calls of a line."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ci_steps.outside import Outside
from ci_steps.usage import Caller, Usage, UsageQuestion
from ci_steps.usages import access_log

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LAST = NOW - 12 * DAY


def line(at: datetime, path: str, user: str = "-", agent: str = "curl/8") -> str:
    request = f'"GET {path} HTTP/1.1" 200 17 "-" "{agent}"'
    return f"10.0.0.7 - {user} [{at:%d/%b/%Y:%H:%M:%S %z}] {request}"


def checks(since: datetime = NOW - 45 * DAY, until: datetime = NOW) -> Iterable[str]:
    """Yield a health check for every twelve hours."""
    while since <= until:
        yield line(since, "/v1/healthz", agent="kube-probe/1.29")
        since += 12 * HOUR


def seen(folder: Path, lines: Iterable[str] | None = None, **options: Any) -> Usage:
    """Return what is seen in a log of *lines* at nine o'clock on 23 November 2026."""
    if lines is not None:
        (folder / "access.log").write_text("\n".join(lines) + "\n")
    question = UsageQuestion("auth", "1", "production", NOW - 45 * DAY, NOW)
    given = {"files": (str(folder / "access.log*"),), **options}
    return access_log.observe(question, access_log.Options(**given), Outside({}))


def test_the_last_call_and_its_callers_are_found(tmp_path: Path) -> None:
    called = [line(LAST - day * DAY, "/v1/tokens?all", "billing") for day in range(3)]
    found = seen(tmp_path, [*checks(), *called, line(LAST - DAY, "/v1/tokens")])
    assert found.problem == ""
    assert found.last_call == LAST
    assert found.callers == (Caller("10.0.0.7", 1, LAST - DAY), Caller("billing", 3, LAST))


@pytest.mark.parametrize("path", ["/v10/tokens", "/v2/tokens", "/tokens", "/v1beta/tokens"])
def test_what_is_not_of_the_line_does_not_count(tmp_path: Path, path: str) -> None:
    assert seen(tmp_path, [*checks(), line(NOW, path, "web")]).last_call is None


def test_rotated_and_compressed_logs_are_read(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "access.log.2.gz", "wt") as old:
        old.write("\n".join(checks(until=NOW - 20 * DAY)) + "\n")
    (tmp_path / "access.log.1").write_text("\n".join(checks(NOW - 20 * DAY)) + "\n")
    found = seen(tmp_path, [line(LAST, "/v1/tokens", "billing")])
    assert found.last_call == LAST
    assert found.observed_since is not None
    assert abs(found.observed_since - (NOW - 45 * DAY)) <= HOUR


@pytest.mark.parametrize(
    ("lines", "since"),
    [
        pytest.param([*checks(NOW - 10 * DAY)], NOW - 10 * DAY, id="ten days only"),
        pytest.param(
            [*checks(until=NOW - 9 * DAY), *checks(NOW - 7 * DAY)], NOW - 7 * DAY, id="a gap"
        ),
    ],
)
def test_where_nothing_was_written_nothing_was_observed(
    tmp_path: Path, lines: list[str], since: datetime
) -> None:
    found = seen(tmp_path, lines)
    assert found.observed_since is not None
    assert since < found.observed_since <= since + HOUR


def test_a_log_that_ended_is_no_data(tmp_path: Path) -> None:
    found = seen(tmp_path, checks(until=NOW - 25 * HOUR))
    assert found.problem == "no line was written within the last 24 hours"
    assert found.observed_since is None


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        pytest.param({"files": ("no-such.log",)}, "no-such.log: no such log", id="no log"),
        pytest.param({"format": "pattern", "pattern": "("}, "no regular expression", id="pattern"),
        pytest.param({"format": "pattern", "pattern": "x"}, "no group (?P<path>", id="group"),
        pytest.param({"not_callers": ("(",)}, "not_callers", id="not callers"),
        pytest.param({"format": "json"}, "lines cannot be read", id="another format"),
    ],
)
def test_what_cannot_be_read_is_a_problem(
    tmp_path: Path, options: dict[str, Any], problem: str
) -> None:
    assert problem in seen(tmp_path, checks(), **options).problem


def test_a_few_unreadable_lines_are_said_and_many_are_a_problem(tmp_path: Path) -> None:
    good = [*checks()] * 11  # 1,001 lines
    assert seen(tmp_path, [*good, "???"]).note == "1 lines cannot be read"
    assert "access.log:1002" in seen(tmp_path, [*good, "???", "???"]).problem


def test_a_damaged_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "access.log.gz").write_bytes(gzip.compress(b"x" * 100)[:-20])
    assert "access.log.gz: cannot be read" in seen(tmp_path).problem


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("10/Oct/2000:13:55:36 -0730", datetime(2000, 10, 10, 21, 25, 36, tzinfo=timezone.utc)),
        ("2026-11-11T09:00:00Z", LAST),
        ("2026-11-11T10:00:00.5+01:00", LAST + timedelta(seconds=0.5)),
        (LAST.timestamp(), LAST),
    ],
)
def test_times_are_read_with_their_zones(tmp_path: Path, text: object, at: datetime) -> None:
    lines = [
        json.dumps({"ts": moment.timestamp(), "uri": "/v2"})
        for moment in (at, *(NOW - day * DAY / 2 for day in range(90)))
    ]
    keys = {"time": "ts", "path": "uri", "user": "who"}
    called = json.dumps({"ts": text, "uri": "/v1", "who": "billing"})
    found = seen(tmp_path, [*lines, called], format="json", keys=keys)
    assert found.callers == (Caller("billing", 1, at),)


def test_a_time_without_a_zone_cannot_be_read(tmp_path: Path) -> None:
    lines = [json.dumps({"time": "2026-11-11T09:00:00", "path": "/v1"})]
    assert "1 of 1 lines cannot be read" in seen(tmp_path, lines, format="json").problem


def test_a_log_is_never_held_in_memory(tmp_path: Path) -> None:
    """Two gigabytes take what these megabytes take: the lines go by, and are forgotten."""
    every = timedelta(days=31) / 12_000
    lines = (line(NOW - (12_000 - n) * every, "/v1/tokens", "billing") for n in range(12_000))
    with gzip.open(tmp_path / "access.log.gz", "wt") as file:
        size = sum(file.write(one + "\n") for one in lines)
    tracemalloc.start()
    try:
        found = seen(tmp_path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (found.problem, [one.calls for one in found.callers]) == ("", [12_000])
    assert size > 1_000_000
    assert peak < 600_000


def test_callers_without_end_are_counted_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_log, "_MOST_CALLERS", 3)
    lines = [line(NOW - timedelta(hours=n), "/v1/tokens", f"user-{n}") for n in range(5)]
    calls = {one.name: one.calls for one in seen(tmp_path, lines).callers}
    assert calls == {"user-0": 1, "user-1": 1, "user-2": 1, "others": 2}


def test_a_log_whose_clock_is_ahead_has_its_last_call_there(tmp_path: Path) -> None:
    ahead = NOW + timedelta(minutes=7)
    found = seen(tmp_path, [*checks(), line(ahead, "/v1/tokens", "billing")])
    assert found.last_call == ahead
