"""The label of an image, in a real registry and in one that is none."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from ci_steps.outside import Outside
from ci_steps.probes import image
from ci_steps.protocols import Found, Question
from tests.parts.http import says, says_nothing, serving
from tests.parts.pushing import push

VERSION = "org.opencontainers.image.version"
_EVERYWHERE = Question("auth", "")


def asked(written: str, question: Question = _EVERYWHERE, **options: Any) -> Found:
    given = image.Options(image=written, **options)
    (found,) = image.ask(question, given, Outside({"PASSWORD": "open sesame", "USER": "builder"}))
    assert found.where == f"registry, {question.filled(written)}"
    return found


def test_an_image_says_its_version_by_its_label_without_being_pulled(image_registry: str) -> None:
    name = f"probed-{secrets.token_hex(6)}"
    written = f"{image_registry}/{name}"
    assert asked(f"{written}:1").problem == "the registry does not have it"
    push(image_registry, name, "1", {VERSION: "1.1.0"})
    push(image_registry, name, "bare", {})
    push(image_registry, name, "latest", {VERSION: "latest", "own": "v1_20171001-2"})
    assert str(asked(f"{written}:1").version) == "1.1.0"
    assert asked(f"{written}:bare").problem == f"it has no label {VERSION}"
    assert asked(f"{written}:latest").problem.startswith(f"its label {VERSION}: 'latest' is not a")
    other = asked(f"{written}:latest", version_label="own")
    assert str(other.version) == "v1_20171001-2"


def test_a_tag_of_an_environment_is_the_word_of_a_registry_and_no_observation(
    image_registry: str,
) -> None:
    name = f"probed-{secrets.token_hex(6)}"
    push(image_registry, name, "staging", {VERSION: "1.1.0"})
    written = f"{image_registry}/{name}:{{environment}}"
    there = asked(written, Question("auth", "staging"))
    assert (str(there.version), there.recorded, there.released) == ("1.1.0", True, False)
    options = image.Options(image=written)
    assert image.ask(_EVERYWHERE, options, Outside({})) == (), "of no environment"
    plain = image.Options(image=f"{image_registry}/{name}:staging")
    assert image.ask(Question("auth", "staging"), plain, Outside({})) == (), "it only exists"


def test_a_login_is_named_and_a_missing_one_is_a_problem(closed_registry: str) -> None:
    written = f"{closed_registry}/auth:1"
    login: dict[str, Any] = {"user_env": "USER", "password_env": "PASSWORD"}
    assert asked(written, **login).problem == "the registry does not have it"
    assert "wants to know who asks" in asked(written).problem
    gone = asked(written, user_env="USER", password_env="NOBODY")
    assert gone.problem == "the environment variable NOBODY is not set"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param("auth:1", "'auth:1' names no registry", id="of this machine"),
        pytest.param("shop.example/auth", "'shop.example/auth' has no tag", id="no tag"),
        pytest.param("shop.example/AUTH:1", "'AUTH' is not the name of an image", id="capitals"),
    ],
)
def test_what_cannot_be_in_a_registry_is_a_problem(written: str, said: str) -> None:
    assert asked(written).problem == said


@pytest.mark.parametrize("script", [says("<html>"), says("[1]"), says("", status=500)])
def test_what_is_no_registry_is_a_problem(script: Any) -> None:
    with serving(script) as server:
        found = asked(f"{server.address.removeprefix('http://')}/auth:1")
    assert found.problem.startswith("the registry 127.0.0.1:")
    assert found.version is None


def test_a_registry_that_is_silent_is_left() -> None:
    question = Question("auth", "", timeout_seconds=0.2)
    with serving(says_nothing) as server:
        found = asked(f"{server.address.removeprefix('http://')}/auth:1", question)
    assert found.problem.endswith("no answer within 0.2 s")
