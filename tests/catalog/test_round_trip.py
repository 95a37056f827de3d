"""A dictionary that is exported and imported elsewhere is the same dictionary."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ci_steps.catalog.exporting import as_yaml, exported
from ci_steps.dictionary.worlds.world import load_world
from ci_steps.errors import UsageError
from ci_steps.model import Contact, Owner, Service
from tests.catalog.claims import backstage, changes, lines
from tests.parts.dictionaries import NOON, deployed, dictionary_at, release, ship

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_steps.dictionary.store import Dictionary

WORLD = Path(__file__).parents[2] / "examples" / "shop" / "world.yaml"

NAMES = ("auth", "gis", "mail", "web", "auth-2", "pay-7-x")
OWNERS = (
    "auth-team",
    "Auth_Team",
    "größe",
    "gis/team",
    "a.b",
    "unknown",
    "x" * 63,
    "sam@s.example",
)
VERSIONS = ("1.1", "1.2.0", "2.0.0-rc.1", "201610", "20161005.2", "v1_20171001-2", "0.3")
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=12
)
LINES = TEXTS.map(str.strip).filter(bool)
CHANNELS = st.sampled_from(["email", "slack", "file", "1e3"])
CONTACTS = st.builds(Contact, CHANNELS, LINES | st.just("a@shop.example"))


def content(dictionary: Dictionary) -> dict[str, Any]:
    """Return what a round trip keeps."""
    return {
        "owners": dictionary.owners(),
        "services": dictionary.services(),
        "live": [
            (one.service, str(one.version), one.environment, one.slot, one.commit)
            for one in dictionary.live()
        ],
        "needs": [
            (one.service, str(one.version), one.environment, one.requirement)
            for service in dictionary.services()
            for one in dictionary.dependencies(service.name)
        ],
        "production": {one.name: one.production for one in dictionary.environments()},
    }


def check_round_trip(dictionary: Dictionary) -> None:
    """Raise unless an export, imported elsewhere, is the same, and twice changes nothing."""
    text = as_yaml(exported(dictionary))
    with dictionary_at() as other:
        backstage(other, text)
        assert content(other) == content(dictionary)
        assert changes(backstage(other, text, hours=2)) == {}
        assert as_yaml(exported(other)) == text
    assert changes(backstage(dictionary, text, hours=3)) == {}


def test_the_shop_with_what_runs_in_it_survives(dictionary: Dictionary) -> None:
    load_world(dictionary, yaml.safe_load(WORLD.read_text("utf-8")), "world.yaml")
    ship(dictionary, "auth 1.1.0", commit="1e3")
    ship(dictionary, "auth 2.0.0", commit="c2", hours=1)
    ship(dictionary, "gis 201610", "auth-1.1", "mail-v1_20171001-2", commit="c3")
    ship(dictionary, "web 1.10", "auth-2", "gis-201610", environment="staging", commit="0777")
    check_round_trip(dictionary)
    text = as_yaml(exported(dictionary))
    for said in (
        "ci-steps.io/requirements: auth-1.1, mail-v1_20171001-2",
        "ci-steps.io/version.2: '2.0.0'",
        "ci-steps.io/commit: '1e3'",
        "owner: group:gis-team",
    ):
        assert said in text


@st.composite
def owners(draw: st.DrawFn) -> list[Owner]:
    names = draw(st.lists(st.sampled_from(OWNERS), unique=True, max_size=5))
    persons = draw(st.sets(st.sampled_from(names))) if names else set()
    teams = [name for name in names if name not in persons]
    found = []
    for place, name in enumerate(names):
        others = names[:place]  # so that nobody leads in a circle
        choice = st.sampled_from(["", *others])
        some = st.lists(st.sampled_from(others), unique=True) if others else st.just([])
        is_team = name in teams
        above = st.sampled_from(["", *(one for one in others if one in teams)])
        found.append(
            Owner(
                name,
                draw(TEXTS),
                tuple(draw(st.lists(CONTACTS, unique=True, max_size=3))),
                is_person=not is_team,
                lead=draw(choice),
                time_zone=draw(st.sampled_from(["", "Europe/Berlin", "UTC"])),
                deputies=tuple(draw(some)),
                members=tuple(sorted(draw(some))) if is_team else (),
                parent=draw(above) if is_team else "",
            )
        )
    return found


@st.composite
def shipped(draw: st.DrawFn) -> tuple[str, list[str], str, str]:
    """Return a label, requirements, an environment and a slot."""
    label = f"{draw(st.sampled_from(NAMES[:4]))} {draw(st.sampled_from(VERSIONS))}"
    providers = draw(st.lists(st.sampled_from(NAMES[:4]), unique=True, max_size=3))
    needs = [f"{provider}-{draw(st.sampled_from(VERSIONS))}" for provider in providers]
    place = draw(st.sampled_from(["production", "staging", "qa/eu"]))
    return label, needs, place, draw(st.sampled_from(["", "blue"]))


def fill(
    dictionary: Dictionary,
    known: Iterable[Owner],
    ships: Iterable[tuple[str, list[str], str, str]],
    owned: dict[str, int],
) -> None:
    listed = list(known)
    for one in listed:
        dictionary.record_owner(one)
    for name, number in owned.items():
        owner = listed[number % len(listed)].name if listed and number else ""
        dictionary.record_service(Service(name, owner, f"https://git.shop.example/{name}"))
    seen: dict[str, list[str]] = {}
    for hours, (label, needs, place, slot) in enumerate(ships):
        of = release(label, *seen.setdefault(label, needs), commit=f"{hours}e3")
        old = dictionary.release(of.service, of.version)
        if old is None:
            where = deployed(of, place, hours=hours)
            where = type(where)(**{**vars(where), "slot": slot or where.slot})
            dictionary.record_deployment(of, where, production=place == "production")


@pytest.mark.slow
@given(
    owners(),
    st.lists(shipped(), max_size=6),
    st.dictionaries(st.sampled_from(NAMES), st.integers(0, 5)),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_small_catalog_survives(
    known: list[Owner], ships: list[tuple[str, list[str], str, str]], owned: dict[str, int]
) -> None:
    with dictionary_at() as dictionary:
        fill(dictionary, known, ships, owned)
        check_round_trip(dictionary)


def test_members_have_no_order(dictionary: Dictionary) -> None:
    # An export calls Auth_Team auth-team-2, which comes behind the person auth-team.
    dictionary.record_owner(Owner("auth-team", is_person=True))
    dictionary.record_owner(Owner("everybody", members=("auth-team", "Auth_Team")))
    check_round_trip(dictionary)


def test_a_service_that_runs_nowhere_keeps_its_newest_release(dictionary: Dictionary) -> None:
    ship(dictionary, "web 1.0", "auth-1.1")
    ship(dictionary, "web 1.1", "auth-1.2", hours=1)
    for one in dictionary.live():
        dictionary.end_deployment(one, NOON)
    with dictionary_at() as other:
        backstage(other, as_yaml(exported(dictionary)))
        (found,) = other.releases("web")
        assert [need.written for need in found.requirements] == ["auth-1.2"]


def test_requirements_on_names_that_end_like_a_version_survive(dictionary: Dictionary) -> None:
    backstage(
        dictionary,
        "apiVersion: backstage.io/v1\nkind: Component\nmetadata: {name: web, annotations: "
        "{ci-steps.io/version: '1.0', ci-steps.io/requirements: auth-2@1.1,"
        " ci-steps.io/environments: qa}}",
    )
    check_round_trip(dictionary)


def test_what_cannot_be_written_is_said(dictionary: Dictionary) -> None:
    dictionary.record_owner(Owner("auth-team", contacts=(Contact("file", "two\nlines"),)))
    with pytest.raises(UsageError, match="cannot be exported as contacts"):
        as_yaml(exported(dictionary))


def test_an_export_is_read_without_a_note(dictionary: Dictionary) -> None:
    ship(dictionary, "web 1.0", "auth-1.1")
    ship(dictionary, "auth 1.1")
    assert lines(backstage(dictionary, as_yaml(exported(dictionary))).notes) == []
