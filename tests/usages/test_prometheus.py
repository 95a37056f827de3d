"""What a real Prometheus with 45 days of history answers about the calls of a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ci_steps.outside import Outside
from ci_steps.usage import Usage, UsageQuestion
from ci_steps.usages import prometheus
from tests.parts.http import Script, says, serving
from tests.parts.prometheus import History
from tests.parts.prometheus import prometheus as prometheus_with

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
START = NOW - 45 * DAY


def of(service: str, version: str, caller: str) -> Mapping[str, str]:
    return {"service": service, "version": version, "caller": caller}


def history() -> History:
    """Write what happened to services whose names say it."""
    made = History(START, NOW, timedelta(minutes=5))
    for service in ("auth", "gaps", "partly"):
        made.counter(of(service, "2.0.0", "web"), [NOW - day * DAY for day in range(45)])
    # The last call of line 1 was twelve days ago; health checks go on.
    made.counter(of("auth", "1.4.2", "billing"), [NOW - day * DAY for day in range(12, 30)])
    made.counter(of("auth", "1.4.2", "healthcheck"), [NOW - day * DAY for day in range(45)])
    # Somebody called once: the series begins at one, and never rises.
    once = NOW - 20 * DAY
    made.counter(of("auth", "v1_20171001-2", "gis"), [once], since=once)
    # A line that begins like another one.
    made.counter(of("auth", "10.0.0", "shop"), [NOW - DAY])
    made.counter(of("quiet", "1.0.0", "web"))
    made.counter(of("short", "1.0.0", "web"), since=NOW - 10 * DAY)
    made.counter(of("over", "1.0.0", "web"), until=NOW - 2 * HOUR)
    # Its clock is ten minutes behind.
    made.counter(of("behind", "1.0.0", "web"), until=NOW - timedelta(minutes=10))
    made.counter(of("gaps", "1.0.0", "web"), gaps=[(NOW - 9 * DAY, NOW - 8 * DAY)])
    made.counter({"service": "bare", "caller": "web"}, [NOW - DAY])
    made.counter(of("bare", "1.0.0", "web"))
    return made


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with prometheus_with(history(), tmp_path_factory.mktemp("prometheus")) as address:
        yield address


def seen(url: str, service: str, line: str = "1", **options: Any) -> Usage:
    question = UsageQuestion(service, line, "production", START, NOW)
    outside = Outside({"PROMETHEUS_TOKEN": "tell-nobody"})
    return prometheus.observe(question, prometheus.Options(url=url, **options), outside)


def answering(script: Script, **options: Any) -> str:
    with serving(script) as there:
        return seen(there.address, "auth", **options).problem


def test_the_last_call_is_found_to_within_an_hour_and_its_caller_is_named(server: str) -> None:
    found = seen(server, "auth")
    assert found.problem == ""
    assert found.last_call is not None
    assert abs(found.last_call - (NOW - 12 * DAY)) < HOUR
    assert [caller.name for caller in found.callers] == ["billing", "gis"]
    assert found.callers[0].calls == pytest.approx(18, abs=1)


def test_a_caller_who_called_once_is_found(server: str) -> None:
    gis = seen(server, "auth").callers[1]
    assert gis.last_call is not None
    assert abs(gis.last_call - (NOW - 20 * DAY)) < HOUR


def test_everything_is_observed_where_nothing_is_missing(server: str) -> None:
    found = seen(server, "quiet")
    assert (found.problem, found.last_call, found.callers) == ("", None, ())
    assert found.observed_since is not None
    assert abs(found.observed_since - START) <= HOUR


def test_a_clock_that_is_minutes_behind_has_observed_all_the_same(server: str) -> None:
    found = seen(server, "behind")
    assert (found.problem, found.last_call) == ("", None)
    assert found.observed_since is not None


@pytest.mark.parametrize(
    ("service", "since"),
    [
        pytest.param("short", NOW - 10 * DAY, id="data for ten days only"),
        pytest.param("gaps", NOW - 8 * DAY, id="a day without scraping"),
    ],
)
def test_what_was_not_kept_was_not_observed(server: str, service: str, since: datetime) -> None:
    found = seen(server, service)
    assert found.observed_since is not None
    assert abs(found.observed_since - since) <= HOUR
    # What a counter shows for the first time may have been called before.
    assert found.last_call is None


@pytest.mark.parametrize(
    "service",
    [
        pytest.param("over", id="scraping ended"),
        pytest.param("partly", id="only another line is scraped"),
        pytest.param("nobody", id="a service without any series"),
    ],
)
def test_no_data_is_not_no_calls(server: str, service: str) -> None:
    found = seen(server, service)
    assert found.observed_since is None
    assert found.problem == "no sample of line 1 within the last hour"


def test_calls_without_a_version_may_be_of_the_line(server: str) -> None:
    assert seen(server, "bare").problem == "there are calls without the label version"


def test_labels_of_the_user_select_the_series(server: str) -> None:
    found = seen(server, "x", labels={"service": "auth"}, not_callers=("billing", "health.*"))
    assert [caller.name for caller in found.callers] == ["gis"]
    assert seen(server, 'a"b\\').problem != ""


def test_what_prometheus_complains_about_is_said(server: str) -> None:
    assert "parse error" in seen(server, "auth", metric="1 +").problem


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        pytest.param(says("<html>"), "without JSON", id="HTML"),
        pytest.param(says("{}"), "not that of a Prometheus", id="other JSON"),
        pytest.param(
            says('{"status":"success","data":{"resultType":"matrix","result":['
                 '{"metric":{},"values":[[1,"NaN"]]}]}}'),
            "not that of a Prometheus",
            id="NaN",
        ),
        pytest.param(
            says('{"status":"error","error":"query timed out in expression evaluation"}'),
            "query timed out",
            id="an error",
        ),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_understood_is_a_problem(script: Script, problem: str) -> None:
    assert problem in answering(script)


def test_a_server_that_is_down_is_a_problem_without_its_credentials() -> None:
    found = seen("http://me:secret@127.0.0.1:9", "auth")
    assert "connection refused" in found.problem
    assert "secret" not in found.problem


def test_the_token_is_sent_and_a_missing_one_is_said() -> None:
    with serving(says("{}")) as there:
        seen(there.address, "auth", token_env="PROMETHEUS_TOKEN")
        assert there.seen_headers[0]["Authorization"] == "Bearer tell-nobody"
    assert "NO_TOKEN" in seen("http://127.0.0.1:9", "auth", token_env="NO_TOKEN").problem
