"""Who leads an owner, stands in for it and belongs to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.dictionary import owner_recording
from ci_steps.dictionary.effects import Effect
from ci_steps.model import Contact, Owner

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary

TEAM = Owner(
    "auth-team",
    "Auth team",
    (Contact("slack", "#auth-team"),),
    lead="auth-lead",
    time_zone="Europe/Berlin",
    deputies=("gis-team", "web-team"),
    members=("auth-lead",),
    parent="platform",
)


def record(dictionary: Dictionary, owner: Owner) -> Effect:
    with dictionary.writing() as connection:
        return owner_recording.record_owner(connection, owner)


def test_everything_about_an_owner_is_kept(dictionary: Dictionary) -> None:
    assert record(dictionary, TEAM) is Effect.ADDED
    assert dictionary.owner("auth-team") == TEAM
    assert {one.name: one for one in dictionary.owners()}["auth-team"] == TEAM


def test_the_same_again_changes_nothing(dictionary: Dictionary) -> None:
    record(dictionary, TEAM)
    assert record(dictionary, TEAM) is Effect.UNCHANGED


def test_what_is_left_empty_stays(dictionary: Dictionary) -> None:
    record(dictionary, TEAM)
    assert record(dictionary, Owner("auth-team")) is Effect.UNCHANGED
    assert dictionary.owner("auth-team") == TEAM


def test_lead_and_deputies_are_replaced_and_members_are_added(dictionary: Dictionary) -> None:
    record(dictionary, TEAM)
    changed = Owner("auth-team", lead="gis-lead", deputies=("gis-team",), members=("gis-lead",))
    assert record(dictionary, changed) is Effect.CHANGED
    found = dictionary.owner("auth-team")
    assert found is not None
    assert (found.lead, found.deputies) == ("gis-lead", ("gis-team",))
    assert found.members == ("auth-lead", "gis-lead")


def test_the_order_of_deputies_is_who_is_asked_first(dictionary: Dictionary) -> None:
    record(dictionary, TEAM)
    changed = record(dictionary, Owner("auth-team", deputies=("web-team", "gis-team")))
    assert changed is Effect.CHANGED
    found = dictionary.owner("auth-team")
    assert found is not None
    assert found.deputies == ("web-team", "gis-team")


def test_whoever_is_named_is_an_owner_from_then_on(dictionary: Dictionary) -> None:
    record(dictionary, TEAM)
    names = {one.name for one in dictionary.owners()}
    assert names == {"auth-lead", "auth-team", "gis-team", "platform", "web-team"}


def test_a_person_stays_one(dictionary: Dictionary) -> None:
    assert record(dictionary, Owner("auth-lead", is_person=True)) is Effect.ADDED
    assert record(dictionary, Owner("auth-lead", time_zone="UTC")) is Effect.CHANGED
    assert dictionary.owner("auth-lead") == Owner("auth-lead", is_person=True, time_zone="UTC")
