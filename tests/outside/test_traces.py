"""Traces over OTLP/HTTP: what a collector is sent, and what a run does without one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.parts.commands import service, typed
from tests.parts.git import HAS_GIT, WITHOUT_GIT
from tests.parts.http import Script, hangs_up, says, says_nothing, serving

if TYPE_CHECKING:
    from tests.parts.commands import Ended

pytest.importorskip("opentelemetry.proto", reason="not proven here: what a collector is sent")
from tests.parts.otlp import Collector, Seen, collecting

pytestmark = pytest.mark.skipif(not HAS_GIT, reason=WITHOUT_GIT)

TRACE, ABOVE = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SECRET = "xoxb-s3cr3t"
SERVICE = """\
service: web
owner: a
pipeline: [unit-test]
steps:
  unit-test: {command: [sh, -c, 'echo $TRACEPARENT > traceparent']}
notify: {channels: {slack: {token_env: SLACK_TOKEN}}}
"""


@pytest.fixture(autouse=True)
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = service(tmp_path / "web", SERVICE)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("CI_STEPS_DICTIONARY", str(tmp_path / "d.db"))
    monkeypatch.setenv("CI_STEPS_COMMIT", "4f1c2aa")
    return folder


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collecting() as started:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", started.endpoint)
        yield started


@pytest.fixture
def unit_test(capsys: pytest.CaptureFixture[str]) -> Callable[[], Ended]:
    return lambda: typed(capsys, "run", "--only", "unit-test")


def named(spans: list[Seen]) -> dict[str, Seen]:
    return {span.name: span for span in spans}


def test_a_run_is_a_span_that_holds_its_steps_and_they_hold_their_commands(
    collector: Collector, unit_test: Callable[[], Ended], web: Path
) -> None:
    assert unit_test().status == 0
    run, step, command = (named(collector.spans)[name] for name in ("run web", "unit-test", "sh"))
    assert (run.parent, step.parent, command.parent) == ("", run.id, step.id)
    assert {span.trace for span in collector.spans} == {run.trace}
    assert run.of["service.name"] == "ci-steps"
    assert run.facts["cicd.pipeline.name"] == "web"
    assert run.facts["vcs.ref.head.revision"] == "4f1c2aa"
    assert run.facts["cicd.pipeline.result"] == "success"
    assert step.facts["cicd.pipeline.task.run.result"] == "success"
    assert (run.problem, step.problem, command.problem) == ("", "", "")
    assert (web / "traceparent").read_text().startswith(f"00-{run.trace}-{command.id}-")
    assert collector.server.asked == ["/v1/traces"]


def test_what_has_failed_is_said_without_secrets(
    collector: Collector,
    unit_test: Callable[[], Ended],
    web: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SLACK_TOKEN", SECRET)
    failing = SERVICE.replace("'echo $TRACEPARENT > traceparent'", f"'exit 3', {SECRET}")
    (web / "ci-steps.yaml").write_text(failing)
    assert unit_test().status == 1
    spans = named(collector.spans)
    step, command = spans["unit-test"], spans["sh"]
    assert (command.problem, command.facts["process.exit.code"]) == ("exit status 3", 3)
    assert step.facts["cicd.pipeline.task.run.result"] == "failure"
    assert "exit status 3" in step.problem
    assert "stopped at unit-test" in spans["run web"].problem
    assert SECRET.encode() not in b"".join(collector.server.bodies)


def test_a_run_goes_on_with_the_trace_that_began_before_it(
    collector: Collector,
    unit_test: Callable[[], Ended],
    web: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TRACEPARENT", f"00-{TRACE}-{ABOVE}-01")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "shop-ci")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=shop")
    assert unit_test().status == 0
    spans = named(collector.spans)
    assert (spans["run web"].trace, spans["run web"].parent) == (TRACE, ABOVE)
    assert spans["run web"].of["service.name"] == "shop-ci"
    assert (web / "traceparent").read_text().startswith(f"00-{TRACE}-{spans['sh'].id}-")
    assert collector.server.seen_headers[0]["x-tenant"] == "shop"


def test_a_trace_that_cannot_be_read_is_none(
    collector: Collector, unit_test: Callable[[], Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACEPARENT", "00-nonsense-01")
    assert unit_test().status == 0
    assert named(collector.spans)["run web"].parent == ""


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("OTEL_SDK_DISABLED", "true"),
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", " "),
        ("TRACEPARENT", f"00-{TRACE}-{ABOVE}-00"),
    ],
)
def test_nothing_is_sent_or_said_where_no_trace_is_wanted(
    collector: Collector,
    unit_test: Callable[[], Ended],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
) -> None:
    monkeypatch.setenv(variable, value)
    ended = unit_test()
    assert (ended.status, collector.server.asked) == (0, [])
    assert "no trace" not in ended.err


def test_a_rehearsal_sends_nothing(
    collector: Collector, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(capsys, "rehearse", "--only", "unit-test").status == 0
    assert collector.server.asked == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (says_nothing, ""),
        (hangs_up, "no collector takes it"),
        (says(b"", status=503), "no collector takes it"),
        (says(b"", status=400), "no collector takes it"),
    ],
    ids=["says nothing", "hangs up", "is busy", "refuses"],
)
def test_a_collector_that_does_not_take_it_fails_nothing(
    unit_test: Callable[[], Ended], monkeypatch: pytest.MonkeyPatch, answers: Script, said: str
) -> None:
    with serving(answers) as server:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.address)
        ended = unit_test()
    assert server.asked
    one_warning(ended, f"no trace is sent: {said}")


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9", "no collector takes it"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "no address", "no collector takes it"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nowhere.pem", ""),
        (
            "OTEL_PYTHON_EXPORTER_OTLP_HTTP_CREDENTIAL_PROVIDER",
            "nobody",
            "the OTEL_ variables cannot be used (RuntimeError)",
        ),
        (
            "OTEL_EXPORTER_OTLP_PROTOCOL",
            "grpc",
            "it would be http/protobuf, and the variables say 'grpc'",
        ),
    ],
)
def test_variables_that_lead_nowhere_are_one_warning(
    unit_test: Callable[[], Ended],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    said: str,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "https://127.0.0.1:9")
    monkeypatch.setenv(variable, value)
    one_warning(unit_test(), f"no trace is sent: {said}")


def test_without_the_extra_it_says_what_to_install(
    collector: Collector, unit_test: Callable[[], Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [one for one in sys.modules if one.startswith("opentelemetry.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "ci_steps.outside.otlp", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    one_warning(unit_test(), " is missing; pip install 'ci-steps[tracing]'")
    assert collector.server.asked == []


def one_warning(ended: Ended, said: str) -> None:
    assert ended.status == 0
    (line,) = [line for line in ended.err.splitlines() if "no trace" in line]
    assert line.startswith("warning: no trace is sent: ")
    assert said in line
