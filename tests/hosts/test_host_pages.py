"""What a CI host shows beside the log: one comment of a topic, and deployments."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ci_steps.errors import OutsideError
from ci_steps.hosts import github_actions, gitlab, jenkins, local
from ci_steps.outside import Outside
from ci_steps.outside.inert import InertOutside
from ci_steps.protocols import Deployed, Host
from tests.parts.ci_api import CiApi, ci_api

PLACE = Deployed("auth 2.0.0", "staging", "http://127.0.0.1:8080", "auth 2.0.0 at …", ended=True)


@pytest.fixture
def api() -> Iterator[CiApi]:
    with ci_api() as made:
        yield made


def environ(name: str, api: CiApi, folder: Path) -> dict[str, str]:
    event = folder / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7}}))
    of_github = {
        "GITHUB_API_URL": api.address,
        "GITHUB_REPOSITORY": "shop/auth",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_TOKEN": "opensesame",
        "GITHUB_SHA": "4f1c2aa",
    }
    of_gitlab = {
        "CI_API_V4_URL": api.address,
        "CI_PROJECT_ID": "17",
        "CI_MERGE_REQUEST_IID": "7",
        "GITLAB_TOKEN": "opensesame",
    }
    return of_github if name == "github" else of_gitlab


HOSTS: list[tuple[str, Host]] = [("github", github_actions), ("gitlab", gitlab)]
each_host = pytest.mark.parametrize(("name", "host"), HOSTS)


@each_host
def test_a_comment_is_updated_and_not_repeated(
    name: str, host: Host, api: CiApi, tmp_path: Path
) -> None:
    api.comments += [{"id": number + 1, "body": "a person's"} for number in range(130)]
    masked: list[str] = []
    outside = Outside(environ(name, api, tmp_path), masked.append)
    for text in ("first", "second"):
        assert host.comment("auth rehearsal", text, outside).endswith(" request 7")
    host.comment("gis rehearsal", "of another service", outside)
    assert [one["body"] for one in api.comments[130:]] == [
        "<!-- ci-steps auth rehearsal -->\nsecond",
        "<!-- ci-steps gis rehearsal -->\nof another service",
    ]
    assert {one["body"] for one in api.comments[:130]} == {"a person's"}
    assert "opensesame" in masked
    assert api.tokens & {"Bearer opensesame", "opensesame"}


@each_host
@pytest.mark.parametrize(
    "missing", ["GITHUB_TOKEN GITLAB_TOKEN", "GITHUB_EVENT_PATH CI_PROJECT_ID"]
)
def test_without_a_token_or_a_pull_request_nothing_is_asked(
    name: str, host: Host, missing: str, api: CiApi, tmp_path: Path
) -> None:
    given = environ(name, api, tmp_path)
    kept = {key: value for key, value in given.items() if key not in missing.split()}
    assert host.comment("auth", "text", Outside(kept)) == ""
    assert api.tokens == set()


@each_host
def test_a_refusal_is_said_in_the_words_of_the_host(
    name: str, host: Host, api: CiApi, tmp_path: Path
) -> None:
    # What the token of a pull request from a fork gets.
    api.refusal = (403, "Resource not accessible by integration")
    with pytest.raises(OutsideError) as caught:
        host.comment("auth", "text", Outside(environ(name, api, tmp_path)))
    assert str(caught.value) == "answered 403: Resource not accessible by integration"


def test_a_comment_that_is_too_long_is_cut_at_a_line(api: CiApi, tmp_path: Path) -> None:
    outside = Outside(environ("github", api, tmp_path))
    github_actions.comment("auth", "\n".join(["| a row | of a table |"] * 5_000), outside)
    body = api.comments[0]["body"]
    assert len(body) < 31_000
    assert body.split("\n\n")[0].endswith("| a row | of a table |")
    assert body.endswith("all of it is on the page of the job.\n")


def test_a_deployment_is_shown_with_its_end_and_its_address(api: CiApi, tmp_path: Path) -> None:
    outside = Outside(environ("github", api, tmp_path))
    github_actions.deployed(PLACE, outside)
    github_actions.deployed(
        Deployed("auth 2.0.0", "production", "", "refused", ended=False), outside
    )
    assert [one["environment"] for one in api.deployments] == ["staging", "production"]
    assert {one["ref"] for one in api.deployments} == {"4f1c2aa"}
    assert [one["description"] for one in api.deployments] == [
        "auth 2.0.0 at …",
        "auth 2.0.0: refused",
    ]
    assert {one["payload"]["release"] for one in api.deployments} == {"auth 2.0.0"}
    assert [(one["state"], one["environment_url"]) for one in api.states] == [
        ("success", "http://127.0.0.1:8080"),
        ("failure", ""),
    ]


def test_a_rehearsal_tells_no_page_of_environments(api: CiApi, tmp_path: Path) -> None:
    said: list[str] = []
    inert = InertOutside(environ("github", api, tmp_path), would=said.append)
    github_actions.deployed(PLACE, inert)
    assert api.deployments == []
    assert said


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"pull_request": {"number": "7"}}'])
def test_an_event_that_is_no_pull_request_gets_no_comment(
    content: str, api: CiApi, tmp_path: Path
) -> None:
    given = environ("github", api, tmp_path)
    (tmp_path / "event.json").write_text(content)
    assert github_actions.comment("auth", "text", Outside(given)) == ""


@pytest.mark.parametrize("host", [jenkins, local])
def test_other_hosts_have_no_such_pages(host: Host) -> None:
    assert host.comment("auth", "text", Outside({"GITHUB_TOKEN": "x"})) == ""
    host.deployed(PLACE, Outside({"GITHUB_TOKEN": "x"}))
