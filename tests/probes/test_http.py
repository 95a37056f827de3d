from __future__ import annotations

from datetime import datetime, timezone
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from ci_steps.model import Deployment
from ci_steps.outside import Outside
from ci_steps.probes import http
from ci_steps.protocols import Found, Question
from ci_steps.versions import parse_version
from tests.parts.http import (
    Exchange,
    Script,
    Server,
    drips,
    hangs_up,
    says,
    says_json,
    says_nothing,
    serving,
)
from tests.parts.smtp import authority

if TYPE_CHECKING:
    from pathlib import Path


def live(address: str, version: str = "1.1.0", environment: str = "staging") -> Deployment:
    at = datetime(2017, 10, 1, tzinfo=timezone.utc)
    return Deployment("auth", parse_version(version), "abc", environment, "1", at, address)


def asked(script: Script, seconds: float = 5.0, **options: Any) -> Found:
    """Return what the probe finds at a server that answers by *script*."""
    with serving(script) as server:
        question = Question("auth", "staging", (live(server.address),), seconds)
        (found,) = http.ask(question, http.Options(**options), Outside({}))
    assert found.where == f"{server.address}{options.get('path', '/version')}"
    assert not found.released
    return found


def version(script: Script, **options: Any) -> str:
    found = asked(script, **options)
    assert found.problem == ""
    return str(found.version)


def problem(script: Script, seconds: float = 5.0, **options: Any) -> str:
    found = asked(script, seconds, **options)
    assert found.version is None
    return found.problem


@pytest.mark.parametrize(
    ("script", "options"),
    [
        pytest.param(says_json({"version": "1.1.0"}), {}, id="JSON"),
        pytest.param(
            says_json({"build": {"version": "1.1.0"}}), {"key": "build.version"}, id="an inner key"
        ),
        pytest.param(
            says_json({"app.version": "1.1.0"}), {"key": "app.version"}, id="a key with a dot"
        ),
        pytest.param(says_json("1.1.0"), {}, id="a JSON text"),
        pytest.param(says("1.1.0\n", content_type="text/plain"), {}, id="plain text"),
        pytest.param(says("\ufeff1.1.0"), {}, id="a byte order mark"),
        pytest.param(says("anything", x_version="1.1.0"), {"header": "x-version"}, id="a header"),
        pytest.param(says_json({"version": "1.1.0"}), {"path": "/healthz"}, id="another path"),
    ],
)
def test_a_version_is_read_wherever_it_stands(script: Script, options: dict[str, str]) -> None:
    assert version(script, **options) == "1.1.0"


def test_a_dated_version_without_json_is_not_taken_for_a_number() -> None:
    assert version(says("201610")) == "201610"


@pytest.mark.parametrize(
    ("script", "options", "words"),
    [
        pytest.param(says("<!doctype html><p>1.1.0"), {}, "the answer is HTML or XML", id="HTML"),
        pytest.param(
            says(b"9" * 20_000_000), {}, "the answer is longer than 100,000 bytes", id="20 MB"
        ),
        pytest.param(says("latest"), {}, "'latest' is not a version: ", id="a word"),
        pytest.param(says("1.1.0\n2.0.0"), {}, "'1.1.0 2.0.0' is not a version: ", id="two lines"),
        pytest.param(says(""), {}, "the answer is empty", id="nothing"),
        pytest.param(
            says_json({"commit": "abc"}), {}, "the JSON has no 'version', only commit", id="no key"
        ),
        pytest.param(
            says_json({"version": 1.1}), {}, "the version is a number, 1.1", id="a number"
        ),
        pytest.param(says_json({"version": None}), {}, "the version is no text, null", id="null"),
        pytest.param(
            says('{"version": "1.'), {}, "the answer begins like JSON and is none", id="half"
        ),
        pytest.param(says('{"a":' * 40_000), {}, "the answer is longer than", id="long nesting"),
        pytest.param(
            says('{"a":' * 19_000), {}, "the answer begins like JSON and is none", id="nesting"
        ),
        pytest.param(
            says("1.1.0"),
            {"header": "X-Version"},
            "the answer has no header X-Version",
            id="no header",
        ),
        pytest.param(says("1.1.0", status=503), {}, "it answers HTTP 503", id="an error"),
        pytest.param(says("1.1.0", status=404), {}, "it answers HTTP 404", id="not there"),
        pytest.param(says("\x1b[31m"), {}, r"' [31m' is not a version", id="control characters"),
        pytest.param(
            says("1.1.0", content_type="text/plain; charset=base64"),
            {},
            "",
            id="an encoding that is none",
        ),
        pytest.param(hangs_up, {}, "the connection was reset", id="reset"),
    ],
)
def test_whatever_else_answers_is_a_problem_in_a_few_words(
    script: Script, options: dict[str, Any], words: str
) -> None:
    found = problem(script, **options)
    assert found.startswith(words)
    assert found
    assert "\n" not in found
    assert len(found) < 250


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(says_nothing, id="never"),
        pytest.param(drips(b"HTTP/1.1 200 OK\r\n\r\n"), id="a text without end, byte by byte"),
        pytest.param(drips(b"HTTP/1.1 200 OK\r\nX-Version: "), id="a header without end"),
    ],
)
def test_an_answer_that_is_not_complete_in_time_is_none(script: Script) -> None:
    assert problem(script, seconds=0.3) == "no answer within 0.3 s"


def test_what_answers_at_the_end_of_a_redirect_is_not_what_was_asked() -> None:
    with serving(says("2.0.0")) as elsewhere:
        redirect = says("", status=302, location=f"{elsewhere.address}/version?token=x")
        found = problem(redirect)
    assert elsewhere.asked == []
    assert found == f"it redirects to {elsewhere.address}/version?token=x, which is not followed"


def test_nobody_listening_is_a_problem() -> None:
    with serving(says("1.1.0")) as server:
        gone = server.address
    (found,) = http.ask(Question("auth", "staging", (live(gone),)), http.Options(), Outside({}))
    assert found == Found(f"{gone}/version", problem="connection refused", address=gone)


def test_the_environment_stands_in_the_configured_address() -> None:
    with serving(says("1.1.0")) as server:
        options = http.Options(url=server.address + "/{environment}/auth")
        question = Question("auth", "staging", (live("http://127.0.0.1:9"),))
        (found,) = http.ask(question, options, Outside({}))
    assert server.asked == ["/staging/auth/version"]
    assert found.version == parse_version("1.1.0")


def test_no_other_braces_in_an_address_mean_anything() -> None:
    options = http.Options(url="http://127.0.0.1:9/{environment.__class__}{0}")
    (found,) = http.ask(Question("auth", "staging"), options, Outside({}))
    assert found.address == "http://127.0.0.1:9/{environment.__class__}{0}"


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://auth.example", "auth.example", "http://", "http://[::1"]
)
def test_only_web_addresses_are_asked(url: str) -> None:
    (found,) = http.ask(Question("auth", "staging"), http.Options(url=url), Outside({}))
    assert found.problem == "only http and https addresses can be asked"


@pytest.mark.parametrize("host", ["a..b", "a" * 70 + ".example", "auth.example:99999", "%zz"])
def test_an_address_that_cannot_be_is_a_problem(host: str) -> None:
    url = f"http://{host}"
    (found,) = http.ask(Question("auth", "staging"), http.Options(url=url), Outside({}))
    assert found.problem


def test_credentials_in_an_address_are_sent_and_not_shown() -> None:
    with serving(says("1.1.0", status=401)) as server:
        url = server.address.replace("://", "://robot:s3cret@")
        (found,) = http.ask(Question("auth", "staging"), http.Options(url=url), Outside({}))
    assert "Authorization" in server.seen_headers[0]
    assert "***@127.0.0.1" in found.where
    assert "s3cret" not in found.where + found.problem


def test_every_live_deployment_is_asked_and_one_address_once() -> None:
    with serving(says("1.1.0")) as first, serving(says("2.0.0")) as second:
        deployments = (live(first.address), live(second.address, "2.0.0"), live(first.address))
        found = http.ask(Question("auth", "staging", deployments), http.Options(), Outside({}))
    assert [str(one.version) for one in found] == ["1.1.0", "2.0.0"]
    assert first.asked == ["/version"]


def test_an_address_of_another_kind_is_left_to_others() -> None:
    question = Question("auth", "staging", (live(""), live("pod/auth-1")))
    assert http.ask(question, http.Options(), Outside({})) == ()


def test_at_build_time_nothing_that_runs_is_asked() -> None:
    with serving(says("1.1.0")) as server:
        question = Question("auth", "", (live(server.address),))
        assert http.ask(question, http.Options(), Outside({})) == ()
    assert server.asked == []


class Named(Outside):
    """A world whose name service knows one name, of several machines."""

    def addresses_of(self, url: str, *, timeout_seconds: float = 5) -> tuple[str, ...]:
        return ("127.0.0.1", "127.0.0.2") if "//auth.shop.example" in url else ()


def replicas(first: Script, second: Script, **options: Any) -> tuple[Found, ...]:
    """Return what the probe finds at two machines with one name."""
    with serving(first) as one, serving(second, host="127.0.0.2", port=port_of(one)):
        url = f"http://auth.shop.example:{port_of(one)}"
        asked = http.ask(Question("auth", "staging"), http.Options(url=url, **options), Named({}))
        assert {found.address for found in asked} == {url}
        assert [host for seen in one.seen_headers if (host := seen["Host"])] == [url[7:]]
    return asked


def port_of(server: Server) -> int:
    return int(server.address.rpartition(":")[2])


def test_every_machine_behind_a_name_is_asked_and_they_must_agree() -> None:
    found = replicas(says("1.1.0"), says("1.1.0"))
    assert [(one.where[-13:], one.disagrees) for one in found] == [
        (" at 127.0.0.1", ""),
        (" at 127.0.0.2", ""),
    ]
    assert {one.disagrees for one in replicas(says("1.1.0"), says("2.0.0"))} == {
        "its replicas disagree: 1.1.0, 2.0.0"
    }
    silent = replicas(says("1.1.0"), says("", status=503))
    assert [one.problem for one in silent] == ["", "it answers HTTP 503"]


def test_one_machine_of_a_name_is_asked_as_that_name_and_must_prove_to_have_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = authority(tmp_path / "own", "DNS:auth.shop.example")
    other = authority(tmp_path / "other")
    for trusted in (own, other):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted.ca_file))
        with serving(says("1.1.0"), host="127.0.0.2", tls=trusted.context) as server:
            url = f"https://auth.shop.example:{port_of(server)}"
            found = http.ask(Question("auth", "staging"), http.Options(url=url), Named({}))
        expected = "1.1.0" if trusted is own else "None"
        assert str(found[1].version) == expected, found[1].problem
        assert trusted is own or found[1].problem == "the certificate is that of another name"


def test_who_answers_by_turns_is_asked_as_often_as_is_told() -> None:
    turns = count()

    def by_turns(exchange: Exchange) -> None:
        says(("1.1.0", "2.0.0")[next(turns) % 2])(exchange)

    with serving(by_turns) as server:
        question = Question("auth", "staging", (live(server.address),))
        (once,) = http.ask(question, http.Options(), Outside({}))
        often = http.ask(question, http.Options(times=8), Outside({}))
    assert not once.disagrees
    assert sorted(str(one.version) for one in often if one.disagrees) == ["1.1.0", "2.0.0"]
    assert len(server.asked) == 9


def test_a_name_with_one_address_has_no_replicas() -> None:
    for url in ("http://127.0.0.1:80/x", "http://localhost", "http://", "http://[::1", "x"):
        assert Outside({}).addresses_of(url) == ()


def test_what_a_service_says_about_its_end_is_read() -> None:
    script = says("1.1.0", deprecation="true", sunset="Wed, 23 Dec 2026 00:00:00 GMT")
    ending = asked(script).ending
    assert ending is not None
    assert ending.ends == datetime(2026, 12, 23, tzinfo=timezone.utc)
    assert asked(says("1.1.0")).ending is None
