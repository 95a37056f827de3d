from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given

from ci_steps.errors import UsageError, VersionError
from ci_steps.versions import (
    Requirement,
    Satisfaction,
    Version,
    bump_between,
    parse_requirement,
    parse_version,
    requirement,
)
from ci_steps.versions.calver import looks_like_calver
from tests.versions.strategies import names, versions


@pytest.mark.parametrize(
    ("text", "provider", "line", "least"),
    [
        ("auth-1.1", "auth", "1", "1.1"),
        ("auth-v1.1.3", "auth", "1", "v1.1.3"),
        ("auth-1.1.3-rc-1", "auth", "1", "1.1.3-rc-1"),
        ("auth-api-0.3", "auth-api", "0", "0.3"),
        ("auth-v1beta-1.1", "auth-v1beta", "1", "1.1"),
        ("auth-1", "auth", "1", None),
        ("auth-v1", "auth", "1", None),
        ("auth-0", "auth", "0", None),
        ("auth-v10", "auth", "10", None),
        ("mail-v1_20171001-2", "mail", "1", "v1_20171001-2"),
        ("mail-v1_20171001", "mail", "1", "v1_20171001-0"),
        ("gis-201610", "gis", "calver", "201610"),
        ("gis-20161005.2", "gis", "calver", "20161005.2"),
        pytest.param("gis-v201610", "gis", "201610", None, id="a line that looks like a month"),
        pytest.param("gis-2016101", "gis", "2016101", None, id="seven digits are no date"),
    ],
)
def test_a_requirement_names_a_provider_a_line_and_the_least_version(
    text: str, provider: str, line: str, least: str | None
) -> None:
    read = parse_requirement(text)
    assert (read.provider, read.line) == (provider, line)
    assert read.least == (None if least is None else parse_version(least))
    assert read.written == str(read) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "there is no version behind a name and a hyphen"),
        ("auth", "there is no version behind a name and a hyphen"),
        ("1.1", "there is no version behind a name and a hyphen"),
        ("auth-", "there is no version behind a name and a hyphen"),
        ("auth 1.1", "there is no version behind a name and a hyphen"),
        ("-1.1", "'' is not a service name: it is empty"),
        ("Auth-1.1", "'Auth' is not a service name: 'A' is not one of a-z, 0-9 and the hyphen"),
    ],
)
def test_what_names_no_provider_or_no_version_is_refused(text: str, reason: str) -> None:
    assert refusal(text) == f"{text!r} is not a requirement: {reason}"


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("01", "leading zero in 01"),
        ("1.01", "leading zero in 01"),
        ("v01_20171001", "leading zero in 01"),
        ("v1_20171301", "no calendar has a day 20171301"),
        ("201613", "no calendar has a month 201613"),
        ("1" * 64, "longer than 63 characters"),
        ("1.1\n", "'\\n' is not an ASCII letter, digit or sign"),
        ("1.1+7", "build metadata (+…) is refused: registries and labels do not take it"),
    ],
)
def test_what_is_no_version_behind_the_name_is_refused(version: str, reason: str) -> None:
    text = f"auth-{version}"
    assert refusal(text) == (
        f"{text!r} is not a requirement: {version!r} is no version and no line: {reason}"
    )


def refusal(text: str) -> str:
    """Return why *text* is refused; the hint shows both forms."""
    with pytest.raises(VersionError) as refused:
        parse_requirement(text)
    assert "auth-1.1" in refused.value.hint
    assert '{service: auth, version: "1.1"}' in refused.value.hint
    return str(refused.value)


@pytest.mark.parametrize(
    ("text", "long_form"),
    [
        ("auth-2-1.1", '{service: auth-2, version: "1.1"}'),
        ("auth-2-1", '{service: auth-2, version: "1"}'),
        ("auth-2-1.1.1-rc-1", '{service: auth-2, version: "1.1.1-rc-1"}'),
        ("auth-2-v1_20171001-2", '{service: auth-2, version: "v1_20171001-2"}'),
    ],
)
def test_a_name_with_a_number_is_told_its_long_form(text: str, long_form: str) -> None:
    with pytest.raises(VersionError) as refused:
        parse_requirement(text)
    assert long_form in refused.value.hint


def test_the_long_form_takes_names_the_short_form_cannot_tell_apart() -> None:
    read = requirement("auth-2", "1.1")
    assert (read.provider, read.line, str(read.least)) == ("auth-2", "1", "1.1")
    assert requirement(read.provider, read.version_text) == read


def test_the_long_form_refuses_what_is_no_name_or_no_version() -> None:
    with pytest.raises(UsageError, match="'auth-v2' is not a service name"):
        requirement("auth-v2", "1.1")
    with pytest.raises(VersionError, match=r"'1\.01' is not a version or a line: leading zero"):
        requirement("auth", "1.01")


@pytest.mark.parametrize("number", [1.1, 1, 201610])
def test_a_number_from_yaml_is_refused(number: Any) -> None:
    for read in (parse_requirement, lambda value: requirement("auth", value)):
        with pytest.raises(VersionError, match="it is a number, and YAML turns"):
            read(number)


@pytest.mark.parametrize(
    ("needs", "found", "reason"),
    [
        ("auth-1.1", "1.0.9", "older than 1.1"),
        ("auth-1.1", "0.9", "line 0 instead of 1"),
        ("auth-1.1", "2.0.0", "line 2 instead of 1"),
        ("auth-1.10", "1.9", "older than 1.10"),
        ("auth-1.1", "1.1.0-rc.1", "a prerelease is not asked for"),
        ("auth-1.1", "1.2.0-rc.1", "a prerelease is not asked for"),
        ("auth-1.1.0-rc.2", "1.1.0-rc.1", "older than 1.1.0-rc.2"),
        ("auth-1.1.0-rc.2", "1.1.1-rc.3", "a prerelease is not asked for"),
        ("auth-0.3", "0.2.9", "older than 0.3"),
        ("auth-0.3", "1.0", "line 1 instead of 0"),
        ("auth-1.1", "v1_20171001-1", "another scheme"),
        ("auth-1.1", "201610", "another scheme"),
        ("auth-1", "2.0", "line 2 instead of 1"),
        ("auth-1", "v2_20171001-1", "line 2 instead of 1"),
        ("auth-1", "1.1.0-rc.1", "a prerelease is not asked for"),
        ("auth-1", "201610", "another scheme"),
        ("auth-v1_20171001-2", "v1_20171001-1", "older than v1_20171001-2"),
        ("auth-v1_20171001-2", "v1_20170930-3", "older than v1_20171001-2"),
        ("auth-v1_20171001-2", "v2_20171001-2", "line 2 instead of 1"),
        ("auth-v1_20171001", "v1_20170930-9", "older than v1_20171001"),
        ("auth-v1_20171001", "1.1", "another scheme"),
        ("gis-201610", "201609.9", "older than 201610"),
        ("gis-201610.2", "201610.1", "older than 201610.2"),
        ("gis-201610", "20161005", "another scheme"),
        ("gis-20161005", "201611", "another scheme"),
        ("gis-v201610", "201610", "another scheme"),
    ],
)
def test_a_version_that_will_not_do_is_refused_with_the_reason(
    needs: str, found: str, reason: str
) -> None:
    read, version = parse_requirement(needs), parse_version(found)
    assert read.satisfied_by(version) is Satisfaction.NO
    assert read.why_not(version) == reason


@pytest.mark.parametrize(
    ("needs", "found", "reason"),
    [
        ("auth-v1_20171001-2", "v1_20171002-1", "a later date of the same main version may break"),
        ("auth-v1_20171001", "v1_20171002-1", "a later date of the same main version may break"),
        ("gis-201610", "201611", "a later date may break"),
        ("gis-20161005.2", "20161006", "a later date may break"),
        ("auth-0.3", "0.4.0", "a later minor version may break while the main version is 0"),
    ],
)
def test_a_version_that_may_break_is_a_question(needs: str, found: str, reason: str) -> None:
    read, version = parse_requirement(needs), parse_version(found)
    assert read.satisfied_by(version) is Satisfaction.MAY_BREAK
    assert read.why_not(version) == reason


@pytest.mark.parametrize(
    ("needs", "found"),
    [
        ("auth-1.1", "1.1"),
        ("auth-1.1", "v1.1.0"),
        ("auth-1.1", "1.1.7"),
        ("auth-1.1", "1.2.0"),
        ("auth-1.9", "1.10"),
        ("auth-0.3.1", "0.3.2"),
        ("auth-1.1.0-rc.1", "1.1.0-rc.1"),
        ("auth-1.1.0-rc.1", "1.1.0-rc.2"),
        ("auth-1.1.0-rc.1", "1.1.0"),
        ("auth-1.1.0-rc.1", "1.2.0"),
        ("auth-2.0.0-rc.1", "2.0.0"),
        ("auth-0.3.0-rc.1", "0.3.0"),
        ("auth-1", "1.0"),
        ("auth-v1", "1.9.9"),
        ("auth-1", "v1_20171001-1"),
        ("auth-0", "0.3"),
        ("auth-0", "0.4"),
        ("auth-v1_20171001-2", "v1_20171001-2"),
        ("auth-v1_20171001-2", "v1_20171001-10"),
        ("auth-v1_20171001", "v1_20171001-0"),
        ("auth-v1_20171001", "v1_20171001-1"),
        ("gis-201610", "201610"),
        ("gis-201610", "201610.2"),
        ("gis-20161005.2", "20161005.2"),
        ("gis-v201610", "201610.1.0"),
    ],
)
def test_a_version_that_will_do_needs_no_reason(needs: str, found: str) -> None:
    read, version = parse_requirement(needs), parse_version(found)
    assert read.satisfied_by(version) is Satisfaction.YES
    assert read.why_not(version) == ""


def test_the_answers_are_the_words_of_a_verdict() -> None:
    assert [answer.value for answer in Satisfaction] == ["yes", "no", "unknown"]


@given(names, versions)
def test_a_written_requirement_reads_as_the_same_requirement(name: str, version: Version) -> None:
    # A semantic version that looks like a date is written with a v or a third number.
    assume(version.scheme != "semver" or not looks_like_calver(str(version)))
    for wanted in (version.floor, str(version)):
        long_form = requirement(name, wanted)
        assert parse_requirement(long_form.written) == long_form
        assert (long_form.provider, long_form.version_text) == (name, wanted)


@given(versions)
def test_a_version_satisfies_its_floor_and_itself(version: Version) -> None:
    floor = parse_requirement(f"auth-{version.floor}")
    assert floor.satisfied_by(version) is Satisfaction.YES
    assert floor.line == version.line


@given(versions, versions)
def test_a_release_older_by_a_break_does_not_satisfy_the_floor(one: Version, two: Version) -> None:
    if one.scheme == two.scheme:
        older, newer = sorted((one, two))
        if not older.is_prerelease and not bump_between(older, newer).is_compatible:
            assert _floor_of(newer).satisfied_by(older) is Satisfaction.NO


@given(versions, versions)
def test_older_never_satisfies_and_another_scheme_never_does(
    least: Version, other: Version
) -> None:
    needs = _at_least(least)
    if least.scheme != other.scheme or other < least:
        assert needs.satisfied_by(other) is Satisfaction.NO
    assert (needs.satisfied_by(other) is Satisfaction.YES) == (needs.why_not(other) == "")


def _floor_of(version: Version) -> Requirement:
    return parse_requirement(f"auth-{version.floor}")


def _at_least(version: Version) -> Requirement:
    return Requirement("auth", str(version), version.line, version)
