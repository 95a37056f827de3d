"""Results of Pact, in the forms that the Pact Broker and pact_verifier write."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ci_steps.dictionary.pact_results import Party, read_results
from ci_steps.errors import ConfigError
from ci_steps.versions import parse_version

LINK = "https://broker.example/pacts/provider/Auth%20Service/consumer/GIS/version/201610"
PUBLISHED = {
    "providerName": "Auth Service",
    "providerApplicationVersion": "1.1.3",
    "success": True,
    "buildUrl": "https://ci.example/17",
    "verificationDate": "2017-10-01T12:00:00+00:00",
    "_links": {"pb:pact-version": {"href": LINK}},
}
ROW = {
    "consumer": {"name": "gis", "version": {"number": "201610"}},
    "provider": {"name": "auth", "version": {"number": "1.1.3"}},
    "verificationResult": {"success": False, "verifiedAt": "2017-10-01T12:00:00Z"},
}
REPORT = {"result": True, "errors": [], "pendingErrors": [], "notices": [], "output": []}
GIS, AUTH = Party("gis", parse_version("201610")), Party("auth", parse_version("1.1.3"))


def results(content: Any, *given: Party) -> list[str]:
    found = read_results(json.dumps(content), "results.json", *given)
    return [
        f"{one.dependent} {one.provider} {'passed' if one.passed else 'failed'}"
        for one in found.tried
    ]


def test_a_published_result_is_read() -> None:
    assert results(PUBLISHED) == ["gis@201610 auth-service@1.1.3 passed"]


def test_results_in_a_list_are_read() -> None:
    listed = {"_embedded": {"verificationResults": [PUBLISHED, PUBLISHED]}, "success": True}
    assert len(results(listed)) == 2


def test_the_matrix_is_read_without_rows_that_nobody_verified() -> None:
    matrix = {"matrix": [ROW, {**ROW, "verificationResult": None}]}
    assert results(matrix) == ["gis@201610 auth@1.1.3 failed"]


def test_a_report_of_the_verifier_needs_both_sides_from_the_command_line() -> None:
    assert results(REPORT, GIS, AUTH) == ["gis@201610 auth@1.1.3 passed"]
    with pytest.raises(ConfigError, match="the name of the dependent is not said"):
        results(REPORT)


@pytest.mark.parametrize(
    ("content", "given", "said"),
    [
        pytest.param({}, (), "holds no result of a verification", id="another form"),
        pytest.param([], (), "holds no result of a verification", id="a list"),
        pytest.param({**PUBLISHED, "success": "true"}, (), "expected true or false", id="text"),
        pytest.param({**PUBLISHED, "verificationDate": "soon"}, (), "'soon' is not", id="time"),
        pytest.param(
            {**PUBLISHED, "providerApplicationVersion": 1.1}, (), "is a number", id="number"
        ),
        pytest.param(
            {**REPORT, "interactionResults": []}, (GIS, AUTH), "nothing was verified", id="empty"
        ),
    ],
)
def test_what_proves_nothing_is_refused(content: Any, given: tuple[Party, ...], said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        results(content, *given)
    assert said in str(refused.value.problems[0].text)


@pytest.mark.parametrize("version", ["4e8a91c", "4E8A91C", "1.0.0+4e8a91c"])
def test_a_commit_stands_where_the_version_is_none_of_ours(version: str) -> None:
    assert results({**PUBLISHED, "providerApplicationVersion": version}) == [
        "gis@201610 auth-service@4e8a91c passed"
    ]


@pytest.mark.parametrize(
    ("side", "said"),
    [
        pytest.param(
            {"name": "auth", "version": {"number": "main"}},
            "matrix[1]: 'main' is neither a version of ours nor a commit",
            id="a branch",
        ),
        pytest.param(
            {"name": "auth", "version": {"number": "4e8a91"}},
            "matrix[1]: '4e8a91' is neither a version of ours nor a commit",
            id="too little of a commit",
        ),
        pytest.param(
            {"name": "Auth (old)", "version": {"number": "1.0.0"}},
            "matrix[1]: 'auth-(old)' is not",
            id="a name",
        ),
    ],
)
def test_what_can_be_about_nothing_of_ours_is_left_out_and_told(
    side: dict[str, Any], said: str
) -> None:
    matrix = {"matrix": [ROW, {**ROW, "provider": side}]}
    found = read_results(json.dumps(matrix), "results.json")
    assert len(found.tried) == 1
    assert str(found.left_out[0]).startswith(f"results.json: {said}")


def test_the_command_line_may_not_contradict_the_file() -> None:
    with pytest.raises(ConfigError):
        results({"matrix": [ROW]}, Party("web"))


def test_text_that_is_no_json_is_named_with_its_line() -> None:
    with pytest.raises(ConfigError) as refused:
        read_results("{\n nonsense", "results.json")
    assert refused.value.problems[0].line == 2
