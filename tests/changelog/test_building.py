"""The dictionary, tags, fragments and what was published come together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from ci_steps.changelog import ledger
from ci_steps.changelog.building import Sources, build
from ci_steps.changelog.document import ChangeLog, Kind, Severity, Sort, Standing, Status
from ci_steps.changelog.fragments import Fragment
from ci_steps.changelog.plan import Subject, Told, Words
from ci_steps.changelog.subjects import subject_of
from ci_steps.changelog.tags import Tag
from ci_steps.comparisons.changes import Change, Level
from ci_steps.dictionary.contracts.kept import Comparison, keep_comparison, keep_contract
from ci_steps.dictionary.store import Dictionary
from ci_steps.errors import RefusedError, UsageError
from ci_steps.lifecycle.acts import Act
from ci_steps.lifecycle.acts import Kind as ActKind
from ci_steps.usage import Caller, Usage, UsageQuestion
from ci_steps.versions import parse_version
from tests.parts.dictionaries import NOON, deployed, release, ship

DAY = timedelta(days=1)
AT = NOON + 60 * DAY
GONE = Change("api-removed-without-deprecation", Level.BREAKING, "DELETE /tokens", "it was removed")


def built(dictionary: Dictionary, **sources: Any) -> ChangeLog:
    return build(dictionary, "auth", AT, Sources(**sources))


def versions(log: ChangeLog) -> list[str]:
    return [one.version for one in log.history]


def compared(dictionary: Dictionary) -> None:
    """Record auth 1.1.0 and 2.0.0, whose contracts were compared."""
    with dictionary.writing() as connection:
        old, new = (keep_contract(connection, "api", {"api": text}) for text in (b"1", b"2"))
        keep_comparison(connection, Comparison(old, new, "openapi", (GONE,)), NOON)
    for label, digest, hours in (("auth 1.1.0", old, 0), ("auth 2.0.0", new, 1)):
        of = release(label, "tax-1", contract=digest)
        dictionary.record_deployment(of, deployed(of, hours=hours), production=True)


def test_what_production_had_is_history_and_a_candidate_is_not(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1.0", "tax-1")
    ship(dictionary, "auth 1.2.0", environment="staging", commit="c2")
    log = built(dictionary)
    (one,) = log.history
    assert (one.version, one.bump, one.commit, one.at) == ("1.1.0", "first", "c1", NOON)
    assert one.requirements == ("tax-1",)


def test_changes_come_from_the_comparison_of_contracts(dictionary: Dictionary) -> None:
    compared(dictionary)
    newest, oldest = built(dictionary).history
    (change,) = newest.changes
    assert (newest.bump, oldest.changes) == ("major", ())
    assert (change.sort, change.severity, change.what) == (
        Sort.REMOVED,
        Severity.BREAKING,
        "DELETE /tokens",
    )


def test_what_people_wrote_about_a_change_is_said_of_that_one(dictionary: Dictionary) -> None:
    compared(dictionary)
    wrote = Fragment(Sort.REMOVED, "They expire.", "DELETE /tokens", "Leave it out.", "2.0.0")
    (change,) = built(dictionary, fragments=[wrote]).history[0].changes
    assert (change.text, change.migration) == ("They expire.", "Leave it out.")
    assert (change.severity, change.rule) == (Severity.BREAKING, GONE.rule)


def test_what_has_no_version_belongs_to_the_one_that_is_built(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1.0")
    wrote = [Fragment(Sort.FIXED, "It starts.")]
    to_come = built(dictionary, fragments=wrote, version=parse_version("1.1.1"))
    assert ([one.text for one in to_come.unreleased], to_come.history[0].changes) == (
        ["It starts."],
        (),
    )
    ship(dictionary, "auth 1.1.1", commit="c2", hours=1)
    log = built(dictionary, fragments=wrote, version=parse_version("1.1.1"), published=to_come)
    assert ([one.text for one in log.history[0].changes], log.unreleased) == (["It starts."], ())
    later = built(dictionary, fragments=wrote, version=parse_version("1.2.0"), published=log)
    assert (later.history, later.unreleased) == (log.history, ()), "its file was left there"


def test_what_was_published_outlives_the_dictionary_and_only_grows(dictionary: Dictionary) -> None:
    compared(dictionary)
    log = built(dictionary)
    note = replace(log.history[0].changes[0], text="as published")
    old = replace(log.history[1], version="1.0.0")
    edited = replace(log.history[0], changes=(note,), digest="")
    published = replace(log, history=(edited, log.history[1], old))
    wrote = Fragment(Sort.FIXED, "It starts.", version="1.0.0")
    again = built(dictionary, published=published, fragments=[wrote])
    assert again.history[2].changes == (wrote.change,)
    assert versions(again) == ["2.0.0", "1.1.0", "1.0.0"]
    assert [one.bump for one in again.history] == ["major", "feature", "first"]
    assert again.history[0].changes == (note,)


def test_tags_add_what_no_dictionary_knows(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1.0")
    known = [
        Tag("v1.0.0", parse_version("1.0.0"), NOON - DAY, "c0"),
        Tag("v1.1", parse_version("1.1"), NOON + DAY, "other"),
    ]
    log = built(dictionary, tags=known)
    assert versions(log) == ["1.1.0", "1.0.0"]
    assert [(one.commit, one.tag) for one in log.history] == [("c1", "v1.1"), ("c0", "v1.0.0")]


def test_line_ten_stands_before_line_nine(dictionary: Dictionary) -> None:
    for label in ("auth 9.0.0", "auth 10.0.0"):
        ship(dictionary, label)
    log = built(dictionary)
    assert versions(log) == ["10.0.0", "9.0.0"]
    assert [one.version for one in log.current[0].versions] == ["10.0.0", "9.0.0"]


def test_who_needs_a_line_is_told_by_deployment_declaration_and_call(
    dictionary: Dictionary,
) -> None:
    for label in ("auth 1.1.0", "auth 2.0.0"):
        ship(dictionary, label)
    ship(dictionary, "gis 3.0", "auth-1.1", hours=2)
    ship(dictionary, "mail 1.0", "auth-1", environment="staging")

    def observe(question: UsageQuestion) -> Usage:
        callers = (Caller("batch", 7, AT - DAY),) if question.line == "1" else ()
        return Usage("seen", question.since, AT - DAY, callers)

    newest, old = built(dictionary, observe=observe).current[0].versions
    (gis,) = old.dependents.deployed
    assert (gis.service, gis.version, gis.needs) == ("gis", "3.0", "auth-1.1")
    assert gis.since == NOON + timedelta(hours=2)
    assert old.dependents.declared == ("mail in staging",)
    assert [(one.name, one.calls) for one in old.dependents.called] == [("batch", 7)]
    assert old.calls.last_call == AT - DAY
    assert newest.end is None
    assert old.end is not None
    assert old.end.reason == "NEEDED"
    assert [one.partition(" until")[0] for one in old.end.conditions] == [
        "gis no longer needs it",
        "nobody calls it",
        "mail in staging no longer declared as needing it",
        "its end is announced, 30 days ahead",
    ]


def test_that_nobody_looks_is_never_that_nobody_calls(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1.0")
    calls = built(dictionary).current[0].versions[0].calls
    assert (calls.last_call, calls.problem) == (None, "nothing observes its calls")


def test_a_service_that_nobody_knows_has_its_tags_and_fragments(dictionary: Dictionary) -> None:
    log = built(
        dictionary,
        tags=[Tag("1.0.0", parse_version("1.0.0"), NOON, "c0")],
        fragments=[Fragment(Sort.ADDED, "All of it.")],
    )
    assert (versions(log), log.current, log.plan) == (["1.0.0"], (), ())
    assert len(log.unreleased) == 1


# The plan.


def told(kind: ActKind, day: date | None = None, at: datetime = NOON, **words: Any) -> Told:
    return Told(Act(kind, at, "auth-team", "we said so", day), Words(**words))


def decide(dictionary: Dictionary, subject: Subject, *acts: Told) -> None:
    dictionary.write(lambda connection: ledger.add(connection, "auth", subject, acts))


OPERATION = Subject(Kind.OPERATION, "GET /old")
LINE = Subject(Kind.LINE, "1", "production")


def test_the_plan_of_a_line_is_its_retirement(dictionary: Dictionary) -> None:
    compared(dictionary)
    decide(dictionary, LINE, told(ActKind.ANNOUNCE, date(2018, 1, 1)))
    wrote = Fragment(Sort.REMOVED, "They expire.", "DELETE /tokens", "Leave it out.", "2.0.0")
    log = built(dictionary, fragments=[wrote])
    (item,) = log.plan
    assert (item.kind, item.subject, item.environment) == (Kind.LINE, "1", "production")
    assert (item.instead, item.migration) == ("line 2", "Leave it out.")
    assert log.current[0].versions[1].status is Standing.DEPRECATED


def test_an_operation_is_announced_amended_and_withdrawn(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1.0")
    words: dict[str, Any] = {"instead": "GET /new", "migration": "Call it."}
    announced = told(ActKind.ANNOUNCE, date(2018, 1, 1), deprecated=date(2017, 12, 1), **words)
    decide(dictionary, OPERATION, announced)
    (item,) = built(dictionary).plan
    assert (item.status, item.deprecated) == (Status.ANNOUNCED, date(2017, 12, 1))
    assert (item.instead, item.migration) == ("GET /new", "Call it.")
    decide(dictionary, OPERATION, told(ActKind.AMEND, date(2018, 2, 1), NOON + DAY))
    (item,) = built(dictionary).plan
    assert (item.promised, item.retire_on) == (date(2018, 1, 1), date(2018, 2, 1))
    assert [(one.before, one.retire_on) for one in item.amendments] == [
        (date(2018, 1, 1), date(2018, 2, 1))
    ]
    decide(dictionary, OPERATION, told(ActKind.WITHDRAW, at=NOON + DAY))
    decide(dictionary, OPERATION, told(ActKind.ANNOUNCE, at=NOON + 2 * DAY))
    again, withdrawn = built(dictionary).plan
    assert (again.status, again.retire_on) == (Status.DEPRECATED, None)
    assert withdrawn.status is Status.WITHDRAWN


@pytest.mark.parametrize(
    ("acts", "text"),
    [
        pytest.param([(ActKind.AMEND, date(2018, 2, 1))], "it was not announced", id="amended"),
        pytest.param([(ActKind.WITHDRAW, None)], "it was not announced", id="withdrawn"),
        pytest.param(
            [(ActKind.ANNOUNCE, None), (ActKind.ANNOUNCE, None)],
            "it was announced already",
            id="twice",
        ),
        pytest.param([(ActKind.ANNOUNCE, date(2017, 9, 30))], "2017-09-30 has passed", id="past"),
        pytest.param(
            [(ActKind.ANNOUNCE, date(2018, 2, 1)), (ActKind.AMEND, date(2018, 1, 1))],
            "earlier than 2018-02-01",
            id="earlier",
        ),
    ],
)
@pytest.mark.parametrize("subject", [OPERATION, LINE], ids=["operation", "line"])
def test_what_does_not_fit_is_refused_and_nothing_of_it_is_kept(
    dictionary: Dictionary, subject: Subject, acts: list[tuple[ActKind, date | None]], text: str
) -> None:
    ship(dictionary, "auth 1.1.0")
    with pytest.raises(RefusedError, match=text):
        decide(dictionary, subject, *(told(*act, NOON + at * DAY) for at, act in enumerate(acts)))
    assert built(dictionary).plan == ()


def test_a_transaction_that_is_tried_again_decides_once(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1.0")
    for _ in range(2):
        decide(dictionary, OPERATION, told(ActKind.ANNOUNCE, date(2018, 1, 1)))
    assert len(built(dictionary).plan) == 1


def test_a_line_has_no_words_beside_its_retirement(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1.0")
    with pytest.raises(UsageError, match="in favour of the newer line"):
        decide(dictionary, LINE, told(ActKind.ANNOUNCE, instead="auth-2"))


@pytest.mark.parametrize(
    ("kind", "name", "text"),
    [
        ("line", "3", "auth has no line '3'"),
        ("line", "1", ""),
        ("line", "v1", ""),
        ("version", "1.1", ""),
        ("version", "1.9.0", "auth 1.9.0 was never released"),
        ("version", "x", "'x' is not a version"),
        ("dependency", "tax", "'tax' is not a requirement"),
        ("operation", " ", "' ' is not the name of an operation"),
        ("field", "a\x00", "is not the name of a field"),
        ("event", "x" * 501, "is not the name of an event"),
    ],
)
def test_only_what_is_there_can_be_planned_to_end(
    dictionary: Dictionary, kind: str, name: str, text: str
) -> None:
    ship(dictionary, "auth 1.1.0")
    if not text:
        assert subject_of(dictionary, "auth", kind, name, "production").name in {"1", "1.1.0"}
        return
    with pytest.raises(UsageError, match=text):
        subject_of(dictionary, "auth", kind, name, "production")
