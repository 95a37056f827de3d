"""Eureka's REST operations as they are documented, and as they should not be."""

from __future__ import annotations

import base64
import json
import os
from typing import Any

import pytest

from ci_steps.outside import Outside
from ci_steps.probes import eureka
from ci_steps.protocols import Found, Question
from tests.parts.http import Script, Server, says, says_json, says_nothing, serving
from tests.probes.asked import told

OTHER_FORM = "the answer is JSON of another form"


def instance(version: str = "1.1.0", status: str = "UP", **more: Any) -> dict[str, Any]:
    """Return an instance as ``/apps/AUTH`` lists it."""
    return {
        "instanceId": "10.0.0.1:auth:8080",
        "hostName": "auth-1.shop.example",
        "app": "AUTH",
        "ipAddr": "10.0.0.1",
        "status": status,
        "overriddenStatus": "UNKNOWN",
        "port": {"$": 8080, "@enabled": "true"},
        "securePort": {"$": 443, "@enabled": "false"},
        "metadata": {"management.port": "8080", **({"version": version} if version else {})},
        **more,
    }


def listed(instances: Any) -> dict[str, Any]:
    return {"application": {"name": "AUTH", "instance": instances}}


def asked(script: Script, seconds: float = 5.0, **options: Any) -> tuple[Found, ...]:
    with serving(script) as server:
        return ask(server, seconds, **options)


def ask(server: Server, seconds: float = 5.0, **options: Any) -> tuple[Found, ...]:
    given = eureka.Options(url=f"{server.address}/eureka/", **options)
    question = Question("auth", "staging", timeout_seconds=seconds)
    return eureka.ask(question, given, Outside({"USER": "robot", "PASSWORD": "open sesame"}))


@pytest.mark.parametrize(
    ("instances", "options", "said"),
    [
        pytest.param([instance(), instance()], {}, ["1.1.0", "1.1.0"], id="replicas"),
        pytest.param(instance(), {}, ["1.1.0"], id="an older server's list of one"),
        pytest.param(
            [instance(), instance("1.0.0", "DOWN"), instance("1.0.0", "OUT_OF_SERVICE")],
            {},
            ["1.1.0"],
            id="others are not up",
        ),
        pytest.param(
            [instance("1.1.0", "STARTING")],
            {},
            ["none of 1 registered is UP, but STARTING"],
            id="starting",
        ),
        pytest.param([], {}, ["nobody is registered"], id="nobody"),
        pytest.param(
            [instance(), instance("2.0.0")],
            {},
            ["1.1.0 of several", "2.0.0 of several"],
            id="two versions",
        ),
        pytest.param(
            [instance(), instance("2.0.0")], {"lines": True}, ["1.1.0", "2.0.0"], id="two lines"
        ),
        pytest.param(
            [instance("", metadata={"@class": "java.util.Collections$EmptyMap"})],
            {},
            ["it is registered without the metadata version"],
            id="no metadata",
        ),
        pytest.param(
            [instance(metadata={"build": "201610"})], {"version_key": "build"}, ["201610"], id="key"
        ),
    ],
)
def test_every_instance_that_is_up_says_its_version(
    instances: Any, options: dict[str, Any], said: list[str]
) -> None:
    assert told(asked(says_json(listed(instances)), **options)) == said


def test_an_instance_answers_at_the_port_that_is_enabled() -> None:
    secure = instance(port={"$": 80, "@enabled": "false"}, securePort={"$": 8443, "@enabled": True})
    found = asked(says_json(listed([instance(), secure, instance(port=None)])))
    assert [one.address for one in found] == [
        "http://auth-1.shop.example:8080",
        "https://auth-1.shop.example:8443",
        "eureka, AUTH: 10.0.0.1:auth:8080",
    ]


def test_what_is_asked_for_and_who_asks() -> None:
    with serving(says_json(listed([instance()]))) as server:
        application = "{provider}-{environment}"
        ask(server, application=application, user_env="USER", password_env="PASSWORD")
        ask(server)
    assert server.asked == ["/eureka/apps/AUTH-STAGING", "/eureka/apps/AUTH"]
    first, second = server.seen_headers
    assert base64.b64decode(first["Authorization"].split()[1]) == b"robot:open sesame"
    assert "Authorization" not in second
    assert second["Accept"] == "application/json"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        pytest.param(says("", status=404), "it has no such application, or no such", id="unknown"),
        pytest.param(says("", status=503), "it answers HTTP 503", id="starting"),
        pytest.param(
            says("", status=401), "it wants to know who asks (HTTP 401)", id="wants a login"
        ),
        pytest.param(says("<application/>"), "the answer is HTML or XML", id="XML"),
        pytest.param(says_json([]), OTHER_FORM, id="a list"),
        pytest.param(says_json({"applications": {}}), OTHER_FORM, id="all applications"),
        pytest.param(says_json(listed(None)), OTHER_FORM, id="null"),
        pytest.param(says_json(listed(["auth"])), OTHER_FORM, id="texts"),
        pytest.param(says_json(listed([{"status": "UP"}])), OTHER_FORM, id="no name"),
    ],
)
def test_whatever_else_answers_is_one_problem(script: Script, said: str) -> None:
    (found,) = asked(script)
    assert (found.version, found.where) == (None, "eureka, AUTH")
    assert found.problem.startswith(said)


def test_nobody_waits_for_a_server_that_is_silent() -> None:
    assert told(asked(says_nothing, seconds=0.2)) == ["no answer within 0.2 s"]


def test_a_password_goes_nowhere_without_tls_and_not_without_its_user() -> None:
    options = eureka.Options(
        url="http://eureka.shop.example", user_env="USER", password_env="PASSWORD"
    )
    outside = Outside({"USER": "robot", "PASSWORD": "open sesame"})
    question = Question("auth", "staging")
    (found,) = eureka.ask(question, options, outside)
    assert found.problem.startswith("a secret is not sent without TLS")
    (found,) = eureka.ask(question, eureka.Options(url="http://x", user_env="USER"), outside)
    assert found.problem == "a login needs both user_env and password_env"


def test_at_build_time_nobody_is_asked() -> None:
    options = eureka.Options(url="http://127.0.0.1:9")
    assert eureka.ask(Question("auth", ""), options, Outside({})) == ()


@pytest.mark.skipif(
    "CI_STEPS_TEST_EUREKA" not in os.environ,
    reason="CI_STEPS_TEST_EUREKA has no address of a server: that a real one answers as its "
    "documentation says was not proven",
)
def test_a_real_server_answers_of_what_is_registered_with_it() -> None:
    url, outside = os.environ["CI_STEPS_TEST_EUREKA"], Outside({})
    known = {**instance(), "dataCenterInfo": _ANY_CENTER, "vipAddress": "auth"}
    body = json.dumps({"instance": known}).encode()
    headers = {"Content-Type": "application/json"}
    outside.post(f"{url}/apps/AUTH", body, headers=headers, timeout_seconds=5)
    found = eureka.ask(Question("auth", "staging"), eureka.Options(url=url), outside)
    assert told(found) == ["1.1.0"]


_ANY_CENTER = {
    "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo",
    "name": "MyOwn",
}
