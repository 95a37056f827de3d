"""May it go there? Each rule of docs/verdicts.md in small worlds, asked from both ends."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from ci_steps.comparisons.changes import Change, Level
from ci_steps.dictionary.contracts.kept import Comparison, keep_comparison, keep_contract
from ci_steps.dictionary.verdicts.named import may_deploy_named
from ci_steps.dictionary.verdicts.reasons import Reason, VerdictReport
from ci_steps.errors import UsageError
from ci_steps.model import Verdict
from ci_steps.versions import parse_version
from tests.parts.dictionaries import NOON, deployed, release, ship
from tests.parts.verdicts import (
    TODAY,
    ask_for_evidence,
    asked,
    call_before,
    observe,
    retire,
    run_in,
    said,
    verify,
    waive,
)

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary

YES, NO, UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN
YESTERDAY = TODAY - timedelta(days=1)


def answer(report: VerdictReport) -> tuple[Verdict, Reason]:
    return report.verdict, report.reason


def named(
    dictionary: Dictionary, service: str, version: str, environment: str = "production"
) -> VerdictReport:
    """Return the verdict about what people name."""
    asked_for = [(service, parse_version(version))]
    return may_deploy_named(dictionary, asked_for, environment, today=TODAY)


# Rule 1: what nobody knows.


@pytest.mark.parametrize(
    ("service", "environment", "message"),
    [
        ("auht", "production", "unknown service 'auht', did you mean auth"),
        ("gsi", "production", "unknown service 'gsi', did you mean gis"),
        ("auth", "prodution", "unknown environment 'prodution', did you mean production"),
        ("gis", "prodution", "unknown environment 'prodution', did you mean production"),
        ("x'; DROP TABLE release; --", "production", "unknown service"),
        ("ключ" * 80, "production", "unknown service"),
    ],
)
def test_a_name_that_nobody_knows_is_no_verdict(
    dictionary: Dictionary, service: str, environment: str, message: str
) -> None:
    run_in(dictionary, "auth 1.1.0", "gis 3.0.0: auth-1.1")
    with pytest.raises(UsageError, match=message):
        named(dictionary, service, "1.1.0", environment)


@pytest.mark.parametrize(
    ("service", "version", "expected"),
    [
        pytest.param("auth", "1.2.0", (NO, Reason.VERSION_UNKNOWN), id="the provider"),
        pytest.param("gis", "3.1.0", (NO, Reason.VERSION_UNKNOWN), id="the dependent"),
        pytest.param("auth", "1.1", (YES, Reason.ALL_SATISFIED), id="the provider, spelled short"),
        pytest.param("gis", "v3.0", (YES, Reason.ALL_SATISFIED), id="the dependent, with a v"),
    ],
)
def test_a_version_that_nobody_recorded_is_a_no(
    dictionary: Dictionary, service: str, version: str, expected: tuple[Verdict, Reason]
) -> None:
    run_in(dictionary, "auth 1.1.0", "gis 3.0.0: auth-1.1")
    report = named(dictionary, service, version)
    assert answer(report) == expected
    if report.verdict is NO:
        assert report.edges == ()
        assert "record" in report.ways_out[0]


def test_a_version_recorded_elsewhere_is_known(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0", "gis 3.0.0: auth-1.1")
    run_in(dictionary, "auth 1.2.0", "gis 3.1.0: auth-1.2", environment="staging")
    assert answer(named(dictionary, "auth", "1.2.0")) == (YES, Reason.ALL_SATISFIED)
    assert answer(named(dictionary, "gis", "3.1.0")) == (NO, Reason.TOO_OLD)


# Rules 2 and 3: numbers. One requirement and what runs of the provider afterwards, asked when
# the dependent comes last and when the provider does.

NUMBERS = [
    pytest.param("auth-1.1", ["1.1.0"], YES, Reason.SATISFIED, id="the very version"),
    pytest.param("auth-1.1", ["1.4.2"], YES, Reason.SATISFIED, id="a later minor"),
    pytest.param("auth-1", ["1.0.0"], YES, Reason.SATISFIED, id="any of the line"),
    pytest.param("auth-1.1", ["1.0.9"], NO, Reason.TOO_OLD, id="older"),
    pytest.param("auth-1.10", ["1.9.0"], NO, Reason.TOO_OLD, id="ten is more than nine"),
    pytest.param("auth-1.1", ["2.0.0"], NO, Reason.LINE_NOT_LIVE, id="only a later line"),
    pytest.param("auth-2.0", ["1.1.0"], NO, Reason.LINE_NOT_LIVE, id="only an earlier line"),
    pytest.param("auth-1.1", ["1.1.0", "2.0.0"], YES, Reason.SATISFIED, id="both lines"),
    pytest.param("auth-1.1", ["1.1.0", "1.0.0 in b"], NO, Reason.TOO_OLD, id="one slot is older"),
    pytest.param("auth-1.1", ["1.2.0-rc.1"], NO, Reason.PRERELEASE, id="a prerelease"),
    pytest.param("auth-1.2.0-rc.1", ["1.2.0-rc.2"], YES, Reason.SATISFIED, id="one asked for"),
    pytest.param("auth-1.2.0-rc.2", ["1.2.0-rc.1"], NO, Reason.TOO_OLD, id="an older one"),
    pytest.param("auth-201610", ["201610.3"], YES, Reason.SATISFIED, id="a bugfix of the month"),
    pytest.param("auth-201610", ["201611"], UNKNOWN, Reason.MAY_BREAK, id="a later month"),
    pytest.param("auth-201610", ["20161011"], NO, Reason.OTHER_SCHEME, id="months and days"),
    pytest.param(
        "auth-v1_20171001-2", ["v1_20171001-3"], YES, Reason.SATISFIED, id="a later bugfix"
    ),
    pytest.param(
        "auth-v1_20171001-2", ["v1_20171102-1"], UNKNOWN, Reason.MAY_BREAK, id="a later date"
    ),
    pytest.param("auth-1.1", ["v1_20171001-2"], NO, Reason.OTHER_SCHEME, id="another scheme"),
    pytest.param("auth-0.3", ["0.4.0"], UNKNOWN, Reason.MAY_BREAK, id="a minor of line 0"),
]


@pytest.mark.parametrize(("required", "live", "verdict", "reason"), NUMBERS)
def test_as_dependent_every_live_version_of_the_line_must_do(
    dictionary: Dictionary, required: str, live: list[str], verdict: Verdict, reason: Reason
) -> None:
    run_in(dictionary, *(f"auth {version}" for version in live))
    report = asked(dictionary, f"gis 3.0.0: {required}")
    (edge,) = report.edges
    assert (report.verdict, edge.verdict, edge.reason) == (verdict, verdict, reason)
    assert (edge.who, edge.provider, edge.required) == ("gis 3.0.0", "auth", required)


@pytest.mark.parametrize(("required", "live", "verdict", "reason"), NUMBERS)
def test_as_provider_the_same_is_judged_for_every_live_dependent(
    dictionary: Dictionary, required: str, live: list[str], verdict: Verdict, reason: Reason
) -> None:
    *others, last = live
    run_in(dictionary, f"gis 3.0.0: {required}", *(f"auth {version}" for version in others))
    report = asked(dictionary, f"auth {last}", beside=True)
    (edge,) = report.edges
    assert (report.verdict, edge.verdict, edge.reason) == (verdict, verdict, reason)
    assert (edge.who, edge.provider, edge.required) == ("gis 3.0.0", "auth", required)


def test_a_provider_that_does_not_run_there_is_unknown(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0", environment="staging")
    report = asked(dictionary, "gis 3.0.0: auth-1.1")
    assert said(report) == ["gis 3.0.0 auth-1.1 <- nothing: unknown PROVIDER_NOT_LIVE"]
    assert report.ways_out == (
        "deploy what auth-1.1 asks for to production first",
        (
            "or say what runs there without ci-steps: "
            "ci-steps dictionary record auth VERSION production"
        ),
        "or pass on purpose, for a while: --ignore auth --until DATE --reason TEXT",
    )


def test_what_needs_nothing_and_nobody_needs_may_go(dictionary: Dictionary) -> None:
    assert answer(asked(dictionary, "auth 1.1.0")) == (YES, Reason.NO_DEPENDENCIES)


def test_a_dependent_that_is_not_live_there_gives_no_edge(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0", "web 5.0: auth-1.1")
    run_in(dictionary, "gis 3.0.0: auth-1.1", environment="staging")
    run_in(dictionary, "web 5.1")  # the version that needed auth is gone
    assert asked(dictionary, "auth 2.0.0").edges == ()


def test_every_requirement_and_every_dependent_is_listed_the_worst_first(
    dictionary: Dictionary,
) -> None:
    run_in(dictionary, "mail 201610", "gis 201611", "web 5.0: auth-1.1", "map 1.0: auth-2")
    report = asked(dictionary, "auth 1.2.0: gis-201610 mail-201610 sms-1")
    assert said(report) == [
        "map 1.0 auth-2 <- 1.2.0: no LINE_NOT_LIVE",
        "auth 1.2.0 gis-201610 <- 201611: unknown MAY_BREAK",
        "auth 1.2.0 sms-1 <- nothing: unknown PROVIDER_NOT_LIVE",
        "auth 1.2.0 mail-201610 <- 201610: yes SATISFIED",
        "web 5.0 auth-1.1 <- 1.2.0: yes SATISFIED",
    ]
    assert answer(report) == (NO, Reason.LINE_NOT_LIVE)
    assert "map 1.0 needs auth-2" in report.text


def test_a_requirement_on_a_former_name_means_the_service(dictionary: Dictionary) -> None:
    run_in(dictionary, "login 1.1.0", "web 5.0: auth-1.2")
    call_before(dictionary, "auth", "login")
    report = asked(dictionary, "gis 3.0.0: auth-1.1")
    assert said(report) == ["gis 3.0.0 auth-1.1 <- 1.1.0: yes SATISFIED"]
    assert report.edges[0].provider == "login"
    assert said(asked(dictionary, "login 1.2.0")) == ["web 5.0 auth-1.2 <- 1.2.0: yes SATISFIED"]
    assert said(asked(dictionary, "auth 1.0.0")) == ["web 5.0 auth-1.2 <- 1.0.0: no TOO_OLD"]


def test_requirements_in_a_circle_are_judged_like_others(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0: gis-3.0", "gis 3.0.0: auth-1.1")
    assert answer(asked(dictionary, "auth 1.2.0: gis-3.0")) == (YES, Reason.ALL_SATISFIED)
    assert answer(asked(dictionary, "auth 1.2.0: gis-3.1")) == (NO, Reason.TOO_OLD)


def test_a_line_that_was_retired_takes_nothing_new(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 2.0.0", "gis 3.0.0: auth-1.1")
    retire(dictionary, "auth", "1", "nobody called it for a month")
    report = asked(dictionary, "auth 1.2.0", beside=True)
    assert answer(report) == (NO, Reason.LINE_RETIRED)
    assert "nobody called it for a month" in report.text
    assert "choose a version of auth in a line that is not retired" in report.ways_out
    assert said(asked(dictionary, "web 5.0: auth-1.1")) == [
        "web 5.0 auth-1.1 <- 2.0.0: no LINE_RETIRED"
    ]


# Rule 4: evidence.

PROOFS = [
    pytest.param("auth-1.1", "1.0.0", [True], YES, Reason.VERIFIED, id="older, and it works"),
    pytest.param("auth-1.1", "1.2.0", [False], NO, Reason.VERIFICATION_FAILED, id="it fails"),
    pytest.param("auth-1.1", "2.0.0", [True], YES, Reason.VERIFIED, id="another line works"),
    pytest.param("auth-1.1", "2.0.0", [False], NO, Reason.LINE_NOT_LIVE, id="and fails"),
    pytest.param("auth-201610", "201611", [True], YES, Reason.VERIFIED, id="a date that works"),
    pytest.param(
        "auth-201610", "201611", [False], NO, Reason.VERIFICATION_FAILED, id="one that fails"
    ),
    pytest.param("auth-1.1", "1.2.0", [False, True], YES, Reason.VERIFIED, id="mended"),
    pytest.param(
        "auth-1.1", "1.2.0", [True, False], NO, Reason.VERIFICATION_FAILED, id="broken again"
    ),
]


@pytest.mark.parametrize("as_dependent", [True, False])
@pytest.mark.parametrize(("required", "version", "results", "verdict", "reason"), PROOFS)
def test_the_latest_verification_of_two_versions_overrides_their_numbers(
    dictionary: Dictionary,
    required: str,
    version: str,
    results: list[bool],
    verdict: Verdict,
    reason: Reason,
    as_dependent: bool,
) -> None:
    dependent, provider = f"gis 3.0.0: {required}", f"auth {version}"
    there, coming = (provider, dependent) if as_dependent else (dependent, provider)
    run_in(dictionary, there)
    for hours, passed in enumerate(results):
        verify(dictionary, "gis 3.0.0", provider, passed=passed, hours=hours)
    report = asked(dictionary, coming)
    (edge,) = report.edges
    assert (report.verdict, edge.reason) == (verdict, reason)


@pytest.mark.parametrize("as_dependent", [True, False])
@pytest.mark.parametrize(
    ("dependent", "provider"),
    [("gis 3.0.1", "auth 1.0.0"), ("gis 3.0.0", "auth 1.0.1"), ("web 3.0.0", "auth 1.0.0")],
)
def test_a_verification_of_other_versions_says_nothing(
    dictionary: Dictionary, dependent: str, provider: str, as_dependent: bool
) -> None:
    there, coming = "auth 1.0.0", "gis 3.0.0: auth-1.1"
    run_in(dictionary, there if as_dependent else coming)
    verify(dictionary, dependent, provider, passed=True)
    report = asked(dictionary, coming if as_dependent else there)
    assert answer(report) == (NO, Reason.TOO_OLD)


def test_the_spelling_of_a_verified_version_does_not_matter(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.0")
    verify(dictionary, "gis v3.0", "auth v1.0.0", passed=True)
    assert answer(asked(dictionary, "gis 3.0.0: auth-1.1")) == (YES, Reason.ALL_SATISFIED)


def test_every_version_of_the_line_has_to_be_right_the_verified_one_and_the_others(
    dictionary: Dictionary,
) -> None:
    run_in(dictionary, "auth 1.1.0", "auth 1.0.0 in b")
    verify(dictionary, "gis 3.0.0", "auth 1.0.0", passed=True)
    assert said(asked(dictionary, "gis 3.0.0: auth-1.1")) == [
        "gis 3.0.0 auth-1.1 <- 1.1.0 1.0.0: yes SATISFIED"
    ]
    verify(dictionary, "gis 3.0.0", "auth 1.1.0", passed=False)
    assert said(asked(dictionary, "gis 3.0.0: auth-1.1")) == [
        "gis 3.0.0 auth-1.1 <- 1.1.0 1.0.0: no VERIFICATION_FAILED"
    ]


@pytest.mark.parametrize("as_dependent", [True, False])
@pytest.mark.parametrize(
    ("required", "version", "passed", "verdict", "reason"),
    [
        pytest.param("auth-1.1", "1.2.0", None, UNKNOWN, Reason.NOT_VERIFIED, id="only a number"),
        pytest.param("auth-1.1", "1.2.0", True, YES, Reason.VERIFIED, id="verified"),
        pytest.param("auth-1.1", "1.2.0", False, NO, Reason.VERIFICATION_FAILED, id="failed"),
        pytest.param("auth-1.1", "1.0.0", None, NO, Reason.TOO_OLD, id="too old all the same"),
        pytest.param("auth-1.1", "2.0.0", None, NO, Reason.LINE_NOT_LIVE, id="no line"),
    ],
)
def test_where_evidence_is_asked_for_a_number_alone_is_unknown(
    dictionary: Dictionary,
    required: str,
    version: str,
    passed: bool | None,
    verdict: Verdict,
    reason: Reason,
    as_dependent: bool,
) -> None:
    ask_for_evidence(dictionary)
    dependent, provider = f"gis 3.0.0: {required}", f"auth {version}"
    there, coming = (provider, dependent) if as_dependent else (dependent, provider)
    run_in(dictionary, there)
    if passed is not None:
        verify(dictionary, "gis 3.0.0", provider, passed=passed)
    report = asked(dictionary, coming)
    (edge,) = report.edges
    assert (report.verdict, edge.reason) == (verdict, reason)
    if reason is Reason.NOT_VERIFIED:
        pair = f"gis@3.0.0 auth@{version}"
        assert any(f"dictionary verify {pair} passed" in way for way in report.ways_out)


@pytest.mark.parametrize("as_dependent", [True, False])
@pytest.mark.parametrize(
    ("before", "after", "verdict", "reason"),
    [
        pytest.param(" #d1", " #d1", YES, Reason.SAME_CONTRACT, id="the same contract"),
        pytest.param(" #d1", " #d2", UNKNOWN, Reason.MAY_BREAK, id="another contract"),
        pytest.param("", "", UNKNOWN, Reason.MAY_BREAK, id="two that are not known"),
        pytest.param(" #d1", "", UNKNOWN, Reason.MAY_BREAK, id="one that is not known"),
    ],
)
def test_a_date_that_may_break_does_not_with_the_contract_of_the_required_one(
    dictionary: Dictionary,
    before: str,
    after: str,
    verdict: Verdict,
    reason: Reason,
    as_dependent: bool,
) -> None:
    old = f"auth v1_20171001-2{before}"
    new = f"auth v1_20171102-1{after}"
    dependent = "gis 3.0.0: auth-v1_20171001"
    run_in(dictionary, old, new if as_dependent else dependent)
    report = asked(dictionary, dependent if as_dependent else new)
    (edge,) = report.edges
    assert (report.verdict, edge.reason) == (verdict, reason)


@pytest.mark.parametrize("as_dependent", [True, False])
@pytest.mark.parametrize(
    ("levels", "verdict", "reason"),
    [
        pytest.param([Level.COMPATIBLE], YES, Reason.COMPATIBLE_CONTRACT, id="breaks nothing"),
        pytest.param([Level.WARNING], YES, Reason.COMPATIBLE_CONTRACT, id="may break some"),
        pytest.param([Level.BREAKING], NO, Reason.CONTRACT_BREAKS, id="breaks"),
        pytest.param(
            [Level.COMPATIBLE, Level.WARNING, Level.COMPATIBLE],
            YES,
            Reason.COMPATIBLE_CONTRACT,
            id="breaks nothing in three steps",
        ),
        pytest.param(
            [Level.COMPATIBLE, Level.BREAKING], UNKNOWN, Reason.MAY_BREAK, id="breaks on the way"
        ),
        pytest.param([], UNKNOWN, Reason.MAY_BREAK, id="was never compared"),
    ],
)
def test_a_date_that_may_break_does_what_comparing_the_contracts_found(
    dictionary: Dictionary,
    levels: list[Level],
    verdict: Verdict,
    reason: Reason,
    as_dependent: bool,
) -> None:
    old, new = compare_in(dictionary, levels)
    provider = f"auth v1_20171102-1 #{new}"
    dependent = "gis 3.0.0: auth-v1_20171001"
    run_in(dictionary, f"auth v1_20171001-2 #{old}", provider if as_dependent else dependent)
    report = asked(dictionary, dependent if as_dependent else provider)
    (edge,) = report.edges
    assert (report.verdict, edge.reason) == (verdict, reason)


def compare_in(dictionary: Dictionary, levels: list[Level]) -> tuple[str, str]:
    """Keep contracts that were compared in a row with these results; return first and last."""
    with dictionary.writing() as connection:
        digests = [
            keep_contract(connection, "api.yaml", {"api.yaml": bytes([number])})
            for number in range(max(len(levels), 1) + 1)
        ]
        for old, new, level in zip(digests, digests[1:], levels, strict=False):
            change = Change("a-rule", level, "GET /", "it changed")
            keep_comparison(connection, Comparison(old, new, "openapi", (change,)), NOON)
    return digests[0], digests[-1]


# Rule 5: what does not count.


@pytest.mark.parametrize("as_dependent", [True, False])
@pytest.mark.parametrize(
    ("until", "expected"),
    [
        pytest.param(TODAY, "ignored IGNORED", id="on its last day"),
        pytest.param(date(2018, 1, 1), "ignored IGNORED", id="for some time"),
        pytest.param(YESTERDAY, "no TOO_OLD", id="a day too late"),
    ],
)
def test_an_edge_with_a_waiver_is_listed_and_not_judged_until_it_ends(
    dictionary: Dictionary, until: date, expected: str, as_dependent: bool
) -> None:
    there, coming = "auth 1.0.0", "gis 3.0.0: auth-1.1"
    if not as_dependent:
        there, coming = coming, there
    run_in(dictionary, there)
    service, other = ("gis", "auth") if as_dependent else ("auth", "gis")
    waive(dictionary, service, other, until)
    report = asked(dictionary, coming)
    assert said(report) == [f"gis 3.0.0 auth-1.1 <- 1.0.0: {expected}"]
    if until < TODAY:
        assert report.verdict is NO
        assert f"the waiver ended on {until}" in report.edges[0].text
    else:
        assert answer(report) == (YES, Reason.IGNORED)
        assert "they know" in report.edges[0].text
        assert str(until) in report.edges[0].text


def test_a_waiver_is_for_one_pair_in_one_environment_and_about_one_service(
    dictionary: Dictionary,
) -> None:
    run_in(dictionary, "auth 1.0.0", "mail 1.0.0")
    run_in(dictionary, "auth 1.0.0", "mail 1.0.0", environment="staging")
    waive(dictionary, "gis", "auth", TODAY)
    assert said(asked(dictionary, "gis 3.0.0: auth-1.1 mail-1.1")) == [
        "gis 3.0.0 mail-1.1 <- 1.0.0: no TOO_OLD",
        "gis 3.0.0 auth-1.1 <- 1.0.0: ignored IGNORED",
    ]
    assert asked(dictionary, "gis 3.0.0: auth-1.1", environment="staging").verdict is NO
    assert asked(dictionary, "web 3.0.0: auth-1.1").verdict is NO
    run_in(dictionary, "gis 3.0.0: auth-1.1")
    # A verdict about auth is another one than a verdict about gis.
    assert asked(dictionary, "auth 1.0.1").verdict is NO


def test_the_version_that_is_replaced_does_not_count(dictionary: Dictionary) -> None:
    run_in(dictionary, "mail 201610", "auth 1.1.0: mail-201609 gis-9", "gis 3.0.0: auth-1.1")
    assert answer(asked(dictionary, "auth 1.2.0: mail-201610")) == (YES, Reason.ALL_SATISFIED)
    # As provider: gis 3.0.0 goes, and with it what it needed of auth.
    assert answer(asked(dictionary, "gis 3.1.0")) == (NO, Reason.LINE_NOT_LIVE)
    assert said(asked(dictionary, "auth 2.0.0", "gis 3.1.0: auth-2.0")) == [
        "gis 3.1.0 auth-2.0 <- 2.0.0: yes SATISFIED"
    ]


def test_edges_of_others_do_not_count(dictionary: Dictionary) -> None:
    run_in(dictionary, "mail 201609", "web 5.0: mail-201610 auth-1.1", "auth 1.1.0")
    assert answer(asked(dictionary, "auth 1.2.0")) == (YES, Reason.ALL_SATISFIED)
    assert answer(asked(dictionary, "gis 3.0.0: auth-1.1")) == (YES, Reason.ALL_SATISFIED)


def test_a_dependent_in_two_slots_is_one_edge_until_one_slot_differs(
    dictionary: Dictionary,
) -> None:
    run_in(dictionary, "gis 3.0.0: auth-1.1", "gis 3.0.0 in b: auth-1.1", "auth 1.1.0")
    assert len(asked(dictionary, "auth 1.2.0").edges) == 1
    run_in(dictionary, "gis 3.1.0 in b: auth-1.2")
    assert said(asked(dictionary, "auth 1.1.1")) == [
        "gis 3.1.0 auth-1.2 <- 1.1.1: no TOO_OLD",
        "gis 3.0.0 auth-1.1 <- 1.1.1: yes SATISFIED",
    ]


# Which slot it takes.


@pytest.mark.parametrize(
    ("live", "coming", "beside", "slot", "replaces"),
    [
        pytest.param([], "auth 1.1.0", False, "1", "", id="nothing runs"),
        pytest.param(["1.1.0"], "auth 1.2.0", False, "1", "1.1.0", id="the same line"),
        pytest.param(["1.1.0"], "auth 1.2.0", True, "1", "1.1.0", id="a line is there once"),
        pytest.param(["1.1.0"], "auth 2.0.0", False, "1", "1.1.0", id="a new line"),
        pytest.param(["1.1.0"], "auth 2.0.0", True, "2", "", id="a new line beside"),
        pytest.param(["1.1.0", "2.0.0"], "auth 3.0.0", False, "2", "2.0.0", id="the newest"),
        pytest.param(["2.0.0 in 1"], "auth 1.2.0", True, "1-2", "", id="its slot is taken"),
        pytest.param(["1.1.0", "2.0.0"], "auth 2.1.0 in 1", False, "1", "1.1.0", id="as told"),
        pytest.param(["1.1.0"], "auth 1.2.0 in b", False, "b", "", id="a slot of its own"),
    ],
)
def test_it_takes_the_slot_that_a_deployment_would_take(
    dictionary: Dictionary, live: list[str], coming: str, beside: bool, slot: str, replaces: str
) -> None:
    for hours, version in enumerate(live):
        label, _, place = f"auth {version}".partition(" in ")
        wanted = release(label)
        where = deployed(wanted, hours=hours)
        run_in(dictionary, f"auth {version}") if place else dictionary.record_deployment(
            wanted, where, production=True
        )
    (placed,) = asked(dictionary, coming, beside=beside).candidates
    assert (placed.slot, placed.replaces) == (slot, replaces)


# What would make it a yes.


def test_replacing_a_line_that_is_needed_is_no_and_beside_or_later_it_is_yes(
    dictionary: Dictionary,
) -> None:
    run_in(dictionary, "auth 1.1.0", "gis v1_20171001-2: auth-1.1")
    refused = asked(dictionary, "auth 2.0.0")
    assert said(refused) == ["gis v1_20171001-2 auth-1.1 <- 2.0.0: no LINE_NOT_LIVE"]
    assert refused.ways_out == (
        "release auth 2.0.0 beside 1.1.0: --beside",
        "wait until gis v1_20171001-2 no longer needs auth-1.1",
        "or pass on purpose, for a while: --ignore gis --until DATE --reason TEXT",
    )
    assert asked(dictionary, "auth 2.0.0", beside=True).verdict is YES
    run_in(dictionary, "auth 2.0.0", "gis v1_20171102-1: auth-2.0")
    assert asked(dictionary, "auth 2.0.1 in 1").verdict is YES


def test_beside_is_offered_only_where_it_helps(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.0.0", "gis 3.0.0: auth-1.1")
    assert not any("beside" in way for way in asked(dictionary, "auth 2.0.0").ways_out)


@pytest.mark.parametrize(
    ("live", "coming", "way"),
    [
        (["auth 1.0.0"], "gis 3.0: auth-1.1", "deploy what auth-1.1 asks for to production first"),
        (["gis 3.0: auth-1.1"], "auth 1.0.0", "choose another version of auth: gis 3.0 needs"),
        (["auth 1.1.0-rc.1"], "gis 3.0: auth-1.1", "deploy what auth-1.1 asks for"),
        (["auth 201611"], "gis 3.0: auth-201610", "ci-steps dictionary verify gis@3.0 auth@201611"),
    ],
)
def test_each_reason_has_its_way_out(
    dictionary: Dictionary, live: list[str], coming: str, way: str
) -> None:
    run_in(dictionary, *live)
    assert any(way in offered for offered in asked(dictionary, coming).ways_out)


def test_a_yes_needs_no_way_out(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0")
    assert asked(dictionary, "gis 3.0: auth-1.1").ways_out == ()


# What really runs.

HERE = "http://auth.example"


@pytest.mark.parametrize("as_dependent", [True, False])
def test_what_an_address_answers_is_believed_and_said(
    dictionary: Dictionary, as_dependent: bool
) -> None:
    """Auth 1.1.0 is recorded beside 2.0.0, but its address answers 1.0.0."""
    run_in(dictionary, "auth 1.1.0", address=HERE)
    run_in(dictionary, "gis 3.0: auth-1.1")
    observe(dictionary, "auth", HERE, "1.0.0", hours=1)
    coming = "web 5.0: auth-1.1" if as_dependent else "auth 2.0.0"
    report = asked(dictionary, coming, beside=True)
    (edge,) = report.edges
    assert (edge.verdict, edge.reason, edge.found) == (NO, Reason.TOO_OLD, ("1.0.0",))
    assert "auth answers 1.0.0, recorded is 1.1.0" in edge.text


GIS, IN_FRONT = "http://gis.example", "http://in-front.example"
AS_ANSWERED = pytest.mark.parametrize("answered", ["3.1", "v3.1.0"])


@AS_ANSWERED
@pytest.mark.parametrize("recorded", ["auth-1.1", "sms-1"], ids=["the same need", "another need"])
def test_a_dependent_needs_what_the_version_that_answers_needs(
    dictionary: Dictionary, recorded: str, answered: str
) -> None:
    run_in(dictionary, "gis 3.1: auth-1.2", environment="staging")
    run_in(dictionary, f"gis 3.0: {recorded}", address=GIS)
    observe(dictionary, "gis", GIS, answered, hours=1)
    report = asked(dictionary, "auth 1.1.0")
    assert said(report) == [f"gis {answered} auth-1.2 <- 1.1.0: no TOO_OLD"]
    assert f"gis answers {answered}, recorded is 3.0" in report.edges[0].text


@AS_ANSWERED
def test_a_dependent_that_answers_a_version_without_the_need_is_none(
    dictionary: Dictionary, answered: str
) -> None:
    run_in(dictionary, "gis 3.1: sms-1", environment="staging")
    run_in(dictionary, "gis 3.0: auth-1.1", address=GIS)
    observe(dictionary, "gis", GIS, answered, hours=1)
    assert answer(asked(dictionary, "auth 2.0.0")) == (YES, Reason.NO_DEPENDENCIES)


@pytest.mark.parametrize(
    ("own", "answers", "coming", "edge"),
    [
        pytest.param(
            "",
            {IN_FRONT: "3.1"},
            "auth 1.1.0",
            "gis 3.1 auth-1.2 <- 1.1.0: no TOO_OLD",
            id="one in front is believed, as that of a provider is",
        ),
        pytest.param(
            GIS,
            {GIS: "3.1", IN_FRONT: "3.1"},
            "auth 1.1.0",
            "gis 3.1 auth-1.2 <- 1.1.0: no TOO_OLD",
            id="two with the same answer are one dependent",
        ),
        pytest.param(
            GIS,
            {GIS: "3.0", IN_FRONT: "3.1"},
            "auth 1.0.0",
            "gis 3.0 auth-1.1 <- 1.0.0: no TOO_OLD",
            id="its own is believed before a later one in front",
        ),
    ],
)
def test_the_addresses_of_a_dependent_say_once_what_it_needs(
    dictionary: Dictionary, own: str, answers: dict[str, str], coming: str, edge: str
) -> None:
    run_in(dictionary, "gis 3.1: auth-1.2", environment="staging")
    run_in(dictionary, "gis 3.0: auth-1.1", address=own)
    for hours, (address, answered) in enumerate(answers.items(), start=1):
        observe(dictionary, "gis", address, answered, hours=hours)
    assert said(asked(dictionary, coming)) == [edge]


def test_of_a_version_that_nobody_recorded_the_known_needs_count(dictionary: Dictionary) -> None:
    run_in(dictionary, "gis 3.0: auth-1.1", address=GIS)
    observe(dictionary, "gis", GIS, "3.9", hours=1)
    assert said(asked(dictionary, "auth 1.0.0")) == ["gis 3.9 auth-1.1 <- 1.0.0: no TOO_OLD"]


def test_an_address_that_does_not_answer_changes_nothing_but_is_said(
    dictionary: Dictionary,
) -> None:
    run_in(dictionary, "auth 1.1.0", address=HERE)
    observe(dictionary, "auth", HERE, problem="connection refused", hours=1)
    report = asked(dictionary, "gis 3.0: auth-1.1")
    assert report.verdict is YES
    assert "auth 1.1.0 does not answer: connection refused" in report.edges[0].text


def test_what_answered_before_the_deployment_is_out_of_date(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0", address=HERE)
    observe(dictionary, "auth", HERE, "1.0.0", hours=-1)
    assert asked(dictionary, "gis 3.0: auth-1.1").verdict is YES


def test_the_answer_of_what_is_replaced_does_not_count(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0", address=HERE)
    run_in(dictionary, "gis 3.0: auth-1.1")
    observe(dictionary, "auth", HERE, "1.0.0", hours=1)
    assert asked(dictionary, "auth 1.1.0").verdict is YES


def test_an_address_in_front_of_two_lines_may_answer_for_either(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0", "auth 2.0.0", address=HERE)
    observe(dictionary, "auth", HERE, "2.0.0", hours=1)
    assert asked(dictionary, "gis 3.0: auth-1.1").verdict is YES


def test_dependents_behind_one_address_keep_their_own_needs(dictionary: Dictionary) -> None:
    """Whichever of two gis answers, the other one runs as well and needs what it needs."""
    run_in(dictionary, "auth 1.1.0", "auth 2.0.0 in 2")
    run_in(dictionary, "gis 3.0: auth-1.1", "gis 4.0 in 2: auth-2.0", address=GIS)
    observe(dictionary, "gis", GIS, "4.0", hours=1)
    assert said(asked(dictionary, "auth 2.0.1 in 1")) == [
        "gis 3.0 auth-1.1 <- 2.0.0 2.0.1: no LINE_NOT_LIVE",
        "gis 4.0 auth-2.0 <- 2.0.0 2.0.1: yes SATISFIED",
    ]


@pytest.mark.parametrize("as_dependent", [True, False])
def test_a_line_that_was_never_released_is_a_no_and_of_what_never_ran_nobody_knows(
    dictionary: Dictionary, as_dependent: bool
) -> None:
    there, coming = "auth 1.1.0", "gis 3.0.0: auth-9.1 sms-1"
    if not as_dependent:
        there, coming = coming, there
    run_in(dictionary, there)
    expected = ["gis 3.0.0 auth-9.1 <- 1.1.0: no LINE_NOT_LIVE"]
    if as_dependent:
        expected.append("gis 3.0.0 sms-1 <- nothing: unknown PROVIDER_NOT_LIVE")
    report = asked(dictionary, coming)
    assert said(report) == expected
    assert report.verdict is NO


# Rule 6: the whole is as bad as its worst requirement.


@pytest.mark.parametrize("as_dependent", [True, False])
@pytest.mark.parametrize(
    ("required", "expected"),
    [
        pytest.param([], (YES, Reason.NO_DEPENDENCIES), id="none"),
        pytest.param(["201610"], (YES, Reason.ALL_SATISFIED), id="yes"),
        pytest.param(["201610", "201609"], (UNKNOWN, Reason.MAY_BREAK), id="yes and unknown"),
        pytest.param(["201610", "201611"], (NO, Reason.TOO_OLD), id="yes and no"),
        pytest.param(["201609", "201611"], (NO, Reason.TOO_OLD), id="unknown and no"),
        pytest.param(["201610", "201609", "201611"], (NO, Reason.TOO_OLD), id="all three"),
    ],
)
def test_a_no_outranks_an_unknown_and_an_unknown_a_yes(
    dictionary: Dictionary,
    required: list[str],
    expected: tuple[Verdict, Reason],
    as_dependent: bool,
) -> None:
    """Asked of one service that needs many, and of one that many need."""
    if as_dependent:
        providers = [f"p{number}" for number in range(len(required))]
        run_in(dictionary, *(f"{name} 201610" for name in providers))
        pairs = zip(providers, required, strict=True)
        coming = f"gis 3.0.0: {' '.join(f'{name}-{least}' for name, least in pairs)}"
    else:
        run_in(dictionary, *(f"d{n} 1.0: auth-{least}" for n, least in enumerate(required)))
        coming = "auth 201610"
    report = asked(dictionary, coming)
    assert answer(report) == expected
    assert len(report.edges) == len(required)


# What it costs.


def statements(dictionary: Dictionary, *coming: str) -> int:
    """Return how many statements a verdict asks the database."""
    found: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        found.append(statement)

    event.listen(dictionary.engine, "before_cursor_execute", note)
    try:
        asked(dictionary, *coming)
    finally:
        event.remove(dictionary.engine, "before_cursor_execute", note)
    return len(found)


def test_the_number_of_statements_depends_on_nothing(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0", "gis 3.0.0: auth-1.1", "mail 201610")
    few = statements(dictionary, "auth 1.2.0: mail-201610")
    for patch in range(1, 30):
        ship(dictionary, f"auth 1.1.{patch}", hours=patch)
    run_in(dictionary, *(f"web{number} 1.0.{number}: auth-1.{number}" for number in range(30)))
    many = statements(dictionary, "auth 1.2.0: mail-201610")
    assert many == few <= 13
