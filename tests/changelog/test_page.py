"""Pages show everything, need nothing, and take nothing in a document for markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from ci_steps.changelog.document import ChangeLog
from ci_steps.changelog.forms import as_json
from ci_steps.changelog.markdown_text import markdown
from ci_steps.changelog.page import Links, page
from ci_steps.changelog.site_index import Entry, index_page
from ci_steps.changelog.timeline import timeline
from docs import changelog_example
from tests.parts import changelogs
from tests.parts.dictionaries import NOON, dictionary_at

HOSTILE = "<script>alert(1)</script><img src=https://x.example/p onerror='x'>\"&amp;\u202e|`*"


class Tags(HTMLParser):
    """The tags of a page, each closed, with what they load and where they lead."""

    VOID = frozenset({"meta", "br", "input"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.loads: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        given = dict(attrs)
        assert not any(name.startswith("on") for name in given)
        self.loads += [given[name] or "" for name in ("src", "srcset", "data") if name in given]
        if "href" in given:
            self.links.append(given["href"] or "")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def log() -> ChangeLog:
    """Return the change log of the shop's auth."""
    with dictionary_at() as dictionary:
        changelog_example.world(dictionary)
        return changelog_example.log(dictionary)


def hostile(value: Any) -> Any:
    """Return a document in which every free text is an attack."""
    kept = ("at", "since", "version", "line", "schema", "announced", "deprecated", "promised")
    if isinstance(value, dict):
        return {
            name: one if name in kept or not isinstance(one, str | dict | list) else hostile(one)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [hostile(one) for one in value]
    is_free = isinstance(value, str) and not re.fullmatch(r"[a-z_A-Z]*|[\d-]{10}.*", value)
    return HOSTILE if is_free else value


def attacked(log: ChangeLog) -> ChangeLog:
    content = hostile(as_json(log))
    content["service"] = content["owner"] = HOSTILE
    for one in content["plan"]:
        one["subject"], one["environment"] = HOSTILE, HOSTILE
    return changelogs.read(content).value


def test_the_page_says_what_is_known(log: ChangeLog) -> None:
    said = Tags(page(log)).text
    for text in (
        "2.1.0 and 1.1.0 run in production. Next ends line 1 in production, on 2027-01-06.",
        "Moved from 2026-12-23 to 2027-01-06 on 2026-11-13: gis needs two weeks more.",
        "For line 1 to go in production",
        "gis no longer needs it",
        "nobody calls it until 2026-12-18 06:41 UTC; it was called by gis, reports",
        "calls it, 2026-11-09 09:41 UTC",
        "Sessions say when they were opened.",
        "Call POST /v2/sessions; the token is in the same place of the answer.",
    ):
        assert text in said


def test_markdown_says_it_as_well(log: ChangeLog) -> None:
    said = markdown(log)
    assert "| field GET /v2/users/{id} 200 application/json /roles | deprecated |" in said
    assert "- 2027-01-06 comes, the day that was promised" in said
    assert "### 2.0.0, 2026-09-19\n\nmajor; commit c2.0.0." in said


def test_nothing_is_loaded_from_anywhere(log: ChangeLog) -> None:
    text = page(log)
    tags = Tags(text)
    assert tags.loads == []
    assert not {"link", "script", "img", "iframe", "object"} & set(tags.seen)
    assert not re.search(r"@import|url\(|https?://", text)


def test_no_text_of_a_document_is_markup(log: ChangeLog) -> None:
    bad = attacked(log)
    for text in (page(bad), page(bad, Links(frozenset({"gis"}), "../index.html", "x.json"))):
        tags = Tags(text)
        assert tags.loads == []
        assert not {"script", "img"} & set(tags.seen)
        assert tags.text.count("alert(1)") > 20
        assert "\u202e" not in text


def test_no_text_of_a_document_is_markup_in_markdown_or_index(log: ChangeLog) -> None:
    said = markdown(attacked(log))
    assert not re.search(r"<(?!br>)\w", said)
    assert "\\`" in said
    entry = Entry("auth", HOSTILE, (HOSTILE,), HOSTILE, 1, 1, ((NOON.date(), HOSTILE),))
    tags = Tags(index_page([entry], NOON))
    assert tags.seen.count("script") == 1, "its own"
    assert tags.loads == []


def test_the_repository_is_a_link_only_where_it_is_an_address(log: ChangeLog) -> None:
    content = as_json(log)
    for repository, links in (
        ("https://git.shop.example/auth", ["https://git.shop.example/auth"]),
        ("javascript:alert(1)", []),
        ("http:javascript", []),
    ):
        changed = changelogs.read({**content, "repository": repository}).value
        assert Tags(page(changed)).links == links


def test_the_picture_is_one_and_says_in_words_what_it_shows(log: ChangeLog) -> None:
    for drawn in (timeline(log), timeline(attacked(log))):
        svg = ET.fromstring(drawn)
        assert svg.get("role") == "img"
        for one in svg.iter("rect"):
            assert float(one.get("x", "-1")) >= 190
            assert float(one.get("x", "0")) + float(one.get("width", "0")) <= 930
    about = re.search(r"<desc[^>]*>(.*?)</desc>", timeline(log))
    assert about is not None
    assert "Line 1 runs as 1.1.0, since 2026-01-12, needed by gis, ends 2027-01-06." in about[1]


def test_many_dependents_and_lines_are_counted_and_a_day_far_away_is_at_the_edge() -> None:
    content = changelogs.document()
    (gis,) = content["current"][0]["versions"][0]["dependents"]["deployed"]
    many = [{**gis, "service": f"s{number}"} for number in range(1000)]
    content["current"][0]["versions"][0]["dependents"]["deployed"] = many
    content["plan"] = [changelogs.item("1", "9999-12-31", kind="line", environment="production")]
    drawn = timeline(changelogs.read(content).value)
    ET.fromstring(drawn)
    assert "and 990 more" in drawn
    assert "ends 9999-12-31" in drawn
    assert len(page(changelogs.read(content).value)) < 60_000


@pytest.mark.parametrize("empty", ["history", "current", "plan"])
def test_a_document_with_nothing_of_something_has_a_page(empty: str) -> None:
    content = changelogs.document()
    content[empty] = []
    Tags(page(changelogs.read(content).value))
    markdown(changelogs.read(content).value)


def test_a_document_with_nothing_at_all_has_a_page() -> None:
    content = {**changelogs.document(), "history": [], "current": [], "plan": []}
    nothing = changelogs.read(content).value
    assert "It runs nowhere." in Tags(page(nothing)).text
    assert timeline(nothing) == ""
    assert "Nothing was released." in markdown(nothing)
