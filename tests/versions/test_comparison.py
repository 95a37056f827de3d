from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_steps.versions import Bump, Version, bump_between, oddities, parse_version
from tests.versions.strategies import versions

UPWARD = {Bump.BUGFIX, Bump.FEATURE, Bump.MAY_BREAK, Bump.MAJOR, Bump.PRERELEASE}


@pytest.mark.parametrize(
    ("old", "new", "bump"),
    [
        ("v1_20171001-1", "v1_20171001-1", "same"),
        ("v1_20171001-1", "v1_20171001-2", "bugfix"),
        ("v1_20171001-9", "v1_20171001-10", "bugfix"),
        ("v1_20171001-2", "v1_20171002-1", "may_break"),
        ("v1_20171001-2", "v2_20171001-1", "major"),
        ("v1_20171001-2", "v2_20160101-1", "major"),
        ("v1_20171001-2", "v1_20171001-1", "rollback"),
        ("v1_20171001-2", "v1_20170930-3", "rollback"),
        ("v2_20171001-2", "v1_20171002-3", "rollback"),
        ("1.1", "v1.1.0", "same"),
        ("1.1.0", "1.1.1", "bugfix"),
        ("1.1.0", "1.2.0", "feature"),
        ("1.9", "1.10", "feature"),
        ("1.1.0", "1.2.3", "feature"),
        ("1.1.0", "2.0.0", "major"),
        ("1.1.0", "1.0.9", "rollback"),
        ("2.0.0", "1.9.9", "rollback"),
        ("0.1.0", "0.1.1", "bugfix"),
        ("0.1.0", "0.2.0", "major"),
        ("0.1.0", "1.0.0", "major"),
        ("1.1.0", "1.1.1-rc.1", "prerelease"),
        ("1.1.0", "2.0.0-rc.1", "prerelease"),
        ("1.2.0-rc.1", "1.2.0-rc.2", "prerelease"),
        ("1.2.0-rc.1", "1.3.0-rc.1", "prerelease"),
        ("1.2.0", "1.2.0-rc.1", "rollback"),
        ("1.2.0-rc.2", "1.2.0-rc.1", "rollback"),
        ("1.2.1-rc.1", "1.2.1", "bugfix"),
        ("1.2.1-rc.1", "1.2.2", "bugfix"),
        ("1.2.1-rc.1", "1.3.0", "feature"),
        ("1.2.0-rc.1", "1.2.0", "feature"),
        ("1.2.0-rc.1", "1.2.1", "feature"),
        ("1.2.0-rc.1", "2.0.0", "major"),
        ("2.0.0-rc.1", "2.0.0", "major"),
        ("2.0.0-rc.1", "2.0.1", "major"),
        ("0.2.0-rc.1", "0.2.0", "major"),
        ("0.2.1-rc.1", "0.2.1", "bugfix"),
        ("0.0.0-rc.1", "0.0.0", "major"),
        ("201610", "201610.0", "same"),
        ("201610", "201610.1", "bugfix"),
        ("201610.3", "201611", "may_break"),
        ("201612", "201701", "may_break"),
        ("201611", "201610.3", "rollback"),
        ("20161005", "20161005.1", "bugfix"),
        ("20161005.1", "20161006", "may_break"),
        ("201610", "20161005", "scheme_change"),
        ("1.1", "v1_20171001-1", "scheme_change"),
        ("v1_20171001-1", "1.1", "scheme_change"),
    ],
)
def test_the_bump_is_read_off_the_first_slot_that_moved(old: str, new: str, bump: str) -> None:
    assert bump_between(parse_version(old), parse_version(new)) is Bump(bump)


def test_only_same_bugfix_and_feature_promise_compatibility() -> None:
    assert {bump.value for bump in Bump if bump.is_compatible} == {"same", "bugfix", "feature"}


@given(versions, versions)
def test_a_bump_and_its_inverse_agree(old: Version, new: Version) -> None:
    there, back = bump_between(old, new), bump_between(new, old)
    assert (there is Bump.SAME) == (back is Bump.SAME) == (old == new)
    assert (there is Bump.SCHEME_CHANGE) == (back is Bump.SCHEME_CHANGE)
    assert (there in UPWARD) == (back is Bump.ROLLBACK)


def found(old: str | None, new: str) -> tuple[str, ...]:
    """Return what is odd about *new* on 1 October 2017."""
    before = None if old is None else parse_version(old)
    return oddities(before, parse_version(new), date(2017, 10, 1))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (None, "1.1.7"),
        (None, "v1_20171001-3"),
        (None, "201710"),
        ("1.1.3", "1.1.5"),
        ("1.1.3", "1.2.0"),
        ("1.1.3", "2.0.0"),
        ("2.0.0", "1.1.3"),
        ("v1_20170930-3", "v1_20170930-4"),
        ("v1_20170930-3", "v1_20171001-1"),
        ("v1_20171001-3", "v2_20171001-1"),
        ("201709.3", "201710"),
        ("20170930.3", "20171001"),
        pytest.param("v1_20170901-1", "1.1.3", id="a new scheme starts anew"),
        pytest.param("20170930", "201709", id="a day and a month are not compared"),
    ],
)
def test_an_ordinary_release_is_not_odd(old: str | None, new: str) -> None:
    assert found(old, new) == ()


@pytest.mark.parametrize(
    ("old", "new", "start"),
    [
        ("1.1.3", "1.2.1", 0),
        ("1.1.3", "2.0.4", 0),
        ("1.1.3", "1.2.1-rc.1", 0),
        ("v1_20170930-3", "v1_20171001-2", 1),
        ("v1_20171001-3", "v2_20171001-4", 1),
        ("201709.3", "201710.1", 0),
    ],
)
def test_a_bugfix_that_does_not_start_again_is_odd(old: str, new: str, start: int) -> None:
    (sentence,) = found(old, new)
    assert sentence.startswith(f"the bugfix of {new} is ")
    assert sentence.endswith(f"since {old}: it would start again at {start}")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("v1_20171001-3", "v2_20170930-1", id="although it is newer"),
        ("v1_20171001-3", "v1_20170930-1"),
        ("201709", "201708"),
    ],
)
def test_a_date_before_the_previous_one_is_odd(old: str, new: str) -> None:
    assert found(old, new) == (
        f"the date of {new} is before the date of the previous release, {old}",
    )


@pytest.mark.parametrize("new", ["v1_20171002-1", "20171002", "201711"])
@pytest.mark.parametrize("old", [None, "1.1"])
def test_a_date_in_the_future_is_odd(old: str | None, new: str) -> None:
    assert found(old, new) == (f"the date of {new} is in the future: today is 20171001",)


def test_all_oddities_are_told() -> None:
    assert len(found("v1_20171101-3", "v2_20171002-2")) == 3


@given(st.none() | versions, versions)
def test_the_oddities_of_any_two_versions_can_be_told(old: Version | None, new: Version) -> None:
    assert all(str(new) in sentence for sentence in oddities(old, new, date(2017, 10, 1)))
