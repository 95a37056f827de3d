from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from ci_steps.errors import OutsideError
from ci_steps.images.reference import refer
from ci_steps.images.stored import Stored, stored
from ci_steps.outside import Outside
from tests.parts.http import Exchange, Script, says, serving

REVISION = "org.opencontainers.image.revision"


def digest(document: Any) -> str:
    return f"sha256:{hashlib.sha256(json.dumps(document).encode()).hexdigest()}"


CONFIGURATION = {"config": {"Labels": {REVISION: "c0ffee"}}}
MANIFEST = {"config": {"digest": digest(CONFIGURATION)}, "layers": []}
ATTESTATION = {"digest": digest("signed"), "platform": {"os": "unknown", "architecture": "unknown"}}
INDEX = {"manifests": [ATTESTATION, {"digest": digest(MANIFEST), "platform": {"os": "linux"}}]}


def a_registry(tagged: Any, *, headers: dict[str, str] | None = None) -> Script:
    """Answer for auth:1.1.0 with *tagged*, and with everything else by its digest."""
    contents = {
        "/v2/auth/manifests/1.1.0": tagged,
        f"/v2/auth/manifests/{digest(MANIFEST)}": MANIFEST,
        f"/v2/auth/blobs/{digest(CONFIGURATION)}": CONFIGURATION,
    }

    def script(exchange: Exchange) -> None:
        if exchange.path in contents:
            body = json.dumps(contents[exchange.path]).encode()
            exchange.answer(200, headers or {}, body)
        else:
            exchange.answer(404, {}, b"{}")

    return script


def found(script: Script) -> Stored | None:
    with serving(script) as server:
        return stored(refer(server.address.removeprefix("http://"), "auth", "1.1.0"), Outside())


def test_the_labels_are_read_without_pulling_the_image() -> None:
    there = found(a_registry(MANIFEST))
    assert there == Stored(digest(MANIFEST), {REVISION: "c0ffee"})
    assert there.revision == "c0ffee"


def test_the_registry_says_the_digest_of_a_manifest_itself() -> None:
    said = digest("as it was pushed")
    there = found(a_registry(MANIFEST, headers={"Docker-Content-Digest": said}))
    assert there is not None
    assert there.digest == said


def test_a_digest_that_is_none_is_not_believed() -> None:
    there = found(a_registry(MANIFEST, headers={"Docker-Content-Digest": "sha256:abc"}))
    assert there is not None
    assert there.digest == digest(MANIFEST)


def test_an_index_has_the_digest_of_all_and_the_labels_of_its_first_image() -> None:
    assert found(a_registry(INDEX)) == Stored(digest(INDEX), {REVISION: "c0ffee"})


def test_a_tag_that_is_not_there_is_no_image() -> None:
    assert found(says("{}", status=404)) is None


@pytest.mark.parametrize("status", [401, 403])
def test_a_registry_that_wants_a_login_is_not_guessed_about(status: int) -> None:
    with pytest.raises(OutsideError, match=rf"wants to know who asks \(HTTP {status}\)") as refused:
        found(says("", status=status))
    assert "push: false" in refused.value.hint


@pytest.mark.parametrize(
    "tagged",
    [
        pytest.param([], id="a list"),
        pytest.param({}, id="no configuration"),
        pytest.param({"config": {"digest": "sha256:../../secret"}}, id="a way out"),
        pytest.param({"config": "sha256"}, id="a text"),
        pytest.param({"manifests": [ATTESTATION]}, id="an index without an image"),
        pytest.param({"manifests": {}}, id="no list of manifests"),
    ],
)
def test_what_is_no_image_is_an_error_and_not_a_free_tag(tagged: Any) -> None:
    with pytest.raises(OutsideError, match="answered something that is no image"):
        found(a_registry(tagged))


def test_a_web_page_is_an_error_and_not_a_free_tag() -> None:
    with pytest.raises(OutsideError, match="answered something that is no image"):
        found(says("<html>", content_type="text/html"))


def test_a_registry_in_trouble_is_an_error_and_not_a_free_tag() -> None:
    with pytest.raises(OutsideError, match="answered HTTP 503"):
        found(says("{}", status=503))


def test_a_registry_that_is_away_is_named() -> None:
    with pytest.raises(OutsideError, match=r"^the registry 127\.0\.0\.1:1 cannot be read: conn"):
        stored(refer("127.0.0.1:1", "auth", "1.1.0"), Outside())
