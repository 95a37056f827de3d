from __future__ import annotations

from datetime import datetime, timezone
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from ci_steps.dependencies import check, judge_known, judge_running, overall, table
from ci_steps.deploying.replicas import agreeing
from ci_steps.model import Deployment, Release, Verdict
from ci_steps.outside import Outside
from ci_steps.probes import http
from ci_steps.protocols import Found, Job, Question
from ci_steps.versions import Requirement, parse_requirement, parse_version
from tests.parts.http import says_json, serving, waits_for

if TYPE_CHECKING:
    from collections.abc import Sequence

AT = datetime(2017, 10, 1, tzinfo=timezone.utc)
HERE, THERE = "http://10.0.0.1:80", "http://10.0.0.2:80"


def answers(version: str, address: str = HERE) -> Found:
    return Found(f"{address}/version", parse_version(version), address=address)


def silent(address: str = HERE) -> Found:
    return Found(f"{address}/version", problem="connection refused", address=address)


def recorded(version: str, address: str = HERE) -> Found:
    where = "dictionary, staging"
    return Found(where, parse_version(version), recorded=True, address=address)


def released(version: str) -> Found:
    return Found("dictionary", parse_version(version), released=True)


def running(requirement: str, *found: Found) -> tuple[str, str]:
    """Return verdict and reason in an environment."""
    checked = judge_running(parse_requirement(requirement), found, "staging")
    return checked.verdict.value, checked.reason


def known(requirement: str, *found: Found) -> tuple[str, str]:
    """Return verdict and reason at build time."""
    checked = judge_known(parse_requirement(requirement), found)
    return checked.verdict.value, checked.reason


# What runs.


@pytest.mark.parametrize("version", ["1.1", "1.1.3", "1.9"])
def test_a_running_version_that_satisfies_is_a_yes(version: str) -> None:
    assert running("auth-1.1", answers(version)) == ("yes", "")


def test_an_older_running_version_is_a_no() -> None:
    assert running("auth-1.1", answers("1.0.9")) == ("no", "1.0.9: older than 1.1")


def test_a_later_date_may_break_and_is_unknown() -> None:
    assert running("gis-v1_20171001-2", answers("v1_20171101-1")) == (
        "unknown",
        "v1_20171101-1: a later date of the same main version may break",
    )


def test_another_line_alone_is_a_no() -> None:
    assert running("auth-1.1", answers("2.0.0")) == ("no", "line 1 is not live: found 2.0.0")


def test_a_date_is_not_looked_for_among_lines() -> None:
    verdict = running("gis-201610", answers("1.0"))
    assert verdict == ("no", "a calver version is not live: found 1.0")


def test_another_line_beside_does_no_harm() -> None:
    assert running("auth-1.1", answers("2.0.0"), answers("1.1.0", THERE)) == ("yes", "")


def test_every_running_version_of_the_line_must_satisfy() -> None:
    found = answers("1.1.0"), answers("1.0.0", THERE)
    assert running("auth-1.1", *found) == ("no", "1.0.0: older than 1.1")


def test_a_no_outweighs_what_is_not_known() -> None:
    found = silent(), answers("1.0.0", THERE)
    assert running("auth-1.1", *found) == ("no", "1.0.0: older than 1.1")


def test_who_does_not_answer_outweighs_who_satisfies() -> None:
    found = silent(), answers("1.1.0", THERE)
    assert running("auth-1.1", *found) == ("unknown", "connection refused")


def test_a_provider_nobody_has_seen_is_unknown() -> None:
    assert running("auth-1.1") == ("unknown", "auth is not live in staging")


def test_what_is_only_released_does_not_run() -> None:
    assert running("auth-1.1", released("1.1.0")) == ("unknown", "auth is not live in staging")


@pytest.mark.parametrize(
    ("need", "versions", "verdict", "reason"),
    [
        ("auth-1.1", ("1.1.0", "2.0.0"), "unknown", "1.1.0: its replicas disagree: 1.1.0, 2.0.0"),
        ("auth-1.1", ("1.1.0", "1.0.0"), "no", "1.0.0: older than 1.1"),
        ("auth-3", ("1.1.0", "2.0.0"), "no", "line 3 is not live: found 1.1.0, 2.0.0"),
    ],
)
def test_replicas_that_disagree_are_never_a_yes(
    need: str, versions: Sequence[str], verdict: str, reason: str
) -> None:
    assert running(need, *agreeing(map(answers, versions))) == (verdict, reason)


def test_where_callers_choose_a_line_only_the_replicas_of_that_must_agree() -> None:
    found = agreeing(map(answers, ("1.1.0", "2.0.0", "2.1.0")), by_line=True)
    assert running("auth-1.1", *found) == ("yes", "")
    assert running("auth-2", *found)[0] == "unknown"


# What runs, and what the dictionary says about it.


def test_the_dictionary_counts_where_no_address_is_known() -> None:
    assert running("auth-1.1", recorded("1.1.0", "")) == ("yes", "")
    assert running("auth-1.1", recorded("1.0.0", "")) == ("no", "1.0.0: older than 1.1")


def test_an_address_that_does_not_answer_is_unknown_although_the_dictionary_knows_it() -> None:
    assert running("auth-1.1", silent(), recorded("1.1.0")) == (
        "unknown",
        "connection refused; the dictionary says 1.1.0",
    )


@pytest.mark.parametrize(
    ("answered", "said", "verdict", "reason"),
    [
        ("1.0.0", "1.1.0", "no", "1.0.0: older than 1.1; the dictionary says 1.1.0"),
        ("1.1.0", "1.0.0", "yes", "the dictionary says 1.0.0"),
        ("2.0.0", "1.1.0", "no", "line 1 is not live: found 2.0.0; the dictionary says 1.1.0"),
    ],
)
def test_what_answers_counts_more_than_the_dictionary_and_that_is_said(
    answered: str, said: str, verdict: str, reason: str
) -> None:
    assert running("auth-1.1", answers(answered), recorded(said)) == (verdict, reason)


def test_a_dictionary_that_agrees_is_not_mentioned() -> None:
    assert running("auth-1.1", answers("1.1.0"), recorded("1.1")) == ("yes", "")


def test_a_configured_address_stands_for_all_that_is_recorded() -> None:
    found = answers("1.1.0", "https://auth.shop.example"), recorded("1.0.0"), recorded("2.0", "")
    verdict, reason = running("auth-1.1", *found)
    assert verdict == "yes"
    assert reason == "the dictionary says 1.0.0, 2.0"


def test_a_recorded_line_that_was_not_asked_counts_beside_one_that_was() -> None:
    found = answers("2.0.0"), recorded("2.0.0"), recorded("1.1.0", "")
    assert running("auth-1.1", *found) == ("yes", "")


def test_silence_of_another_line_does_no_harm() -> None:
    found = silent(), recorded("2.0.0"), answers("1.1.0", THERE), recorded("1.1.0", THERE)
    assert running("auth-1.1", *found) == ("yes", "")


def test_silence_of_the_only_line_there_is_proves_nothing() -> None:
    verdict, reason = running("auth-1.1", silent(), recorded("2.0.0"))
    assert (verdict, reason) == ("unknown", "connection refused")


# What is known at build time.


def test_one_known_version_that_satisfies_is_enough() -> None:
    found = released("1.0.0"), released("1.2.0"), released("2.0.0"), silent()
    assert known("auth-1.1", *found) == ("yes", "")


def test_what_is_live_is_known() -> None:
    assert known("auth-1.1", recorded("1.1.0")) == ("yes", "")


def test_known_versions_of_which_none_satisfies_are_a_no() -> None:
    assert known("auth-1.1", released("1.0.0"), released("0.9.0")) == (
        "no",
        "1.0.0: older than 1.1",
    )


def test_a_line_that_nobody_released_is_a_no_that_names_the_newest() -> None:
    assert known("auth-3", released("1.9.0"), released("1.10.0")) == (
        "no",
        "line 3 does not exist: found 1.10.0",
    )


def test_versions_of_two_schemes_are_both_looked_at() -> None:
    found = released("v1_20171001-1"), released("1.0.0"), released("1.1.0"), released("201610")
    assert known("auth-1.1", *found) == ("yes", "")


def test_only_a_later_date_is_unknown() -> None:
    verdict, _ = known("gis-v1_20171001-2", released("v1_20171001-1"), released("v1_20171101-1"))
    assert verdict == "unknown"


def test_a_source_that_does_not_answer_might_know_the_version() -> None:
    problem = Found("https://git.shop.example", problem="not found", released=True)
    assert known("auth-1.1", released("1.0.0"), problem) == ("unknown", "not found")


def test_a_provider_nobody_knows_is_unknown() -> None:
    assert known("auth-1.1") == ("unknown", "no version of auth is known")


# All requirements of a job.


class Releases:
    """A dictionary that knows what was released and nothing else."""

    def __init__(self, **versions: str) -> None:
        self._versions = versions

    def releases(self, service: str) -> Sequence[Release]:
        version = self._versions.get(service)
        return (Release(service, parse_version(version), "abc"),) if version else ()


def job(requirements: Sequence[str], find: Any, **known_releases: str) -> Job:
    parts = {
        "requirements": tuple(map(parse_requirement, requirements)),
        "find": find,
        "outside": Outside({}),
        "dictionary": Releases(**known_releases),
    }
    # Only these four parts of a job may matter here.
    return SimpleNamespace(**parts)  # type: ignore[return-value]


def test_at_build_time_the_releases_in_the_dictionary_are_known() -> None:
    (checked,) = check(job(["auth-1.1"], lambda *_: (), auth="1.1.0"), "")
    assert checked.verdict is Verdict.YES
    assert checked.found == (released("1.1.0"),)


def test_in_an_environment_the_releases_in_the_dictionary_do_not_count() -> None:
    (checked,) = check(job(["auth-1.1"], lambda *_: (), auth="1.1.0"), "staging")
    assert checked.verdict is Verdict.UNKNOWN


def test_fifty_providers_are_all_asked_before_the_first_has_answered() -> None:
    names = [f"service-{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(50)]
    with serving(waits_for(50, says_json({"version": "1.1.0"}))) as server:

        def find(provider: str, environment: str) -> tuple[Found, ...]:
            version = parse_version("1.1.0")
            live = Deployment(provider, version, "c", environment, "1", AT, server.address)
            question = Question(provider, environment, (live,), timeout_seconds=20)
            return http.ask(question, http.Options(), Outside({}))

        checked = check(job([f"{name}-1.1" for name in names], find), "staging")
    assert [one.requirement.provider for one in checked] == names
    assert {one.verdict for one in checked} == {Verdict.YES}


def test_the_table_says_what_was_required_found_where_and_decided() -> None:
    found = answers("1.0.0"), recorded("1.1.0")
    checked = [
        judge_running(parse_requirement("auth-1.1"), found, "staging"),
        judge_running(parse_requirement("gis-201610"), (), "staging"),
        judge_known(parse_requirement("mail-1"), (released("1.2.0"),)),
    ]
    shown = table(checked, "Dependencies")
    assert shown.columns == ("required", "found", "where", "verdict")
    assert shown.rows == (
        (
            "auth-1.1",
            "1.0.0",
            f"{HERE}/version",
            "no: 1.0.0: older than 1.1; the dictionary says 1.1.0",
        ),
        ("gis-201610", "nothing", "", "unknown: gis is not live in staging"),
        ("mail-1", "1.2.0", "dictionary", "yes"),
    )


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ((), "yes"),
        (("1.1",), "yes"),
        (("1.1", "?"), "unknown"),
        (("1.1", "?", "1.0"), "no"),
    ],
)
def test_the_worst_verdict_is_that_of_all(found: Sequence[str], verdict: str) -> None:
    need: Requirement = parse_requirement("auth-1.1")
    judged = [
        judge_running(need, () if version == "?" else (answers(version),), "staging")
        for version in found
    ]
    assert overall(judged).value == verdict
