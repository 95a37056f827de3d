"""What a notice says about each dependent: its own changes, the number of others, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ci_steps.notices.moving.dependents import affected
from ci_steps.notices.moving.terms import Terms
from ci_steps.notices.moving.touching import touched_by
from ci_steps.notices.previewing import Wanted, previews
from ci_steps.versions import parse_version
from tests.parts.dictionaries import NOON
from tests.parts.notices import owns
from tests.parts.uses import NEWER, OLD, compared, narrow, using
from tests.parts.verdicts import run_in

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary


def test_each_dependent_is_told_its_own_changes_and_who_says_nothing_is_left_out(
    dictionary: Dictionary,
) -> None:
    _, new = compared(dictionary, OLD, NEWER)
    using(dictionary, "gis 1.1", "auth-1.1", "Query.street")
    using(dictionary, "web 1.1", "auth-1.1", "Query.name")
    using(dictionary, "geo 1.1", "auth-1.1", "Query.strete")
    run_in(dictionary, "mail 1.0: auth-1.1", f"auth 2.0 #{new}")
    narrow(dictionary, "auth")
    with dictionary.reading() as connection:
        found = touched_by(connection, "auth", new, "production")
        assert touched_by(connection, "auth", "", "production") == {}
        assert touched_by(connection, "auth", new, "staging") == {}
    assert set(found) == {"gis", "web"}
    assert [one.change.subject for one in found["gis"].breaks] == ["Query.street"]
    assert found["gis"].untouched == 1
    assert [one.used_at for one in found["gis"].breaks] == [""]  # a name is said in no line
    assert (found["web"].breaks, found["web"].untouched) == ((), 2)


def test_two_live_versions_are_told_of_what_breaks_either(dictionary: Dictionary) -> None:
    _, new = compared(dictionary, OLD, NEWER)
    using(dictionary, "gis 1.1", "auth-1.1", "Query.street")
    using(dictionary, "gis 2.1", "auth-1.1", "Query.town", hours=1)
    run_in(dictionary, f"auth 2.0 #{new}")
    narrow(dictionary, "auth")
    with dictionary.reading() as connection:
        touched = touched_by(connection, "auth", new, "production")["gis"]
    assert len(touched.breaks) == 2
    run_in(dictionary, "gis 3.0: auth-1.1")
    with dictionary.reading() as connection:
        assert touched_by(connection, "auth", new, "production") == {}


def test_a_date_that_may_break_obliges_only_those_whom_it_touches(dictionary: Dictionary) -> None:
    old, new = compared(dictionary, OLD, NEWER)
    run_in(dictionary, f"auth v1_20171001-1 #{old}", "mail 1.0: auth-v1_20171001")
    using(dictionary, "gis 1.1", "auth-v1_20171001", "Query.street")
    using(dictionary, "web 1.1", "auth-v1_20171001", "Query.name")
    run_in(dictionary, f"auth v1_20171102-1 #{new}")
    narrow(dictionary, "auth")
    later, major = parse_version("v1_20171102-1"), parse_version("v2_20171102-1")
    with dictionary.reading() as connection:
        obliged = affected(connection, "auth", later, "production")
        assert [one.dependent.service for one in obliged] == ["gis", "mail"]
        obliged = affected(connection, "auth", major, "production")
        assert [one.dependent.service for one in obliged] == ["gis", "mail", "web"]


@pytest.mark.parametrize(
    ("before", "shown"),
    [
        pytest.param("1.2.0", "1.2.0", id="the one before has the old contract"),
        pytest.param("2.0.0", "1.2.0", id="the one before had the new contract already"),
    ],
)
def test_the_release_before_is_the_one_whose_contract_was_compared(
    dictionary: Dictionary, before: str, shown: str
) -> None:
    old, new = compared(dictionary, OLD, NEWER)
    owns(dictionary, "gis-team", ["gis"], "email gis@shop.example")
    run_in(dictionary, f"auth 1.1.0 #{old}", f"auth 1.2.0 #{old}", "gis 1.1: auth-1.1")
    run_in(dictionary, f"auth 2.0.0 #{new}", f"auth 3.0.0 #{new}")
    wanted = Wanted("auth", parse_version("3.0.0"), "production", "announced", "")
    terms = Terms(before=before)
    (message,) = previews(dictionary, wanted, ("email",), terms, NOON, grace_days=30)
    assert (message.before, len(message.changes or ())) == (shown, 2)
