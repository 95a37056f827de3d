"""How a registry is told who asks; that a real one lets us in is in tests/builders."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from ci_steps.errors import UsageError
from ci_steps.images.asking import Session
from ci_steps.images.logins import kept_login, named_login, signed_in
from ci_steps.images.reference import refer
from ci_steps.outside import Outside
from ci_steps.outside.inert import InertOutside
from ci_steps.outside.web import Answer
from ci_steps.protocols import Login
from tests.parts.http import Exchange, serving

LOGIN = Login("builder", "open sesame")
BASIC = f"Basic {b64encode(b'builder:open sesame').decode()}"
ELSEWHERE = refer("registry.example.org", "shop/auth", "1.1.0")


def asks_for_a_token(exchange: Exchange) -> None:
    """Send everybody to a realm of its own first, as most registries do."""
    said = exchange.headers.get("Authorization", "")
    if exchange.path.startswith("/token?"):
        assert exchange.path.endswith("service=images&scope=repository%3Aauth%3Apull")
        exchange.answer(200, {}, json.dumps({"token": f"for {said or 'nobody'}"}).encode())
    elif said.startswith("Bearer "):
        exchange.answer(200, {}, said.encode())
    else:
        realm = f'Bearer realm="http://{exchange.headers["Host"]}/token",service="images"'
        exchange.answer(401, {"WWW-Authenticate": realm}, b"")


@pytest.mark.parametrize(
    ("login", "token"), [(None, "Bearer for nobody"), (LOGIN, f"Bearer for {BASIC}")]
)
def test_a_token_is_fetched_for_a_user_and_for_nobody_in_particular(
    login: Login | None, token: str
) -> None:
    with serving(asks_for_a_token) as server:
        reference = refer(server.address.removeprefix("http://"), "auth", "1.1.0")
        session = Session(reference, Outside(), login)
        assert session.get("manifests/1.1.0", "*/*").text == token


def test_a_password_is_never_sent_to_a_realm_without_tls() -> None:
    class Elsewhere(Outside):
        def get(self, url: str, **_: Any) -> Answer:
            asked.append(url)
            refusal = {"WWW-Authenticate": 'Bearer realm="http://realm.example.org/token"'}
            return Answer(401, "", refusal)

    asked: list[str] = []
    assert Session(ELSEWHERE, Elsewhere(), LOGIN).get("manifests/1.1.0", "*/*").status == 401
    assert asked == ["https://registry.example.org/v2/shop/auth/manifests/1.1.0"]


def test_a_login_is_named_by_two_variables_and_is_missing_in_a_rehearsal_only() -> None:
    given = {"IMAGES_USER": "builder", "IMAGES_WORD": "open sesame\n"}
    assert named_login("IMAGES_USER", "IMAGES_WORD", Outside(given)) == LOGIN
    assert named_login("", "", Outside({})) is None
    assert named_login("IMAGES_USER", "IMAGES_WORD", InertOutside({})) is None
    with pytest.raises(UsageError, match="IMAGES_USER is not set"):
        named_login("IMAGES_USER", "IMAGES_WORD", Outside({}))
    with pytest.raises(UsageError, match="needs both user_env and password_env"):
        named_login("IMAGES_USER", "", Outside(given))


def test_the_login_that_an_engine_keeps_is_used_for_reading_and_rubbish_is_none(
    tmp_path: Path,
) -> None:
    file, environ = tmp_path / "config.json", {"DOCKER_CONFIG": str(tmp_path)}
    entry = {"auth": BASIC.removeprefix("Basic ")}
    file.write_text(json.dumps({"auths": {"registry.example.org": entry}}), "utf-8")
    assert kept_login(ELSEWHERE, Outside(environ)) == LOGIN
    assert kept_login(refer("other.example.org", "a", "1"), Outside(environ)) is None
    for rubbish in ("{", '{"auths": []}', '{"auths": {"registry.example.org": {"auth": "%"}}}'):
        file.write_text(rubbish, "utf-8")
        assert kept_login(ELSEWHERE, Outside(environ)) is None


def test_an_engine_finds_the_login_beside_what_its_user_had_and_the_file_is_gone_afterwards(
    tmp_path: Path,
) -> None:
    own = {"auths": {"a.example": {"auth": "eA=="}}, "proxies": {"default": {}}, "credsStore": "x"}
    (tmp_path / "config.json").write_text(json.dumps(own), "utf-8")
    outside = Outside({"DOCKER_CONFIG": str(tmp_path), "PATH": ""})
    with signed_in(ELSEWHERE, LOGIN, outside) as environ:
        file = Path(environ["REGISTRY_AUTH_FILE"])
        written = json.loads(file.read_text("utf-8"))
        assert environ["DOCKER_CONFIG"] == str(file.parent)
    assert set(written["auths"]) == {"a.example", "registry.example.org"}
    assert written["proxies"] == {"default": {}}
    assert "credsStore" not in written
    assert not file.exists()
    with signed_in(ELSEWHERE, None, outside) as environ:
        assert environ == {}
