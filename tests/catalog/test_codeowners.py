"""CODEOWNERS of GitHub and GitLab: whoever owns every new file in the folder of the service."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from ci_steps.catalog.codeowners import read_codeowners
from ci_steps.errors import ConfigError, UsageError
from ci_steps.model import Contact, Owner, Service
from tests.catalog.claims import backstage, changes, codeowners, group, lines

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary


def owner(text: str, folder: str = "services/gis") -> str:
    """Return who is found to own a folder."""
    catalog = read_codeowners(text, "CODEOWNERS", service="gis", folder=folder, mailboxes={})
    assert not catalog.problems
    return catalog.services["gis"].owner


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("* @shop/all", "all"),
        ("* @shop/all\n/services/ @shop/platform", "platform"),
        ("/services/gis/ @shop/gis\n* @shop/all", "all"),
        ("/services/gis @shop/gis", "gis"),
        ("services/gis @shop/gis", "gis"),
        ("gis/ @shop/gis", "gis"),
        ("gis @shop/gis", "gis"),
        ("**/gis/ @shop/gis", "gis"),
        ("services/**/gis/ @shop/gis", "gis"),
        ("/services/** @shop/gis", "gis"),
        ("/services/g?s/ @shop/gis", "gis"),
        ("/services/*/ @shop/gis", "gis"),
        ("gis/services/ @shop/no", ""),
        ("/gis/ @shop/no", ""),
        ("/services/gis/* @shop/no", ""),
        ("/services/* @shop/no", ""),
        ("*.py @shop/no", ""),
        ("/services/gis/docs/ @shop/no", ""),
        ("/services/gis-two/ @shop/no", ""),
        ("/services/ @shop/all\n/services/gis", ""),
        ("* @sam @shop/gis", "gis"),
        ("* @sam @alex", "sam"),
        ("* @Shop/GIS # the team", "gis"),
        ("# nothing\n\n", ""),
    ],
)
def test_the_last_rule_of_github_that_covers_the_folder_wins(text: str, found: str) -> None:
    assert owner(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[GIS] @shop/gis\nservices/gis/", "gis"),
        ("[GIS][2] @shop/gis\nservices/gis/ @shop/other", "other"),
        ("* @shop/all\n[GIS]\n/services/gis/ @shop/gis", "all"),
        ("^[Docs]\n* @shop/docs\n[GIS]\n/services/gis/ @shop/gis", "gis"),
        ("[A]\n* @shop/a\n[B]\n* @shop/b\n[a]\n* @shop/c", "c"),
        ("[A] @shop/a\n*\n!/services/gis/\n", ""),
        ("[A]\ngis/ @shop/sub/team", "team"),
        ("[A]\nservices/gis @shop/no", ""),
        ("* @@maintainer", ""),
    ],
)
def test_sections_of_gitlab_are_judged_each_by_itself(text: str, found: str) -> None:
    assert owner(text) == found


@pytest.mark.parametrize("folder", ["", ".", "/", "./"])
def test_a_repository_of_one_service_is_the_folder(folder: str) -> None:
    assert owner("/docs/ @shop/docs\n* @shop/gis", folder) == "gis"
    assert owner("/docs/ @shop/docs", folder) == ""


def test_blanks_in_a_pattern_are_escaped() -> None:
    assert owner(r"/our\ services/gis/ @shop/gis", "our services/gis") == "gis"


def test_the_service_gets_its_owner_and_the_others_are_noted(dictionary: Dictionary) -> None:
    text = "* @sam\n/services/gis/ @shop/gis-team gis@shop.example\n"
    imported = codeowners(dictionary, text)
    assert dictionary.services() == (Service("gis", "gis-team"),)
    assert lines(imported.notes) == [
        (
            "CODEOWNERS:2: services/gis: gis@shop.example owns it too: "
            "the dictionary has one owner for each service, gis-team"
        )
    ]
    assert [one.why for one in imported.unreachable] == ["gis-team has no contact"]
    assert changes(codeowners(dictionary, text)) == {}


def test_a_mail_address_is_the_owner_who_is_reached_there(dictionary: Dictionary) -> None:
    backstage(dictionary, group("gis-team", "profile: {email: GIS@shop.example}"))
    codeowners(dictionary, "* gis@shop.example")
    assert dictionary.services() == (Service("gis", "gis-team"),)


def test_a_mail_address_that_nobody_knows_is_an_owner_who_can_be_reached(
    dictionary: Dictionary,
) -> None:
    imported = codeowners(dictionary, "* gis@shop.example")
    contacts = (Contact("email", "gis@shop.example"),)
    assert dictionary.owners() == (Owner("gis@shop.example", contacts=contacts),)
    assert imported.unreachable == ()


def test_a_folder_that_nobody_owns_leaves_the_owner_that_is_known(dictionary: Dictionary) -> None:
    codeowners(dictionary, "* @shop/gis-team")
    imported = codeowners(dictionary, "*.md @shop/docs")
    assert dictionary.services() == (Service("gis", "gis-team"),)
    assert lines(imported.notes) == [
        "CODEOWNERS: services/gis: nobody owns every file there: gis gets no owner"
    ]


def test_every_wrong_line_is_said_at_once(dictionary: Dictionary) -> None:
    text = "* gis-team\n[GIS\n/a[b]/ @x\n/ @x\n* @" + "x" * 64
    with pytest.raises(ConfigError) as raised:
        codeowners(dictionary, text)
    assert lines(raised.value.problems) == [
        "CODEOWNERS:1: 'gis-team' is not an owner: write @team, @organisation/team or an e-mail",
        "CODEOWNERS:2: '[GIS' is not a section",
        "CODEOWNERS:3: '/a[b]/': ranges in brackets are not read",
        "CODEOWNERS:4: '/' matches nothing: write * for all files",
    ]
    with pytest.raises(ConfigError, match="is not the name of an owner"):
        codeowners(dictionary, text.splitlines()[-1])


def test_a_folder_outside_of_the_repository_is_refused() -> None:
    with pytest.raises(UsageError, match=r"'\.\./gis' is not a folder of the repository"):
        owner("* @shop/gis", "../gis")


def test_a_pattern_of_many_stars_costs_no_more_than_its_length() -> None:
    text = "/" + "**/" * 200 + "*a" * 200 + "/ @shop/no\n"
    began = time.process_time()
    assert owner(text, "/".join(["a" * 60] * 40)) == ""
    assert time.process_time() - began < 5
