from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_steps.errors import VersionError
from ci_steps.versions import SIZES, Bump, Version, bump_between, parse_version
from tests.versions.strategies import days, releases, versions

# Which bumps a release can take, by scheme; calver has nothing above a date.
POSSIBLE = {
    "dated": {Bump.BUGFIX, Bump.MAY_BREAK, Bump.MAJOR},
    "semver": {Bump.BUGFIX, Bump.FEATURE, Bump.MAJOR, Bump.PRERELEASE},
    "calver-month": {Bump.BUGFIX, Bump.MAY_BREAK},
    "calver-day": {Bump.BUGFIX, Bump.MAY_BREAK},
}


@pytest.mark.parametrize(
    ("text", "bump", "following"),
    [
        ("v1_20171001-2", "same", "v1_20171001-2"),
        ("v1_20171001-9", "bugfix", "v1_20171001-10"),
        ("v1_20171001-2", "feature", "v1_20171005-1"),
        ("v1_20171001-2", "may_break", "v1_20171005-1"),
        ("v1_20171001-2", "major", "v2_20171005-1"),
        pytest.param("v1_20171005-2", "may_break", "v1_20171006-1", id="a second date on one day"),
        pytest.param("v1_20171005-2", "major", "v2_20171005-1", id="a second main on one day"),
        pytest.param("v1_20171231-2", "may_break", "v1_20180101-1", id="a clock that is behind"),
        pytest.param("v1_20171231-2", "major", "v2_20171231-1", id="a major with such a clock"),
        ("201609.3", "bugfix", "201609.4"),
        ("201609", "bugfix", "201609.1"),
        ("201609.3", "feature", "201710"),
        ("201609.3", "major", "201710"),
        pytest.param("201710", "may_break", "201711", id="a second date in one month"),
        pytest.param("201801", "may_break", "201802", id="a clock that is a quarter behind"),
        pytest.param("201712", "may_break", "201801", id="a new year"),
        ("20171004.1", "may_break", "20171005"),
        ("20171005.1", "may_break", "20171006"),
        ("20171231", "may_break", "20180101"),
        ("1.1", "same", "1.1"),
        ("1.1", "bugfix", "1.1.1"),
        ("1.1", "feature", "1.2"),
        ("1.1", "may_break", "2.0"),
        ("v1.1.3", "feature", "v1.2.0"),
        ("v1.1.3", "major", "v2.0.0"),
        ("0.3.1", "bugfix", "0.3.2"),
        ("0.3.1", "feature", "0.4.0"),
        ("0.3.1", "major", "0.4.0"),
        pytest.param("99999.1", "major", "100000.0.0", id="never looks like a month"),
        pytest.param("v99999.1", "major", "v100000.0", id="with a v it does not"),
        ("1.1.3", "prerelease", "1.1.4-rc.1"),
        ("v1.1", "prerelease", "v1.1.1-rc.1"),
        ("1.2.0-rc.9", "prerelease", "1.2.0-rc.10"),
        ("1.2.0-rc", "prerelease", "1.2.0-rc.1"),
        ("1.2.1-rc.1", "bugfix", "1.2.1"),
        ("1.2.1-rc.1", "feature", "1.3.0"),
        ("1.2.0-rc.1", "bugfix", "1.2.0"),
        ("1.2.0-rc.1", "feature", "1.2.0"),
        ("1.2.0-rc.1", "major", "2.0.0"),
        ("2.0.0-rc.1", "major", "2.0.0"),
        ("0.4.0-rc.1", "may_break", "0.4.0"),
    ],
)
def test_the_next_version_on_5_october_2017(text: str, bump: str, following: str) -> None:
    assert str(parse_version(text).next(Bump(bump), date(2017, 10, 5))) == following


@pytest.mark.parametrize(
    ("text", "bump", "reason"),
    [
        ("1.1", "rollback", "a rollback does not lead to a later version"),
        ("1.1", "scheme_change", "a scheme_change does not lead to a later version"),
        ("v1_20171001-1", "prerelease", "dated versions have no prereleases"),
        ("201610", "prerelease", "calver versions have no prereleases"),
        ("v1_99991231-1", "may_break", "the calendar ends here"),
        ("99991231", "may_break", "the calendar ends here"),
        ("999912", "may_break", "the calendar ends here"),
        ("1." + "9" * 61, "feature", "longer than 63 characters"),
    ],
)
def test_what_nothing_can_follow_is_refused(text: str, bump: str, reason: str) -> None:
    with pytest.raises(VersionError, match=reason):
        parse_version(text).next(Bump(bump), date(2017, 10, 5))


@given(releases, st.sampled_from([*SIZES, Bump.PRERELEASE, Bump.SAME]), days)
def test_the_next_release_has_exactly_the_bump_if_its_scheme_has_it(
    version: Version, bump: Bump, today: date
) -> None:
    is_minor_as_major = version.scheme == "semver" and version.line == "0" and bump is Bump.FEATURE
    if bump in POSSIBLE[version.scheme] | {Bump.SAME} and not is_minor_as_major:
        assert bump_between(version, version.next(bump, today)) is bump


@given(versions, st.sampled_from(SIZES), days)
def test_the_next_version_is_a_later_release_with_at_least_the_bump(
    version: Version, bump: Bump, today: date
) -> None:
    following = version.next(bump, today)
    assert following > version
    assert not following.is_prerelease
    has = bump_between(version, following)
    is_largest = version.scheme.startswith("calver") and has is Bump.MAY_BREAK
    assert is_largest or SIZES.index(has) >= SIZES.index(bump)


@given(versions, st.sampled_from(SIZES), days)
def test_a_clock_that_is_behind_never_gives_an_older_date(
    version: Version, bump: Bump, today: date
) -> None:
    day = version.first_day
    if day is not None:
        following = version.next(bump, today).first_day
        assert following is not None
        assert following >= day
