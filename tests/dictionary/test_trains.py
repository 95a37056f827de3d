"""Several deployments as one world, and the order in which nobody is broken on the way."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from ci_steps.dictionary.verdicts.may_deploy import may_deploy
from ci_steps.dictionary.verdicts.trains import Precedence, ordered
from ci_steps.errors import UsageError
from ci_steps.model import Verdict
from tests.parts.verdicts import TODAY, asked, candidate, retire, run_in, said, waive

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary


def order(dictionary: Dictionary, *coming: str, beside: bool = False) -> tuple[str, ...]:
    return asked(dictionary, *coming, beside=beside).order


def test_what_alone_would_be_refused_may_go_together(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0", "gis 3.0.0: auth-1.1")
    assert asked(dictionary, "auth 2.0.0").verdict is Verdict.NO
    assert asked(dictionary, "gis 3.1.0: auth-2.0").verdict is Verdict.NO
    together = asked(dictionary, "auth 2.0.0", "gis 3.1.0: auth-2.0")
    assert together.verdict is Verdict.YES
    assert said(together) == ["gis 3.1.0 auth-2.0 <- 2.0.0: yes SATISFIED"]


def test_the_provider_goes_before_who_needs_its_new_version(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0", "gis 3.0.0: auth-1.1")
    assert order(dictionary, "gis 3.1.0: auth-1.2", "auth 1.2.0") == ("auth 1.2.0", "gis 3.1.0")


def test_who_still_needs_the_old_version_goes_before_the_provider(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0", "gis 3.0.0: auth-1.1")
    assert order(dictionary, "auth 2.0.0", "gis 3.1.0") == ("gis 3.1.0", "auth 2.0.0")


def test_who_waits_for_nobody_goes_as_it_was_named(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0")
    coming = ("web 5.0: auth-1.1", "auth 1.2.0", "gis 3.0: auth-1.1")
    assert order(dictionary, *coming) == ("web 5.0", "auth 1.2.0", "gis 3.0")


def test_a_circle_has_no_order_and_says_who_waits_for_whom(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0", "gis 3.0.0: auth-1.1")
    coming = ("auth 2.0.0", "gis 3.1.0: auth-2.0")
    report = asked(dictionary, *coming)
    assert report.order == ()
    assert "auth 2.0.0 before gis 3.1.0, for gis 3.1.0 needs auth-2.0" in report.obstacle
    assert "gis 3.1.0 before auth 2.0.0, for gis 3.0.0 needs auth-1.1" in report.obstacle
    assert order(dictionary, *coming, beside=True) == ("auth 2.0.0", "gis 3.1.0")


def test_requirements_in_a_circle_alone_are_no_circle_of_the_order(
    dictionary: Dictionary,
) -> None:
    run_in(dictionary, "auth 1.1.0: gis-3.0", "gis 3.0.0: auth-1.1")
    coming = ("auth 1.2.0: gis-3.0", "gis 3.1.0: auth-1.2")
    assert order(dictionary, *coming) == ("auth 1.2.0", "gis 3.1.0")


def test_a_provider_that_is_not_there_yet_goes_first_if_it_can(dictionary: Dictionary) -> None:
    coming = ("gis 3.1.0: auth-1.2", "auth 1.2.0")
    assert order(dictionary, *coming) == ("auth 1.2.0", "gis 3.1.0")
    # Here neither can be first without an unknown; that alone breaks nobody.
    coming = ("sms 1.0: auth-1.2", "auth 1.2.0: sms-1.0")
    assert order(dictionary, *coming) == ("sms 1.0", "auth 1.2.0")


def test_what_was_broken_before_hinders_nobody(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0", "web 5.0: auth-9.1")
    report = asked(dictionary, "auth 1.2.0", "gis 3.0: auth-1.2")
    assert report.verdict is Verdict.NO
    assert report.order == ("auth 1.2.0", "gis 3.0")


def test_a_train_that_breaks_somebody_at_its_end_has_no_order(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0", "web 5.0: auth-1.1")
    report = asked(dictionary, "auth 2.0.0", "gis 3.0: auth-2.0")
    assert report.order == ()
    assert "web 5.0 lacks auth-1.1" in report.obstacle


def test_a_retired_line_has_no_order(dictionary: Dictionary) -> None:
    retire(dictionary, "auth", "1")
    assert "auth-1 is retired" in asked(dictionary, "auth 1.2.0", "gis 3.0").obstacle


def test_a_waiver_takes_a_wait_away(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0", "gis 3.0.0: auth-1.1")
    waive(dictionary, "gis", "auth", TODAY)
    coming = ("auth 2.0.0", "gis 3.1.0: auth-2.0")
    assert order(dictionary, *coming) == ("auth 2.0.0", "gis 3.1.0")


def test_a_service_is_in_a_train_once(dictionary: Dictionary) -> None:
    with pytest.raises(UsageError, match=r"auth 1\.2\.0 and auth 2\.0\.0 are versions of one"):
        asked(dictionary, "auth 1.2.0", "auth 2.0.0")


def test_a_train_goes_to_one_environment(dictionary: Dictionary) -> None:
    wanted = candidate("auth 1.2.0"), candidate("gis 3.0", environment="staging")
    with pytest.raises(UsageError, match=r"goes to production and gis 3\.0 to staging"):
        may_deploy(dictionary, *wanted, today=TODAY)


@given(
    length=st.integers(1, 5),
    pairs=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=9),
)
def test_an_order_is_found_exactly_when_there_is_one(
    length: int, pairs: list[tuple[int, int]]
) -> None:
    wanted = {(a, b) for a, b in pairs if a < length and b < length and a != b}
    found = ordered(length, [Precedence(a, b, "") for a, b in wanted])
    possible = [
        order
        for order in permutations(range(length))
        if all(order.index(a) < order.index(b) for a, b in wanted)
    ]
    if possible:
        assert found.order == min(possible)
        assert found.circle == ()
    else:
        assert found.order == ()
        circle = [(one.first, one.then) for one in found.circle]
        assert set(circle) <= wanted
        assert [then for _, then in circle] == [first for first, _ in circle[1:] + circle[:1]]


def test_five_thousand_are_ordered_with_few_statements(dictionary: Dictionary) -> None:
    """A chain, named from its end: each needs the new version of the one before it."""
    count = 5000
    with dictionary.writing():
        run_in(dictionary, "s0 1.0", *(f"s{n} 1.0: s{n - 1}-1.0" for n in range(1, 99)))
    coming = [*(f"s{n} 1.1: s{n - 1}-1.1" for n in range(count - 1, 0, -1)), "s0 1.1"]
    asking: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        asking.append(statement)

    event.listen(dictionary.engine, "before_cursor_execute", note)
    report = asked(dictionary, *coming)
    event.remove(dictionary.engine, "before_cursor_execute", note)
    # Some hundreds of names fit into one: neither each service nor each pair is asked for.
    assert len(asking) < count / 5
    assert report.verdict is Verdict.YES
    assert len(report.edges) == count - 1
    assert report.order == tuple(f"s{n} 1.1" for n in range(count))
