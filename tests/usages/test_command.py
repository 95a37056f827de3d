"""What a command of the user answers about the calls of a line."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ci_steps.options import Command
from ci_steps.outside import Outside
from ci_steps.usage import Caller, Usage, UsageQuestion
from ci_steps.usages import command

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)
THEN = "2026-11-11T09:00:00Z"
AT = NOW - timedelta(days=12)


def seen(program: str, **options: Any) -> Usage:
    question = UsageQuestion("auth", "1", "production", NOW - timedelta(days=45), NOW)
    written = (sys.executable, "-c", program)
    return command.observe(question, command.Options(Command(written), **options), Outside())


def answering(answer: object) -> Usage:
    return seen(f"print({json.dumps(answer)!r})")


def test_what_it_says_is_read() -> None:
    found = answering(
        {
            "observed_since": "2026-10-01T02:00:00+02:00",
            "callers": [{"name": "billing", "calls": 740, "last_call": THEN}, {"name": "web"}],
        }
    )
    assert found.observed_since == datetime(2026, 10, 1, tzinfo=timezone.utc)
    assert found.last_call == AT
    assert found.callers == (Caller("billing", 740, AT), Caller("web"))


def test_it_is_told_what_is_asked() -> None:
    found = seen(
        "import json, os; print(json.dumps({'observed_since': os.environ['CI_STEPS_SINCE'],"
        " 'callers': [{'name': ' '.join(os.environ['CI_STEPS_' + one] for one in"
        " ('SERVICE', 'LINE', 'ENVIRONMENT', 'AT'))}]}))"
    )
    assert found.observed_since == NOW - timedelta(days=45)
    assert found.callers[0].name == "auth 1 production 2026-11-23T09:00:00Z"


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        pytest.param([], "the answer is no JSON object", id="a list"),
        pytest.param({}, "it observed nothing", id="nothing"),
        pytest.param({"observed_sinse": THEN}, "unknown key 'observed_sinse'", id="a key"),
        pytest.param({"observed_since": "soon"}, "'soon' is not a time", id="no time"),
        pytest.param(
            {"observed_since": "2026-11-11"}, "'2026-11-11' has no time zone", id="no zone"
        ),
        pytest.param({"observed_since": THEN, "callers": [{}]}, "has no name", id="a name"),
        pytest.param(
            {"observed_since": THEN, "callers": [{"name": "web", "calls": -1}]},
            "calls of web: expected a whole number, got -1",
            id="a number",
        ),
    ],
)
def test_an_answer_that_is_not_understood_is_a_problem(answer: object, problem: str) -> None:
    found = answering(answer)
    assert problem in found.problem
    assert found.observed_since is None


@pytest.mark.parametrize(
    ("program", "problem"),
    [
        pytest.param("import sys; sys.exit(2)", "exit status 2", id="a failure"),
        pytest.param("print('none')", "not understood", id="no JSON"),
        pytest.param("import time; time.sleep(60)", "stopped after", id="too long"),
    ],
)
def test_a_command_that_does_not_answer_is_a_problem(program: str, problem: str) -> None:
    assert problem in seen(program, timeout_seconds=1).problem


def test_a_command_that_is_missing_is_a_problem() -> None:
    question = UsageQuestion("auth", "1", "production", NOW, NOW)
    found = command.observe(question, command.Options(Command(("no-such-program",))), Outside())
    assert "no-such-program" in found.problem
