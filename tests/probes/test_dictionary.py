from __future__ import annotations

from datetime import datetime, timezone

from ci_steps.model import Deployment
from ci_steps.outside import Outside
from ci_steps.probes import dictionary
from ci_steps.protocols import Found, Question
from ci_steps.versions import parse_version

STAGING, PRODUCTION = (
    Deployment(
        "auth",
        parse_version(version),
        "abc",
        environment,
        "1",
        datetime(2017, 10, 1, tzinfo=timezone.utc),
        f"http://auth.{environment}.shop.example",
    )
    for environment, version in (("staging", "1.2.0"), ("production", "1.1.0"))
)


def asked(environment: str, *live: Deployment) -> tuple[Found, ...]:
    return dictionary.ask(Question("auth", environment, live), dictionary.Options(), Outside({}))


def test_what_is_live_in_the_environment_is_found_with_its_address() -> None:
    (found,) = asked("staging", STAGING, PRODUCTION)
    assert found == Found(
        "dictionary, staging", STAGING.version, recorded=True, address=STAGING.address
    )


def test_at_build_time_what_is_live_anywhere_is_found() -> None:
    found = asked("", STAGING, PRODUCTION)
    assert [one.where for one in found] == ["dictionary, staging", "dictionary, production"]


def test_a_service_that_is_not_live_is_not_found() -> None:
    assert asked("staging") == ()
