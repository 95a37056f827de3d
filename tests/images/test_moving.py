"""A tag is moved in a registry: in a real one, and past all that may stand in the way."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from ci_steps.errors import OutsideError
from ci_steps.images.moving import move_tag
from ci_steps.images.reference import Reference, refer, split
from ci_steps.images.stored import stored
from ci_steps.outside import Outside
from ci_steps.protocols import Login
from tests.parts.http import Exchange, Server, serving
from tests.parts.pushing import push

MANIFEST = json.dumps({"schemaVersion": 2}).encode()
DIGEST = f"sha256:{hashlib.sha256(MANIFEST).hexdigest()}"
KIND = "application/vnd.oci.image.manifest.v1+json"
BUILDER = Login("builder", "open sesame")


def test_a_tag_means_another_image_with_nothing_pulled(image_registry: str) -> None:
    name = f"moved-{secrets.token_hex(6)}"
    old, new = (push(image_registry, name, tag, {"which": tag}) for tag in ("1.0.0", "1.1.0"))
    line = split(f"{image_registry}/{name}:1")
    for digest in (old, new, old):
        move_tag(line, digest, Outside({}))
        there = stored(line, Outside({}))
        assert there is not None
        assert there.digest == digest
    with pytest.raises(OutsideError, match="answered HTTP 404"):
        move_tag(line, DIGEST, Outside({}))
    there = stored(replace(line, tag="1.1.0"), Outside({}))
    assert there is not None
    assert there.digest == new, "other tags stay as they are"


class Registry:
    """Whoever reads is nobody; who writes has to have a token."""

    def __init__(self, *, manifest: bytes = MANIFEST, takes: int = 201) -> None:
        self.manifest, self.takes = manifest, takes
        self.scopes: list[str] = []

    def __call__(self, exchange: Exchange) -> None:
        server = f"http://{exchange.headers['Host']}"
        if exchange.path.startswith("/token"):
            self.scopes += parse_qs(urlsplit(exchange.path).query)["scope"]
            known = exchange.headers.get("Authorization", "").startswith("Basic ")
            exchange.answer(200 if known else 401, {}, b'{"token": "of-builder"}')
        elif exchange.path != "/v2/" and exchange.method == "GET":
            exchange.answer(200, {"Content-Type": KIND}, self.manifest)
        elif exchange.headers.get("Authorization") != "Bearer of-builder":
            challenge = f'Bearer realm="{server}/token",service="images"'
            exchange.answer(401, {"WWW-Authenticate": challenge}, b"")
        else:
            exchange.answer(self.takes, {}, b"")


def moved(registry: Callable[[Exchange], None], login: Login | None) -> Server:
    with serving(registry) as server:
        move_tag(_line_at(server), DIGEST, Outside({}), login)
    return server


def _line_at(server: Server) -> Reference:
    return refer(server.address.removeprefix("http://"), "auth", "1")


def test_who_reads_as_nobody_says_who_writes() -> None:
    registry = Registry()
    server = moved(registry, BUILDER)
    assert server.asked[-1] == "/v2/auth/manifests/1"
    assert registry.scopes == ["repository:auth:pull,push"]
    assert server.bodies[-1] == MANIFEST
    assert server.seen_headers[-1]["Content-Type"] == KIND


@pytest.mark.parametrize(
    ("registry", "login", "said"),
    [
        pytest.param(Registry(), None, "did not take the tag: HTTP 401", id="nobody"),
        pytest.param(
            Registry(takes=405), BUILDER, "did not take the tag: HTTP 405", id="read-only"
        ),
        pytest.param(Registry(takes=507), BUILDER, "did not take the tag: HTTP 507", id="full"),
        pytest.param(Registry(manifest=b"{}"), BUILDER, "has other content for", id="not that"),
    ],
)
def test_what_a_registry_does_not_take_is_said(
    registry: Registry, login: Login | None, said: str
) -> None:
    with pytest.raises(OutsideError, match=said):
        moved(registry, login)
