"""Random worlds: the verdicts agree with an evaluator that follows the rules word for word.

It knows nothing of indexes, caches and the code under test: versions are read by a few
patterns, every world is a list, and an order is found by trying them all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count, permutations
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.parts.verdicts import (
    TODAY,
    ask_for_evidence,
    asked,
    retire,
    run_in,
    verify,
    waive,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ci_steps.dictionary.store import Dictionary

pytestmark = pytest.mark.slow

SERVICES = ("a", "b", "c")
SLOTS = ("x", "y")
VERSIONS = (
    *("1.0.0", "1.1.0", "1.1.0-rc.1", "2.0.0", "0.1.0", "0.2.0"),
    *("v1_20171001-1", "v1_20171001-2", "v1_20171102-1", "v2_20171102-1"),
    *("201610.0", "201610.2", "201611.0", "20161005.0"),
)
WANTED = (
    *("1", "2", "1.0", "1.1", "1.1.0-rc.1", "2.0", "0.1"),
    *("v1_20171001", "v1_20171001-2", "201610", "201610.2", "20161005"),
)
DIGESTS = ("", "d1", "d2")

# A running service: its name, its version and its slot.
Run = tuple[str, str, str]
_NUMBERS = count()


@dataclass
class World:
    """Everything that decides, as lists."""

    live: list[Run]
    coming: list[Run]
    needs: Mapping[tuple[str, str], Mapping[str, str]]
    digests: Mapping[tuple[str, str], str]
    verified: list[tuple[str, str, str, str, bool]] = field(default_factory=list)
    evidence_required: bool = False
    retired: set[tuple[str, str]] = field(default_factory=set)
    waivers: list[tuple[str, str, date]] = field(default_factory=list)


# What a version is: section 5 of the rules.


def scheme_line_slots(text: str) -> tuple[str, str, tuple[int, ...], str]:
    """Return scheme, line, slots and prerelease of a version in full."""
    dated = re.fullmatch(r"v(\d+)_(\d{8})-(\d+)", text)
    if dated:
        main, day, bugfix = map(int, dated.groups())
        return "dated", str(main), (main, day, bugfix), ""
    calver = re.fullmatch(r"(\d{6}|\d{8})(?:\.(\d+))?", text)
    if calver:
        date_digits, patch = calver.groups(default="0")
        return f"calver {len(date_digits)}", "calver", (int(date_digits), int(patch)), ""
    semver = re.fullmatch(r"(\d+)\.(\d+)(?:\.(\d+)(?:-(.+))?)?", text)
    assert semver, text
    slots = (int(semver[1]), int(semver[2]), int(semver[3] or 0))
    return "semver", semver[1], slots, semver[4] or ""


def line_of(text: str) -> str:
    if re.fullmatch(r"\d", text):
        return text
    return scheme_line_slots(f"{text}-0" if re.fullmatch(r"v\d_\d{8}", text) else text)[1]


def by_number(wanted: str, version: str) -> tuple[str, str]:
    """Judge a version of the required line; semver, dated and calver, each in its own words."""
    scheme, _, slots, prerelease = scheme_line_slots(version)
    if re.fullmatch(r"\d", wanted):
        return ("no", "PRERELEASE") if prerelease else ("yes", "SATISFIED")
    whole = f"{wanted}-0" if re.fullmatch(r"v\d_\d{8}", wanted) else wanted
    of, _, least, wanted_prerelease = scheme_line_slots(whole)
    if of != scheme:
        return "no", "OTHER_SCHEME"
    if prerelease and not (wanted_prerelease and least == slots):
        return "no", "PRERELEASE"
    if slots < least:
        return "no", "TOO_OLD"
    promised = {"dated": 2, "semver": 1 if least[0] else 2}.get(scheme, 1)
    if slots[:promised] != least[:promised]:
        return "unknown", "MAY_BREAK"
    return "yes", "SATISFIED"


# The six rules.


def by_contract(world: World, provider: str, wanted: str, version: str) -> bool:
    """Return whether a recorded release that satisfies has the contract of *version*."""
    digest = world.digests[provider, version]
    return bool(digest) and any(
        name == provider
        and line_of(other) == line_of(wanted)
        and by_number(wanted, other)[0] == "yes"
        and world.digests[name, other] == digest
        for name, other, _ in world.live
    )


def proof(world: World, pair: tuple[str, str, str, str]) -> bool | None:
    results = [passed for *tried, passed in world.verified if tuple(tried) == pair]
    return results[-1] if results else None


def judged_one(
    world: World, who: tuple[str, str], provider: str, wanted: str, version: str
) -> tuple[str, str]:
    passed = proof(world, (*who, provider, version))
    if passed is not None:
        return ("yes", "VERIFIED") if passed else ("no", "VERIFICATION_FAILED")
    verdict, reason = by_number(wanted, version)
    if reason == "MAY_BREAK" and by_contract(world, provider, wanted, version):
        verdict, reason = "yes", "SAME_CONTRACT"
    if verdict == "yes" and world.evidence_required:
        return "unknown", "NOT_VERIFIED"
    return verdict, reason


def judged(
    world: World, runs: Iterable[Run], who: tuple[str, str], provider: str, wanted: str
) -> tuple[str, set[str]]:
    """Return the verdict of a requirement, and the reasons that may be given for it."""
    if is_waived(world, who[0], provider):
        return "ignored", {"IGNORED"}
    versions = [version for name, version, _ in runs if name == provider]
    if not versions:
        return "unknown", {"PROVIDER_NOT_LIVE"}
    of_line = [version for version in versions if line_of(version) == line_of(wanted)]
    if not of_line:
        for line in {line_of(version) for version in versions}:
            others = [version for version in versions if line_of(version) == line]
            if all(proof(world, (*who, provider, version)) for version in others):
                return "yes", {"VERIFIED"}
        gone = (provider, line_of(wanted)) in world.retired
        return "no", {"LINE_RETIRED" if gone else "LINE_NOT_LIVE"}
    each = [judged_one(world, who, provider, wanted, version) for version in of_line]
    verdict = fold(verdict for verdict, _ in each)
    return verdict, {reason for one, reason in each if one == verdict}


def is_waived(world: World, one: str, other: str) -> bool:
    about = {name for name, _, _ in world.coming}
    return any(
        {service, against} == {one, other} and service in about and until >= TODAY
        for service, against, until in world.waivers
    )


def fold(verdicts: Iterable[str]) -> str:
    found = set(verdicts)
    return "no" if "no" in found else "unknown" if "unknown" in found else "yes"


def after(runs: list[Run], coming: Iterable[Run]) -> list[Run]:
    for run in coming:
        runs = [one for one in runs if (one[0], one[2]) != (run[0], run[2])] + [run]
    return runs


Edges = dict[tuple[str, str, str, str], tuple[str, set[str]]]


def edges(world: World, runs: list[Run]) -> Edges:
    """Return the edges of everything that runs."""
    return {
        (name, version, provider, wanted): judged(world, runs, (name, version), provider, wanted)
        for name, version, _ in runs
        for provider, wanted in world.needs[name, version].items()
    }


def expected(world: World) -> tuple[str, Edges]:
    """Return verdict and edges: of what comes, and of who needs it."""
    coming = {(name, version) for name, version, _ in world.coming}
    names = {name for name, _ in coming}
    concerned = {
        edge: answer
        for edge, answer in edges(world, after(world.live, world.coming)).items()
        if edge[:2] in coming or edge[2] in names
    }
    if any((name, line_of(version)) in world.retired for name, version in coming):
        return "no", concerned
    return fold(verdict for verdict, _ in concerned.values()), concerned


def breaks_nobody(world: World, order: Iterable[Run]) -> bool:
    """Return whether nothing that runs on the way, of whatever service, is newly refused."""
    before = {edge for edge, answer in edges(world, world.live).items() if answer[0] == "no"}
    runs = world.live
    for run in order:
        runs = after(runs, [run])
        if any(one[0] == "no" for edge, one in edges(world, runs).items() if edge not in before):
            return False
    return True


# Worlds.


@st.composite
def worlds(draw: st.DrawFn, trains: int = 1) -> World:
    names = SERVICES
    places = st.sampled_from([(name, slot) for name in names for slot in SLOTS])
    # Few versions to a world, or hardly anything would ever satisfy.
    pool = st.sampled_from(draw(st.lists(st.sampled_from(VERSIONS), min_size=2, max_size=5)))
    wanted = st.sampled_from(draw(st.lists(st.sampled_from(WANTED), min_size=1, max_size=4)))
    live = [
        (name, draw(pool), slot) for name, slot in draw(st.lists(places, max_size=6, unique=True))
    ]
    chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=trains, unique=True))
    coming = [(name, draw(pool), draw(st.sampled_from((*SLOTS, "z")))) for name in chosen]
    releases = sorted({run[:2] for run in (*live, *coming)})
    version = st.sampled_from(releases)
    others = {name: st.sampled_from([one for one in names if one != name]) for name in names}
    tried = [
        (*left, *right, draw(st.booleans()))
        for left, right in draw(st.lists(st.tuples(version, version), max_size=4))
        if left[0] != right[0]
    ]
    lines = st.sampled_from([(name, line_of(text)) for name, text in releases])
    days = st.sampled_from([TODAY, TODAY - timedelta(days=1)])
    return World(
        live,
        coming,
        {one: draw(st.dictionaries(others[one[0]], wanted, max_size=2)) for one in releases},
        {one: draw(st.sampled_from(DIGESTS)) for one in releases},
        tried,
        draw(st.integers(0, 4)) == 0,
        set(draw(st.lists(lines, max_size=1))) if draw(st.integers(0, 4)) == 0 else set(),
        [(one[0], draw(others[one[0]]), draw(days)) for one in draw(st.lists(version, max_size=3))]
        if draw(st.integers(0, 3)) == 0
        else [],
    )


def written(world: World, run: Run) -> str:
    name, version, slot = run
    needs = (f"{provider}-{wanted}" for provider, wanted in world.needs[name, version].items())
    contract = world.digests[name, version]
    digest = f" #{contract}" if contract else ""
    return f"{name} {version}{digest} in {slot}: {' '.join(needs)}"


def as_new(world: World) -> World:
    """Return the same world with names that no other world has: the dictionary stays."""
    number = next(_NUMBERS)

    def own(name: str) -> str:
        return f"{name}{number}"

    return World(
        [(own(name), *run) for name, *run in world.live],  # type: ignore[misc]
        [(own(name), *run) for name, *run in world.coming],  # type: ignore[misc]
        {
            (own(name), version): {own(other): wanted for other, wanted in needs.items()}
            for (name, version), needs in world.needs.items()
        },
        {(own(name), version): digest for (name, version), digest in world.digests.items()},
        [(own(a), one, own(b), other, passed) for a, one, b, other, passed in world.verified],
        world.evidence_required,
        {(own(name), line) for name, line in world.retired},
        [(own(one), own(other), until) for one, other, until in world.waivers],
    )


def record(dictionary: Dictionary, world: World) -> str:
    """Write a world into an environment of its own, and return its name."""
    environment = f"e{next(_NUMBERS)}"
    with dictionary.writing():
        if world.evidence_required:
            ask_for_evidence(dictionary, environment)
        run_in(dictionary, *(written(world, run) for run in world.live), environment=environment)
        for hours, (left, one, right, other, passed) in enumerate(world.verified):
            verify(dictionary, f"{left} {one}", f"{right} {other}", passed=passed, hours=hours)
        for name, line in world.retired:
            retire(dictionary, name, line)
        for service, other, until in world.waivers:
            waive(dictionary, service, other, until, environment)
    return environment


IN_ONE_DICTIONARY = settings(
    max_examples=150,
    deadline=None,
    # Every world has names of its own there, so the dictionary need not be a new one.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@IN_ONE_DICTIONARY
@given(world=worlds())
def test_a_verdict_is_that_of_the_rules(dictionary: Dictionary, world: World) -> None:
    agree(dictionary, as_new(world))


@IN_ONE_DICTIONARY
@given(world=worlds(trains=3))
def test_the_verdict_and_order_of_a_train_are_those_of_the_rules(
    dictionary: Dictionary, world: World
) -> None:
    world = as_new(world)
    order = agree(dictionary, world)
    if len(world.coming) == 1:
        return
    by_name = {f"{name} {version}": (name, version, slot) for name, version, slot in world.coming}
    is_retired = any((name, line_of(one)) in world.retired for name, one, _ in world.coming)
    if order:
        assert breaks_nobody(world, [by_name[name] for name in order])
    elif not is_retired:
        assert not any(breaks_nobody(world, one) for one in permutations(world.coming))


def agree(dictionary: Dictionary, world: World) -> tuple[str, ...]:
    """Compare verdict and edges, and return the order."""
    environment = record(dictionary, world)
    coming = [written(world, run) for run in world.coming]
    report = asked(dictionary, *coming, environment=environment)
    verdict, concerned = expected(world)
    found = {
        (edge.dependent, edge.dependent_version, edge.provider, edge.required): edge
        for edge in report.edges
    }
    assert set(found) == {
        (name, version, provider, f"{provider}-{wanted}")
        for name, version, provider, wanted in concerned
    }
    assert len(found) == len(report.edges)
    for (name, version, provider, wanted), (answer, reasons) in concerned.items():
        edge = found[name, version, provider, f"{provider}-{wanted}"]
        assert (edge.verdict.value if edge.verdict else "ignored") == answer, edge
        assert edge.reason.value in reasons, edge
    assert report.verdict.value == verdict
    return report.order
