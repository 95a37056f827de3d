from __future__ import annotations

from dataclasses import FrozenInstanceError
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_steps.errors import VersionError
from ci_steps.versions import SemVersion, Version, parse_version
from ci_steps.versions.version import pack
from tests.versions.strategies import pairs_of_one_scheme, triples_of_one_scheme, versions

# Each list from the oldest to the newest.
ORDERED = [
    pytest.param(
        ["v1_20170930-9", "v1_20171001-1", "v1_20171001-9", "v1_20171001-10", "v9_20000101-1",
         "v10_20000101-1"],
        id="dated",
    ),
    pytest.param(
        ["0.9.9", "1.0", "1.8.10", "1.9", "1.9.1", "1.10", "9.0", "10.0",
         "v11.0"],
        id="semver",
    ),
    pytest.param(
        # The example of SemVer 2.0.0, section 11, and what surrounds it.
        ["0.9.9", "1.0.0-0", "1.0.0-9", "1.0.0-10", "1.0.0-RC", "1.0.0-alpha", "1.0.0-alpha.1",
         "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0",
         "1.0.1-a"],
        id="prereleases",
    ),
    pytest.param(["200912", "201609", "201610", "201610.2", "201610.10", "201701"], id="months"),
    pytest.param(["20161005", "20161005.9", "20161005.10", "20161006", "20170101"], id="days"),
]  # fmt: skip


@pytest.mark.parametrize("texts", ORDERED)
def test_slots_are_compared_as_numbers(texts: list[str]) -> None:
    for older, newer in combinations(map(parse_version, texts), 2):
        assert older < newer
        assert newer > older
        assert not newer <= older
        assert older.order < newer.order or older.is_prerelease


def test_1_10_is_newer_than_1_9() -> None:
    assert parse_version("1.10") > parse_version("1.9")


@pytest.mark.parametrize(
    "spellings",
    [("1.1", "1.1.0", "v1.1", "v1.1.0"), ("201610", "201610.0"), ("20161005", "20161005.0")],
)
def test_the_spelling_is_kept_but_does_not_count(spellings: tuple[str, ...]) -> None:
    read = [parse_version(text) for text in spellings]
    assert [str(version) for version in read] == list(spellings)
    assert len(set(read)) == 1
    assert len({version.order for version in read}) == 1
    assert all(read[0] <= version <= read[0] for version in read)


ONE_OF_EACH = ("1.1", "v1_20171001-1", "201610", "20161001")


@pytest.mark.parametrize(("one", "other"), [*combinations(ONE_OF_EACH, 2)])
def test_versions_of_two_schemes_are_unequal_and_cannot_be_compared(one: str, other: str) -> None:
    left, right = parse_version(one), parse_version(other)
    assert left != right
    for compare in (left.__lt__, left.__le__, left.__gt__, left.__ge__):
        with pytest.raises(
            VersionError, match=f"'{one}' is not comparable with '{other}': .* two schemes"
        ):
            compare(right)


def test_a_version_is_not_equal_to_its_text() -> None:
    assert parse_version("1.1") != "1.1"


def test_a_version_cannot_be_changed() -> None:
    version = parse_version("1.1")
    assert isinstance(version, SemVersion)
    with pytest.raises(FrozenInstanceError):
        version.minor = 2  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "line", "floor"),
    [
        ("v1_20171001-2", "1", "v1_20171001"),
        ("v0_20171001-2", "0", "v0_20171001"),
        ("2.0.3", "2", "2"),
        ("v1.1", "1", "1"),
        ("0.3.5", "0", "0.3"),
        ("v0.3", "0", "0.3"),
        ("2.0.0-rc.1", "2", "2.0.0-rc.1"),
        ("v0.3.0-rc.1", "0", "0.3.0-rc.1"),
        ("201611.0.0", "201611", "v201611"),
        ("201611", "calver", "201611"),
        ("201611.3", "calver", "201611"),
        ("20161105.3", "calver", "20161105"),
    ],
)
def test_callers_address_the_line_and_rely_on_the_floor(text: str, line: str, floor: str) -> None:
    version = parse_version(text)
    assert (version.line, version.floor) == (line, floor)


@given(pairs_of_one_scheme)
def test_exactly_one_of_older_equal_and_newer_holds(pair: tuple[Version, Version]) -> None:
    left, right = pair
    assert [left < right, left == right, left > right].count(True) == 1
    assert (left < right) == (right > left)
    assert (left <= right) == (not right < left)
    assert (left >= right) == (right <= left)
    if left == right:
        assert hash(left) == hash(right)


@given(triples_of_one_scheme)
def test_the_order_is_transitive(triple: tuple[Version, Version, Version]) -> None:
    oldest, middle, newest = sorted(triple)
    assert oldest <= middle <= newest
    assert oldest <= newest


@given(pairs_of_one_scheme)
def test_the_order_number_never_falls_as_versions_rise(pair: tuple[Version, Version]) -> None:
    older, newer = sorted(pair)
    assert 0 <= older.order <= newer.order < 2**63


@given(versions.filter(lambda version: max(version.slots) < 2**20))
def test_the_order_number_of_a_prerelease_is_below_its_release(version: Version) -> None:
    if version.is_prerelease:
        assert version.order < parse_version(version.written.partition("-")[0], "semver").order


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("1.1.0", "1.1.1"),
        ("2097150.1048575.2097150", "2097151.0.0"),
        ("v16777214_20171001-131071", "v16777215_20171001-0"),
        ("v1_20171001-131070", "v1_20171001-131071"),
        ("20161005.2199023255550", "20161005.2199023255551"),
        ("99991231.0", "99991231.1"),
    ],
)
def test_versions_that_fit_have_numbers_of_their_own(older: str, newer: str) -> None:
    assert parse_version(older).order < parse_version(newer).order


def test_versions_that_do_not_fit_share_the_highest_number_they_can_have() -> None:
    highest = parse_version("v16777216_20171001-1").order
    assert highest == parse_version(f"v{10**50}_20000101-0").order == 2**63 - 1
    assert parse_version("1.1048576.0").order == parse_version("1.1048575.2097151").order
    assert parse_version("1.1048576.0").order < parse_version("2.0.0").order


@given(st.tuples(*[st.integers(0, 9)] * 3), st.tuples(*[st.integers(0, 9)] * 3))
def test_packing_keeps_the_order_of_the_numbers(
    left: tuple[int, int, int], right: tuple[int, int, int]
) -> None:
    smaller, larger = sorted((left, right))
    assert pack(smaller, (2, 3, 1)) <= pack(larger, (2, 3, 1))
    if smaller < larger:
        assert pack(smaller, (4, 4, 4)) < pack(larger, (4, 4, 4))
