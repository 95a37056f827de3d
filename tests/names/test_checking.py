"""Which answers are those of a deployment, and which of them agree with it."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ci_steps.deploying.replicas import agreeing
from ci_steps.model import Deployment
from ci_steps.names.checking import Live, check_answer
from ci_steps.protocols import Found
from ci_steps.versions import parse_version

AT = datetime(2017, 10, 1, tzinfo=timezone.utc)
HERE = "http://10.0.0.1"


def checked(*found: Found, address: str = HERE) -> tuple[str, str]:
    """Return what becomes of an auth 1.1.0 at an address for which there are answers."""
    version = parse_version("1.1.0")
    live = Deployment("auth", version, "c0ffee", "production", "1", AT, address)
    check = check_answer(Live(live, None), found)
    return check.verdict.value, check.found or check.reason


def answers(version: str, address: str = HERE) -> Found:
    return Found(address, parse_version(version), address=address)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param((answers("1.1.0"), answers("2.0.0", "there")), ("yes", "1.1.0"), id="there"),
        pytest.param((answers("2.0.0"), answers("1.1.0", "there")), ("no", "2.0.0"), id="swapped"),
        pytest.param(
            (answers("1.1.0", "pods"), answers("2.0.0", "pods of 2")), ("yes", "1.1.0"), id="pods"
        ),
        pytest.param((answers("1.0.0", "pods"),), ("no", "1.0.0"), id="old pods"),
        pytest.param((answers("2.0.0", "pods"),), ("unknown", "nobody was asked"), id="no line"),
        pytest.param(
            (Found("pods", problem="kubectl: no such program"),),
            ("unknown", "kubectl: no such program"),
            id="silent",
        ),
        pytest.param(
            agreeing((answers("1.1.0"), answers("1.0.0"))), ("no", "1.0.0, 1.1.0"), id="replicas"
        ),
        pytest.param(
            (Found("registry", parse_version("1.1.0"), recorded=True),),
            ("unknown", "nobody was asked"),
            id="only recorded",
        ),
    ],
)
def test_the_answers_at_its_address_count_and_else_those_of_its_line(
    found: tuple[Found, ...], expected: tuple[str, str]
) -> None:
    assert checked(*found) == expected


def test_a_line_that_answers_where_another_does_as_well_is_not_known_to_be_right() -> None:
    found = agreeing((answers("1.1.0", "balancer"), answers("2.0.0", "balancer")))
    assert checked(*found)[0] == "unknown"
