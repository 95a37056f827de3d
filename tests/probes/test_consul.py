"""Consul's HTTP API as it is documented, and as it should not be.

No Consul can be had on the machines of these tests: the last test says what that leaves open.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from ci_steps.errors import CiStepsError
from ci_steps.outside import Outside
from ci_steps.probes import consul
from ci_steps.protocols import Found, Question
from tests.parts.http import Script, Server, says, says_json, says_nothing, serving
from tests.parts.ports import free_port
from tests.probes.asked import QUESTION, told
from tests.targets.worlds import await_

OTHER_FORM = "the answer is JSON of another form"


def instance(
    version: str = "1.1.0", *states: str, number: int = 1, tags: tuple[str, ...] = (), **more: Any
) -> dict[str, Any]:
    """Return an instance as ``/v1/health/service`` lists it."""
    checks = [{"CheckID": f"check-{state}", "Status": state} for state in states]
    service = {
        "ID": f"auth-{number}",
        "Service": "auth",
        "Tags": list(tags),
        "Meta": {"version": version} if version else None,
        "Address": "",
        "Port": 8080,
        **more,
    }
    node = {"ID": "n", "Node": f"node-{number}", "Address": f"10.0.0.{number}"}
    return {"Node": node, "Service": service, "Checks": checks}


def asked(script: Script, seconds: float = 5.0, **options: Any) -> tuple[Found, ...]:
    with serving(script) as server:
        return ask(server, seconds, **options)


def ask(server: Server, seconds: float = 5.0, **options: Any) -> tuple[Found, ...]:
    given = consul.Options(url=server.address, **options)
    question = Question("auth", "staging", timeout_seconds=seconds)
    return consul.ask(question, given, Outside({"TOKEN": "a-token"}))


@pytest.mark.parametrize(
    ("instances", "options", "said"),
    [
        pytest.param([instance()], {}, ["1.1.0"], id="no checks"),
        pytest.param(
            [instance("1.1.0", "passing", "passing"), instance("1.0.0", "passing", "critical")],
            {},
            ["1.1.0"],
            id="one that fails a check",
        ),
        pytest.param(
            [instance("1.1.0", "warning"), instance("1.1.0", "critical", "warning")],
            {},
            ["none of 2 registered is passing, but critical, warning"],
            id="none that passes",
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
            [instance(""), instance("latest")],
            {},
            [
                "it is registered without the metadata version",
                "the metadata version: 'latest' is not a version: no scheme is written like this",
            ],
            id="no version",
        ),
        pytest.param(
            [instance("", tags=("primary", "version=v1_20171001-2"))],
            {"version_tag": "version="},
            ["v1_20171001-2"],
            id="a tag",
        ),
        pytest.param(
            [instance("1.1.0", tags=("v1.1.0", "v1.0.0"))],
            {"version_tag": "v"},
            ["it is registered without the tag v…"],
            id="two tags",
        ),
    ],
)
def test_every_instance_that_passes_its_checks_says_its_version(
    instances: list[Any], options: dict[str, Any], said: list[str]
) -> None:
    assert told(asked(says_json(instances), **options)) == said


def test_an_instance_answers_where_it_is_registered_or_at_its_node() -> None:
    found = asked(says_json([instance(), instance(number=2, Address="auth.shop.example")]))
    assert [(one.where, one.address) for one in found] == [
        ("consul, auth: auth-1", "http://10.0.0.1:8080"),
        ("consul, auth: auth-2", "http://auth.shop.example:8080"),
    ]


def test_what_somebody_registers_writes_no_lines_of_ours() -> None:
    strange = instance(ID="auth\n\x1b[2J", Address="x\x9b31m" + "y" * 9_000)
    (found,) = asked(says_json([strange]))
    assert found.where == "consul, auth: auth [2J"
    assert found.address.startswith("http://x 31my")
    assert len(found.address) == 200


def test_what_is_asked_for_and_who_asks() -> None:
    options: dict[str, Any] = {
        "service": "{environment}-{provider}",
        "tag": "blue & {environment}",
        "datacenter": "dc1",
        "namespace": "shop",
    }
    with serving(says_json([instance()])) as server:
        ask(server, token_env="TOKEN", **options)
        ask(server)
    assert server.asked == [
        "/v1/health/service/staging-auth?tag=blue+%26+staging&dc=dc1&ns=shop",
        "/v1/health/service/auth",
    ]
    first, second = server.seen_headers
    assert first["X-Consul-Token"] == "a-token"
    assert "X-Consul-Token" not in second


@pytest.mark.parametrize(
    ("script", "said"),
    [
        pytest.param(says("<!doctype html>"), "the answer is HTML or XML", id="HTML"),
        pytest.param(says("No cluster leader", status=500), "it answers HTTP 500", id="no leader"),
        pytest.param(
            says("Permission denied", status=403),
            "it does not let us read it (HTTP 403)",
            id="denied",
        ),
        pytest.param(says("", status=302, location="/ui"), "it redirects, which", id="redirect"),
        pytest.param(says(""), "the answer is no JSON", id="empty"),
        pytest.param(says_json({"version": "1.1.0"}), OTHER_FORM, id="no list"),
        pytest.param(says_json([{"Service": {}}]), OTHER_FORM, id="no node"),
        pytest.param(says_json(["auth"]), OTHER_FORM, id="texts"),
        pytest.param(says_json([instance("1.1.0", "unknown")]), OTHER_FORM, id="a new state"),
        pytest.param(says("[" * 90_000), "the answer is no JSON", id="nesting"),
        pytest.param(says(b" " * 3_000_000), "the answer is longer than 2,000,000", id="3 MB"),
        pytest.param(
            says("[]", x_consul_results_filtered_by_acls="true"),
            "the token may not read all instances",
            id="only a part",
        ),
    ],
)
def test_whatever_else_answers_is_one_problem(script: Script, said: str) -> None:
    (found,) = asked(script)
    assert found.version is None
    assert found.where == "consul, auth"
    assert found.problem.startswith(said)


def test_nobody_waits_for_a_server_that_is_silent_or_gone() -> None:
    assert told(asked(says_nothing, seconds=0.2)) == ["no answer within 0.2 s"]
    with serving(says("[]")) as server:
        gone = server
    assert told(ask(gone)) == ["connection refused"]


@pytest.mark.parametrize(
    ("url", "token", "said"),
    [
        ("http://consul.shop.example:8500", "TOKEN", "a secret is not sent without TLS: "),
        ("http://127.0.0.1:9", "NOBODY", "the environment variable NOBODY is not set"),
        ("consul:8500", "", "only http and https addresses can be asked"),
        ("http://[::1", "", "only http and https addresses can be asked"),
    ],
)
def test_what_must_not_be_asked_is_a_problem(url: str, token: str, said: str) -> None:
    options = consul.Options(url=url, token_env=token)
    (found,) = consul.ask(QUESTION, options, Outside({"TOKEN": "a-token"}))
    assert found.problem.startswith(said)


def test_at_build_time_nobody_is_asked() -> None:
    assert consul.ask(Question("auth", ""), consul.Options(), Outside({})) == ()


@contextmanager
def consul_agent() -> Iterator[str]:
    """Start an agent that keeps all in memory, and wait until it has a leader."""
    port = free_port()
    options = ("-dev", "-bind=127.0.0.1", f"-http-port={port}", "-dns-port=-1", "-grpc-port=-1")
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        ["consul", "agent", *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as agent:
        try:
            await_(lambda: _leader(url), seconds=30)
            yield url
        finally:
            agent.terminate()


def _leader(url: str) -> bool:
    with suppress(CiStepsError):
        return len(Outside({}).get(f"{url}/v1/status/leader").text) > len('""')
    return False


def register(url: str, service: dict[str, Any]) -> None:
    body = json.dumps(service).encode()
    place = f"{url}/v1/agent/service/register"
    put = Outside({}).post(place, body, headers={}, timeout_seconds=5, method="PUT")
    assert put.status == 200, put.text


@pytest.mark.skipif(
    shutil.which("consul") is None,
    reason="no consul is here: that a real agent answers as its documentation says was not proven",
)
def test_a_real_agent_answers_of_what_is_registered_with_it() -> None:
    with consul_agent() as url:
        register(url, {"Name": "auth", "Port": 8080, "Meta": {"version": "1.1.0"}})
        failing = {"TTL": "1m", "Status": "critical"}
        register(url, {"ID": "auth-2", "Name": "auth", "Check": failing})
        found = consul.ask(QUESTION, consul.Options(url=url), Outside({}))
    assert told(found) == ["1.1.0"]
