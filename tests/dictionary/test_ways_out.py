"""What would make a verdict a yes: following it does."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

from ci_steps.dictionary.aliases import record_alias
from ci_steps.model import Verdict
from tests.parts.verdicts import ask_for_evidence, asked, retire, run_in, verify, waive

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary

_TO_VERIFY = re.compile(r"dictionary verify (\S+)@(\S+) (\S+)@(\S+) passed")


@pytest.mark.parametrize(
    ("live", "evidence_required"),
    [
        pytest.param(["auth 201702 in a", "auth 201610 in b"], False, id="one of two may break"),
        pytest.param(["auth 201610 in a", "auth 201702 in b"], False, id="the other one"),
        pytest.param(["auth 201702 in a", "auth 201703 in b"], False, id="both may break"),
        pytest.param(["auth 201610 in a", "auth 201610.1 in b"], True, id="evidence is asked for"),
    ],
)
def test_trying_what_is_named_is_enough(
    dictionary: Dictionary, live: list[str], evidence_required: bool
) -> None:
    run_in(dictionary, *live)
    if evidence_required:
        ask_for_evidence(dictionary)
    report = asked(dictionary, "gis 3.0: auth-201610")
    assert report.verdict is Verdict.UNKNOWN
    for match in filter(None, map(_TO_VERIFY.search, report.ways_out)):
        dependent, its_version, provider, version = match.groups()
        verify(dictionary, f"{dependent} {its_version}", f"{provider} {version}", passed=True)
    assert asked(dictionary, "gis 3.0: auth-201610").verdict is Verdict.YES


def test_of_several_versions_of_a_line_the_one_to_replace_is_named(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.3.0 in a", "auth 1.1.0 in b")
    way = asked(dictionary, "gis 3.0: auth-1.2").ways_out[0]
    assert way == "deploy what auth-1.2 asks for to production first, in place of 1.1.0"
    run_in(dictionary, "auth 1.3.0 in b")
    assert asked(dictionary, "gis 3.0: auth-1.2").verdict is Verdict.YES


@pytest.mark.parametrize("train", [("auth 2.0.0", "gis 3.0: auth-1.1"), ("auth 2.0.0: auth-1.1",)])
def test_what_goes_along_needs_another_version_or_the_old_line(
    dictionary: Dictionary, train: tuple[str, ...]
) -> None:
    run_in(dictionary, "auth 1.1.0")
    dependent = train[-1].split()[0]
    assert asked(dictionary, *train).ways_out[:2] == (
        "release auth 2.0.0 beside 1.1.0: --beside",
        f"choose a version of {dependent} that does not need auth-1.1",
    )
    assert asked(dictionary, *train, beside=True).verdict is Verdict.YES


def test_who_named_a_slot_may_stand_beside_it_instead(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0", "gis 3.0: auth-1.1")
    ways = asked(dictionary, "auth 2.0.0 in 1").ways_out
    assert ways[0] == "release auth 2.0.0 beside 1.1.0: --beside instead of --slot 1"


def test_nobody_is_told_to_deploy_what_is_retired(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0")
    retire(dictionary, "mail", "1", "letters are read")
    report = asked(dictionary, "gis 3.0: mail-1.1 auth-1.1")
    assert "mail is not live in production, and mail-1 is retired: letters are read" in report.text
    assert report.ways_out[0] == "move gis 3.0 to a line of mail that is not retired"
    assert not any("deploy" in way for way in report.ways_out)


def test_beside_eases_a_circle_only_where_the_old_line_is_what_somebody_waits_for(
    dictionary: Dictionary,
) -> None:
    run_in(dictionary, "auth 1.1.0", "gis 3.0: auth-1.1", "mail 1.0: web-1", "web 1.0: mail-1")
    eased = asked(dictionary, "auth 2.0.0", "gis 4.0: auth-2.0").obstacle
    assert eased.endswith("; release auth 2.0.0 beside 1.1.0 first")
    assert asked(dictionary, "auth 2.0.0", beside=True).verdict is Verdict.YES
    stuck = asked(dictionary, "mail 2.0: web-2", "web 2.0: mail-2").obstacle
    assert "circle" in stuck
    assert "beside" not in stuck


def test_a_waiver_outlives_the_service_that_took_the_name(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0", "gis 3.0: login-1.1")
    waive(dictionary, "login", "gis", date(2018, 1, 1))
    assert asked(dictionary, "auth 2.0.0").verdict is Verdict.YES  # a name of its own as yet
    with dictionary.writing() as connection:
        record_alias(connection, "login", "auth")
    (edge,) = asked(dictionary, "auth 2.0.0").edges
    assert edge.verdict is None
