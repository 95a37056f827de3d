from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given

from ci_steps.errors import VersionError
from ci_steps.versions import SCHEMES, Version, parse_version
from tests.versions.strategies import versions


@pytest.mark.parametrize(
    ("text", "scheme"),
    [
        ("v1_20171001-1", "dated"),
        ("v0_20000101-0", "dated"),
        ("v12_20160229-10", "dated"),
        ("1.1", "semver"),
        ("v1.1", "semver"),
        ("0.0", "semver"),
        ("1.1.3", "semver"),
        ("v1.1.3-rc.1", "semver"),
        ("1.1.3-rc-1", "semver"),
        ("1.1.3--", "semver"),
        ("1.1.3-0a", "semver"),
        ("201610.2.0", "semver"),
        ("12345.1", "semver"),
        ("1234567.1", "semver"),
        ("v201610.2", "semver"),
        ("201610", "calver-month"),
        ("201610.0", "calver-month"),
        ("201610.12", "calver-month"),
        ("200001", "calver-month"),
        ("20161005", "calver-day"),
        ("20161005.2", "calver-day"),
        ("20160229", "calver-day"),
    ],
)
def test_the_scheme_is_recognised_from_the_text(text: str, scheme: str) -> None:
    version = parse_version(text)
    assert (version.scheme, str(version)) == (scheme, text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "it is empty", id="empty"),
        pytest.param("auth", "no scheme is written like this", id="a word"),
        pytest.param("1", "one number is a line of versions, not one of them", id="line"),
        pytest.param("v1", "one number is a line of versions, not one of them", id="line with v"),
        pytest.param("v201610", "one number is a line of versions, not one of them", id="v month"),
        pytest.param("1.01", "leading zero in 01", id="zero in the minor"),
        pytest.param("01.1", "leading zero in 01", id="zero in the major"),
        pytest.param("1.1.00", "leading zero in 00", id="two zeros"),
        pytest.param("1.1.3-rc.01", "leading zero in 01", id="zero in the prerelease"),
        pytest.param("v01_20171001-1", "leading zero in 01", id="zero in the main version"),
        pytest.param("v1_20171001-01", "leading zero in 01", id="zero in the bugfix"),
        pytest.param("201610.01", "leading zero in 01", id="zero behind a month"),
        pytest.param("v1_20171301-1", "no calendar has a day 20171301", id="month 13"),
        pytest.param("v1_20170229-1", "no calendar has a day 20170229", id="no leap year"),
        pytest.param("20161131", "no calendar has a day 20161131", id="31 November"),
        pytest.param("201600", "no calendar has a month 201600", id="month 0"),
        pytest.param("201613.1", "no calendar has a month 201613", id="a month, not a major"),
        pytest.param("199912", "dates start in 2000, 199912 is earlier", id="the century before"),
        pytest.param(
            "v1_19991231-1", "dates start in 2000, 19991231 is earlier", id="a day before"
        ),
        pytest.param("v1_20171001", "expected v<main>_<yyyymmdd>-<bugfix>", id="no bugfix"),
        pytest.param("1_20171001-1", "expected v<main>_<yyyymmdd>-<bugfix>", id="no v"),
        pytest.param("v1_201710-1", "expected v<main>_<yyyymmdd>-<bugfix>", id="a month in dated"),
        pytest.param("1.1.3-", "the prerelease has an empty part", id="empty prerelease"),
        pytest.param("1.1.3-a..b", "the prerelease has an empty part", id="two dots"),
        pytest.param(
            "1.1-rc.1", "a prerelease needs all three numbers before it", id="short prerelease"
        ),
        pytest.param(
            "1.1.3-rc_1",
            "'rc_1' in the prerelease has more than letters, digits and hyphens",
            id="underscore in the prerelease",
        ),
        pytest.param(
            "1.1.3.4", "expected <major>.<minor> or <major>.<minor>.<patch>", id="four numbers"
        ),
        pytest.param("V1.1", "expected <major>.<minor> or <major>.<minor>.<patch>", id="capital v"),
        pytest.param(
            "1.1.3+7",
            "build metadata (+…) is refused: registries and labels do not take it",
            id="build metadata",
        ),
        pytest.param("1.1\n", "'\\n' is not an ASCII letter, digit or sign", id="end of line"),
        pytest.param(" 1.1", "' ' is not an ASCII letter, digit or sign", id="space"),
        pytest.param("٢.1", "'٢' is not an ASCII letter, digit or sign", id="Arabic digit"),
    ],
)
def test_what_is_no_version_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(VersionError) as refused:
        parse_version(text)
    assert str(refused.value) == f"{text!r} is not a version: {reason}"
    assert refused.value.hint.startswith("Write it like ")


@pytest.mark.parametrize("start", ["1.", "201610.", "v1_20171001-", "1.1.3-rc."])
def test_63_characters_are_taken_and_64_are_not(start: str) -> None:
    longest = start + "1" * (63 - len(start))
    assert str(parse_version(longest)) == longest
    with pytest.raises(VersionError, match="longer than 63 characters"):
        parse_version(longest + "1")


@pytest.mark.parametrize("number", [1.1, 201610, 8])
def test_a_number_from_yaml_is_refused_with_what_yaml_does(number: Any) -> None:
    with pytest.raises(
        VersionError, match=r"it is a number, and YAML turns an unquoted 1\.10 into 1\.1"
    ):
        parse_version(number)
    with pytest.raises(VersionError, match="it is a number"):
        parse_version(number, "semver")


@pytest.mark.parametrize(
    ("value", "kind"), [(None, "NoneType"), (True, "bool"), (date(2017, 10, 1), "date")]
)
def test_what_is_not_text_is_refused_with_its_kind(value: Any, kind: str) -> None:
    with pytest.raises(VersionError, match=f"expected text, got {kind}"):
        parse_version(value)


@pytest.mark.parametrize(
    ("text", "named", "scheme"),
    [
        ("1.1", "semver", "semver"),
        ("v1_20171001-1", "dated", "dated"),
        ("201610", "calver", "calver-month"),
        ("20161005", "calver", "calver-day"),
        ("201610", "calver-month", "calver-month"),
        ("20161005", "calver-day", "calver-day"),
        pytest.param("201610.2", "semver", "semver", id="a major that looks like a month"),
    ],
)
def test_a_named_scheme_is_read_as_that(text: str, named: str, scheme: str) -> None:
    assert parse_version(text, named).scheme == scheme


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("1.1", "calver"),
        ("1.1", "dated"),
        ("201610", "semver"),
        ("v1_20171001-1", "semver"),
        ("201610", "calver-day"),
        ("20161005", "calver-month"),
    ],
)
def test_a_version_of_another_scheme_than_the_named_one_is_refused(text: str, named: str) -> None:
    with pytest.raises(VersionError):
        parse_version(text, named)


def test_an_unknown_scheme_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        VersionError, match="'semvar' is not a version scheme: known are dated, semver, calver"
    ):
        parse_version("1.1", "semvar")
    assert SCHEMES == ("dated", "semver", "calver")


@given(versions)
def test_a_printed_version_reads_as_the_same_version(version: Version) -> None:
    again = parse_version(str(version), version.scheme)
    assert again == version
    assert str(again) == str(version)
    assert type(version).parse(str(version)) == version
