"""The pages of all services lead to each other, and are written one after the other."""

from __future__ import annotations

import json
import posixpath
from itertools import islice

import pytest

from ci_steps.changelog.forms import as_json
from ci_steps.changelog.site import Site
from docs import changelog_example
from tests.changelog.test_forms import VALIDATOR
from tests.changelog.test_page import Tags
from tests.parts.dictionaries import NOON, dictionary_at, ship
from tests.parts.verdicts import run_in


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return dict(changelog_example.files())


def test_every_link_leads_to_a_page_of_the_site(files: dict[str, str]) -> None:
    assert set(files) == {
        "index.html",
        *(f"services/{name}.{form}" for name in ("auth", "gis", "mail", "web")
          for form in ("html", "json")),
    }  # fmt: skip
    led = set()
    for name, content in files.items():
        if name.endswith(".html"):
            for link in Tags(content).links:
                led.add(posixpath.normpath(posixpath.join(posixpath.dirname(name), link)))
    assert led == set(files)


def test_every_document_of_the_site_has_the_published_form(files: dict[str, str]) -> None:
    for name, content in files.items():
        if name.endswith(".json"):
            VALIDATOR.validate(json.loads(content))


def test_what_a_service_published_is_on_its_page(files: dict[str, str]) -> None:
    with dictionary_at() as dictionary:
        changelog_example.world(dictionary)
        published = as_json(changelog_example.log(dictionary))
    shown = json.loads(files["services/auth.json"])
    assert {**shown, "at": 0} == {**published, "at": 0}


def test_the_index_tells_what_ends_next(files: dict[str, str]) -> None:
    said = Tags(files["index.html"]).text
    assert "4 services, 2 planned ends." in said
    assert said.index("2027-01-06") < said.index("2027-03-28")


def test_nothing_is_kept_that_was_written_already() -> None:
    with dictionary_at() as dictionary:
        run_in(dictionary, *(f"s{number} 1.0.0" for number in range(3)))
        written = Site(dictionary, NOON).files()
        assert [name for name, _ in islice(written, 2)] == ["services/s0.json", "services/s0.html"]
        ship(dictionary, "s1 2.0.0", hours=-1)
        names = dict(written)
    assert "2.0.0" in names["services/s1.json"], "s1 is read when its turn comes"


def test_a_dictionary_of_nobody_has_an_index() -> None:
    with dictionary_at() as dictionary:
        ((name, content),) = Site(dictionary, NOON).files()
    assert name == "index.html"
    assert "0 services" in Tags(content).text
