"""Versions and requirements for the property tests, small enough to collide often."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from ci_steps.versions import CalVersion, DatedVersion, SemVersion, Version, parse_version

# Few values, so that equal slots are frequent, and some that no index can hold.
numbers = st.sampled_from([0, 1, 2, 9, 10, 11, 99, 2**17 - 1, 2**17, 2**21, 2**24, 10**11])
days = st.sampled_from(
    [date(2000, 1, 1), date(2016, 10, 5), date(2016, 10, 6), date(2016, 11, 1), date(2020, 2, 29)]
)
identifiers = st.sampled_from(["0", "1", "2", "10", "a", "b", "rc", "RC", "rc-1", "-", "1a"])


@st.composite
def dated(draw: st.DrawFn) -> Version:
    main, day, bugfix = draw(numbers), draw(days), draw(numbers)
    return parse_version(f"v{main}_{day:%Y%m%d}-{bugfix}")


@st.composite
def semver(draw: st.DrawFn, *, only_releases: bool = False) -> Version:
    slots = draw(st.lists(numbers, min_size=2, max_size=3))
    text = draw(st.sampled_from(["", "v"])) + ".".join(map(str, slots))
    if not only_releases and len(slots) == 3:
        prerelease = ".".join(draw(st.lists(identifiers, max_size=3)))
        text += f"-{prerelease}" if prerelease else ""
    return parse_version(text, "semver")


@st.composite
def calver(draw: st.DrawFn, forms: tuple[str, ...] = ("%Y%m", "%Y%m%d")) -> Version:
    day = format(draw(days), draw(st.sampled_from(forms)))
    bugfix = draw(st.none() | numbers)
    return parse_version(day if bugfix is None else f"{day}.{bugfix}")


months = calver(("%Y%m",))
single_days = calver(("%Y%m%d",))
schemes = st.sampled_from([dated(), semver(), months, single_days])
versions = schemes.flatmap(lambda scheme: scheme)
releases = versions.filter(lambda version: not version.is_prerelease)
pairs_of_one_scheme = schemes.flatmap(lambda scheme: st.tuples(scheme, scheme))
triples_of_one_scheme = schemes.flatmap(lambda scheme: st.tuples(scheme, scheme, scheme))
names = st.lists(
    st.sampled_from(["auth", "gis", "a", "v", "v1beta", "b2b"]), min_size=1, max_size=3
).map("-".join)

CLASSES = {"dated": DatedVersion, "semver": SemVersion, "calver": CalVersion}
