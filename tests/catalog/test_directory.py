"""A file of owners: people and teams, and how each is reached."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ci_steps.errors import ConfigError
from ci_steps.model import Contact, Owner
from tests.catalog.claims import changes, directory, lines

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "catalog.md"

OWNERS = """
teams:
  auth-team:
    title: Auth team
    lead: auth-lead
    email: auth-owners@shop.example
    slack: "#auth-team"
    contacts: [{channel: file, address: auth}]
    time_zone: Europe/Berlin
    deputies: [gis-team, auth-lead]
    members: [auth-lead]
  gis-team:
people:
  auth-lead: {title: Lead of auth, email: lead@shop.example, deputies: [gis-team]}
"""


def problems(dictionary: Dictionary, text: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        directory(dictionary, text)
    return lines(raised.value.problems)


def test_everything_in_a_file_is_recorded_and_twice_changes_nothing(
    dictionary: Dictionary,
) -> None:
    assert changes(directory(dictionary, OWNERS)) == {"owners": (3, 0)}
    assert dictionary.owner("auth-team") == Owner(
        "auth-team",
        "Auth team",
        (
            Contact("email", "auth-owners@shop.example"),
            Contact("slack", "#auth-team"),
            Contact("file", "auth"),
        ),
        lead="auth-lead",
        time_zone="Europe/Berlin",
        deputies=("gis-team", "auth-lead"),
        members=("auth-lead",),
    )
    person = dictionary.owner("auth-lead")
    assert person is not None
    assert person.is_person
    assert changes(directory(dictionary, OWNERS)) == {}


def test_whoever_the_dictionary_knows_may_be_named(dictionary: Dictionary) -> None:
    directory(dictionary, OWNERS)
    directory(dictionary, "teams: {web-team: {lead: auth-lead, deputies: [gis-team]}}")
    found = dictionary.owner("web-team")
    assert found is not None
    assert (found.lead, found.deputies) == ("auth-lead", ("gis-team",))


def test_two_may_stand_in_for_each_other(dictionary: Dictionary) -> None:
    directory(dictionary, "people: {a: {deputies: [b]}, b: {deputies: [a]}}")
    assert [one.deputies for one in dictionary.owners()] == [("b",), ("a",)]


def test_contacts_of_a_list_are_the_whole_list(dictionary: Dictionary) -> None:
    directory(dictionary, OWNERS)
    directory(dictionary, "teams: {auth-team: {contacts: [{channel: file, address: new}]}}")
    found = dictionary.owner("auth-team")
    assert found is not None
    assert found.contacts == (Contact("file", "new"),)


def test_every_problem_has_its_line(dictionary: Dictionary) -> None:
    text = """teams:
  auth team: {}
  auth-team: {lead: auth-led, emial: x, email: nope, time_zone: Berlin}
  gis-team: {deputies: [gis-team, 7], slack: 5, contacts: [{channel: file}]}
  web-team: x
people:
  auth-team: {}
  auth-lead: {members: [auth-team]}
tems: {}
"""
    assert problems(dictionary, text) == [
        "owners.yaml:2: teams.auth team: 'auth team' is not a name: at most 63 signs, no blanks",
        "owners.yaml:3: teams.auth-team.email: 'nope' is not an e-mail address",
        "owners.yaml:3: teams.auth-team.emial: unknown key, did you mean email?",
        "owners.yaml:3: teams.auth-team.lead: unknown owner 'auth-led', did you mean auth-lead?",
        (
            "owners.yaml:3: teams.auth-team.time_zone: unknown time zone 'Berlin', "
            "did you mean Europe/Berlin?"
        ),
        "owners.yaml:4: teams.gis-team.contacts[0].address: must be given",
        "owners.yaml:4: teams.gis-team.deputies: gis-team cannot be this for itself",
        "owners.yaml:4: teams.gis-team.deputies[1]: 7 is not the name of an owner",
        "owners.yaml:4: teams.gis-team.slack: 5 is a number, not a text: put it in quotes",
        "owners.yaml:5: teams.web-team: expected keys and values, got a text",
        "owners.yaml:7: people.auth-team: is there already, in owners.yaml:3",
        (
            "owners.yaml:8: people.auth-lead.members: unknown key; "
            "known: contacts, deputies, email, lead, slack, time_zone, title"
        ),
        "owners.yaml:9: tems: unknown key, did you mean teams?",
    ]
    assert dictionary.owners() == ()


def test_leads_do_not_go_in_a_circle_not_even_through_what_is_known(
    dictionary: Dictionary,
) -> None:
    directory(dictionary, "people: {a: {lead: b}, b: {lead: c}, c: {}}")
    assert problems(dictionary, "people: {c: {lead: a}}") == [
        "owners.yaml:1: people.c: the lead goes in a circle: c -> a -> b -> c"
    ]


def test_the_example_of_the_reference_page_is_read(dictionary: Dictionary) -> None:
    examples = re.findall(r"```yaml\n(teams:.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (example,) = examples
    directory(dictionary, example)
    owner = dictionary.owner("auth-team")
    assert owner is not None
    assert owner.lead == "auth-lead"
