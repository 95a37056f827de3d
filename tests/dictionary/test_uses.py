"""What releases use of their providers: kept with them, and what it is to a verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from ci_steps.dictionary import tables
from ci_steps.dictionary.contracts.kept import Comparison, comparison, keep_comparison
from ci_steps.dictionary.contracts.narrowings import kept_narrowed
from ci_steps.dictionary.contracts.uses import keep_uses, kept_uses, live_uses
from ci_steps.dictionary.exports.export import export
from ci_steps.dictionary.verdicts.may_deploy import may_deploy
from ci_steps.dictionary.verdicts.reasons import Candidate
from ci_steps.dictionary.worlds.world import load_world
from ci_steps.errors import ConfigError
from ci_steps.uses.values import digest_of
from ci_steps.versions import parse_version
from tests.parts.dictionaries import NOON, deployed, release
from tests.parts.uses import NEW, NEWER, OLD, compared, narrow, uses_of, using
from tests.parts.verdicts import TODAY, asked, run_in, said

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary

STREET, NAME = uses_of("Query.street"), uses_of("Query.name")


def recorded_uses(dictionary: Dictionary, label: str) -> dict[str, str]:
    service, version = label.split(" ")
    found = dictionary.release(service, parse_version(version))
    assert found is not None
    return dict(found.uses)


def deploy(
    dictionary: Dictionary, uses: str, *, commit: str = "c1", production: bool = False
) -> None:
    shipped = replace(release("gis 1.1", "auth-1.1", commit=commit), uses={"auth": uses})
    place = deployed(shipped, "production" if production else "staging")
    dictionary.record_deployment(shipped, place, production=production)


def test_uses_are_kept_once_by_what_is_in_them(dictionary: Dictionary) -> None:
    with dictionary.writing() as connection:
        digest = keep_uses(connection, STREET)
        assert keep_uses(connection, uses_of("Query.street")) == digest
        assert keep_uses(connection, uses_of()) == ""
        assert kept_uses(connection, [digest, "0" * 64]) == {digest: STREET}
        assert connection.scalar(select(func.count()).select_from(tables.uses)) == 1


def test_a_candidate_may_say_something_else_and_a_final_release_may_not(
    dictionary: Dictionary,
) -> None:
    deploy(dictionary, "a" * 64)
    deploy(dictionary, "b" * 64)
    assert recorded_uses(dictionary, "gis 1.1") == {"auth": "b" * 64}
    deploy(dictionary, "", commit="c2")
    assert recorded_uses(dictionary, "gis 1.1") == {}, "another commit begins anew"
    deploy(dictionary, "c" * 64, commit="c2", production=True)
    deploy(dictionary, "d" * 64, commit="c2", production=True)
    deploy(dictionary, "", commit="c2", production=True)
    assert recorded_uses(dictionary, "gis 1.1") == {"auth": "c" * 64}


def test_what_nobody_had_said_is_added_to_a_final_release(dictionary: Dictionary) -> None:
    deploy(dictionary, "", production=True)
    deploy(dictionary, "a" * 64, production=True)
    assert recorded_uses(dictionary, "gis 1.1") == {"auth": "a" * 64}


def test_dependents_say_whether_their_uses_are_known(dictionary: Dictionary) -> None:
    using(dictionary, "gis 1.1", "auth-1.1", "Query.name")
    run_in(dictionary, "web 1.0: auth-1.1")
    told = {one.service: one.says_uses for one in dictionary.dependents("auth")}
    assert told == {"gis": True, "web": False}
    with dictionary.reading() as connection:
        assert live_uses(connection, "auth") == {("gis", "1.1", "production"): digest_of(NAME)}
        assert live_uses(connection, "auth", "staging") == {}


def test_a_world_file_gives_operations_and_the_same_again_changes_nothing(
    dictionary: Dictionary,
) -> None:
    world = {
        "services": {"gis": {}},
        "releases": [
            {
                "service": "gis",
                "version": "1.1",
                "commit": "c1",
                "depends_on": ["auth-1.1"],
                "uses": {"auth": ["Query.street"]},
            }
        ],
    }
    assert load_world(dictionary, world, "world.yaml", now=NOON).releases.added == 1
    assert load_world(dictionary, world, "world.yaml", now=NOON).releases.unchanged == 1
    assert recorded_uses(dictionary, "gis 1.1") == {"auth": digest_of(STREET)}
    with dictionary.reading() as connection:
        assert kept_uses(connection, [digest_of(STREET)]) == {digest_of(STREET): STREET}


def test_a_world_file_says_everything_that_is_wrong_with_uses(dictionary: Dictionary) -> None:
    given = {"service": "gis", "version": "1.1", "commit": "c1", "depends_on": ["auth-1.1"]}
    releases = [
        {**given, "uses": {"auth": ["GTE /a", 3], "mail": ["GET /a"]}},
        {**given, "version": "1.2", "uses": ["GET /a"]},
    ]
    with pytest.raises(ConfigError) as caught:
        load_world(dictionary, {"services": {"gis": {}}, "releases": releases}, "w.yaml", now=NOON)
    assert str(caught.value).splitlines() == [
        "w.yaml: releases[0].uses.auth[0]: 'GTE /a': unknown method, did you mean GET?",
        "w.yaml: releases[0].uses.auth[1]: expected an operation such as GET /tokens, got 3",
        "w.yaml: releases[0].uses.mail: mail is not under depends_on",
        "w.yaml: releases[1].uses: expected the operations of each provider, got ['GET /a']",
    ]


def test_an_export_has_uses_and_what_touches_whom(dictionary: Dictionary) -> None:
    ends = compared(dictionary, OLD, NEW)
    using(dictionary, "gis 1.1", "auth-1.1", "Query.street")
    run_in(dictionary, f"auth 1.2 #{ends[1]}")
    narrow(dictionary, "auth")
    with dictionary.reading() as connection:
        lines = list(export(connection))
    for table in ("uses", "release_uses", "narrowing"):
        assert sum(line.startswith(f'{{"{table}":') for line in lines) == 1


# Which changes touch whom.


def test_what_touches_is_kept_by_the_comparison_and_the_uses(dictionary: Dictionary) -> None:
    old, new = compared(dictionary, OLD, NEW)
    using(dictionary, "gis 1.1", "auth-1.1", "Query.street")
    using(dictionary, "web 1.0", "auth-1.1", "Query.name")
    using(dictionary, "geo 1.0", "auth-1.1", "Query.strete")
    run_in(dictionary, f"auth 1.2 #{new}")
    narrow(dictionary, "auth")
    all_ = [digest_of(uses_of(f"Query.{name}")) for name in ("street", "name", "strete")]
    with dictionary.reading() as connection:
        found = kept_narrowed(connection, old, new, all_)
    street, name, strete = (found[digest] for digest in all_)
    assert [one.subject for one in street.touching] == ["Query.street"]
    assert (name.touching, [one.subject for one in name.untouched]) == ((), ["Query.street"])
    assert strete.touching == street.touching, "in doubt it touches"
    assert strete.doubts == ("Query.strete is not in the contract, did you mean Query.street?",)


def test_a_comparison_by_other_rules_is_narrowed_anew(dictionary: Dictionary) -> None:
    old, new = compared(dictionary, OLD, NEW)
    using(dictionary, "gis 1.1", "auth-1.1", "Query.street")
    narrow(dictionary, "auth", new)
    with dictionary.writing() as connection:
        assert kept_narrowed(connection, old, new, [digest_of(STREET)])
        known = comparison(connection, old, new)
        assert known is not None
        less = Comparison(old, new, "graphql", known.changes[:0])
        keep_comparison(connection, less, NOON)
        assert kept_narrowed(connection, old, new, [digest_of(STREET)]) == {}


# The verdict.

BREAKS = "no CONTRACT_BREAKS"
SPARED = "yes NOT_TOUCHED"


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        pytest.param("Query.name", SPARED, id="what it uses stays"),
        pytest.param("Query.street", BREAKS, id="what it uses goes"),
        pytest.param("Query.strete", BREAKS, id="what it uses is nowhere"),
        pytest.param("GET /name", BREAKS, id="what it uses is of another format"),
        pytest.param("", BREAKS, id="it does not say"),
    ],
)
def test_a_date_that_breaks_is_a_yes_for_those_whom_it_does_not_touch(
    dictionary: Dictionary, line: str, verdict: str
) -> None:
    old, new = compared(dictionary, OLD, NEW)
    run_in(dictionary, f"auth v1_20171001-1 #{old}")
    using(dictionary, "gis 1.1", "auth-v1_20171001", *filter(None, [line]))
    narrow(dictionary, "auth", new)
    report = asked(dictionary, f"auth v1_20171102-1 #{new}")
    assert said(report) == [f"gis 1.1 auth-v1_20171001 <- v1_20171102-1: {verdict}"]


def test_what_is_spared_is_each_dependent_by_itself(dictionary: Dictionary) -> None:
    old, new = compared(dictionary, OLD, NEW)
    run_in(dictionary, f"auth v1_20171001-1 #{old}", "mail 1.0: auth-v1_20171001")
    using(dictionary, "gis 1.1", "auth-v1_20171001", "Query.name")
    using(dictionary, "web 1.1", "auth-v1_20171001", "Query.street")
    narrow(dictionary, "auth", new)
    assert said(asked(dictionary, f"auth v1_20171102-1 #{new}")) == [
        f"mail 1.0 auth-v1_20171001 <- v1_20171102-1: {BREAKS}",
        f"web 1.1 auth-v1_20171001 <- v1_20171102-1: {BREAKS}",
        f"gis 1.1 auth-v1_20171001 <- v1_20171102-1: {SPARED}",
    ]


@pytest.mark.parametrize(("line", "verdict"), [("Query.name", SPARED), ("Query.town", BREAKS)])
def test_several_dates_spare_somebody_only_if_each_does(
    dictionary: Dictionary, line: str, verdict: str
) -> None:
    old, new = compared(dictionary, OLD, NEW)
    newer = compared(dictionary, NEW, NEWER)[1]
    compared(dictionary, OLD, NEWER)
    run_in(dictionary, f"auth v1_20171001-1 #{old}")
    using(dictionary, "gis 1.1", "auth-v1_20171001", line)
    for one in (new, newer):
        narrow(dictionary, "auth", one)
    report = asked(dictionary, f"auth v1_20171203-1 #{newer}")
    assert said(report) == [f"gis 1.1 auth-v1_20171001 <- v1_20171203-1: {verdict}"]


def test_a_candidate_is_spared_by_what_it_uses_itself(dictionary: Dictionary) -> None:
    old, new = compared(dictionary, OLD, NEW)
    run_in(dictionary, f"auth v1_20171001-1 #{old}")
    run_in(dictionary, f"auth v1_20171102-1 #{new}")
    using(dictionary, "gis 1.1", "auth-v1_20171001", "Query.name")
    narrow(dictionary, "auth")
    for label, verdict in (("gis 1.1", SPARED), ("gis 1.2", BREAKS)):
        shipped = release(label, "auth-v1_20171001")
        known = dictionary.release("gis", shipped.version) or shipped
        report = may_deploy(dictionary, Candidate(known, "production"), today=TODAY)
        assert said(report) == [f"{label} auth-v1_20171001 <- v1_20171102-1: {verdict}"]
