"""A company's own words, and a trial that sends everything to one address."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from sqlalchemy import select

from ci_steps.channels import email, slack
from ci_steps.dictionary.tables import outbox
from ci_steps.model import Owner
from ci_steps.notices.calendars import Calendars
from ci_steps.notices.facts import message_of
from ci_steps.notices.presenting import Manner, in_manner, presented
from ci_steps.notices.wording.blocks import slack_message
from ci_steps.notices.wording.own_words import OwnWords
from ci_steps.notices.wording.render import own_words_are, words
from tests.parts.dictionaries import dictionary_at, ship
from tests.parts.notices import DUE, announce, message, owns

if TYPE_CHECKING:
    from sqlalchemy import Row

NESTED = "{% for a in range(900) %}{% for b in range(900) %}{% endfor %}{% endfor %}x"


def shown(template: str, name: str = "message.txt.jinja") -> tuple[str, list[str]]:
    own = OwnWords({name: template})
    with own_words_are(own):
        if name.endswith("slack.jinja"):
            return str(slack_message(message(), "#gis")["blocks"]), own.problems
        said = words(message())
    return (said.html if name.endswith("html.jinja") else said.text), own.problems


def test_a_template_of_ones_own_is_used_for_its_form_alone() -> None:
    own = OwnWords(
        {"message.txt.jinja": "Dear {{ message.contact_owner.title }}, {{ page.summary }}"}
    )
    with own_words_are(own):
        said = words(message())
    assert said.text.startswith("Dear GIS team, Move gis to auth-2 by Wednesday")
    assert said.html == words(message()).html
    assert own.problems == []


def test_the_template_of_a_stage_is_nearer_than_that_of_all() -> None:
    own = OwnWords({"message.txt.jinja": "all", "overdue.txt.jinja": "late"})
    with own_words_are(own):
        texts = [words(replace(message(), stage=one)).text for one in ("announced", "overdue+7")]
    assert texts == ["all", "late"]


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{{ nobody }}", "'nobody' is undefined"),
        ("{% if %}", "line 1: Expected an expression, got 'end of statement block'"),
        ("{{ message.__class__.__mro__ }}", "access to attribute '__class__'"),
        ("{{ 'x' * 10000000 }}", "* is for numbers"),
        ("{{ '%099999999d' % 1 }}", "% is for numbers"),
        ("{{ '{:99999999}'.format(1) }}", "access to attribute 'format'"),
        ("{{ 'x' | center(99999999) }}", "line 1: No filter named 'center'."),
        (
            "{% for a in range(9000) %}{{ page.summary }}{% endfor %}",
            "it writes more than 200,000 characters",
        ),
        (NESTED, "it runs too long"),
        ("{% include 'message.html.jinja' %}", "message.html.jinja"),
        (" ", "it writes nothing"),
    ],
)
def test_a_template_that_does_not_work_is_said_and_ours_is_used(template: str, why: str) -> None:
    text, problems = shown(template)
    assert text == words(message()).text
    (problem,) = problems
    assert problem.startswith("the template message.txt.jinja does not work, ours was used: ")
    assert why in problem


def test_a_page_of_ones_own_is_escaped() -> None:
    own = OwnWords({"message.html.jinja": "<p>{{ message.contact_owner.title }}</p>"})
    with own_words_are(own):
        assert words(message(owner="<b>x</b>")).html == "<p>&lt;b&gt;x&lt;/b&gt;</p>"


def test_slack_in_ones_own_words_mentions_nobody_by_a_value() -> None:
    template = "<!channel> *Hello* {{ message.obligations[0].dependent }}"
    own = OwnWords({"message.slack.jinja": template})
    with own_words_are(own):
        text = str(slack_message(message("<!here>"), "#gis")["blocks"])
    assert "channel *Hello* &lt;!here&gt;" in text
    assert "<!" not in text


def test_a_trial_sends_everything_to_one_address_and_says_for_whom_it_was() -> None:
    manner = Manner(Calendars(), reroute={"email": "trial@shop.example"})
    options = email.Options(host="mail.shop.example", sender="ci-steps@shop.example")
    all_channels: dict[str, Any] = {"email": (email, options), "slack": (slack, slack.Options())}
    channels = in_manner(all_channels, manner)
    assert list(channels) == ["email"]
    channel, given = channels["email"]
    sent = channel.payload(message(), "gis@shop.example", given).decode()
    assert "\r\nTo: trial@shop.example\r\n" in sent
    assert "this was meant for gis-team (email gis@shop.example)" in sent.replace("=\r\n", "")


def test_the_next_reminder_is_named() -> None:
    told = presented(replace(message(), on=date(2026, 11, 23)), Manner(Calendars()))
    assert told.next_on == date(2026, 12, 9)
    assert "Next reminder: 2026-12-09." in words(told).text


def test_who_is_told_as_well_when_it_is_overdue_is_named_until_then() -> None:
    def said(on: date, stage: str = "announced") -> str:
        with dictionary.reading() as connection:
            row = connection.execute(select(outbox).where(outbox.c.channel == "slack")).one()
            at_stage = SimpleNamespace(**{**row._mapping, "stage": stage})
            found = message_of(connection, cast("Row[Any]", at_stage))
        assert found is not None
        return words(presented(replace(found, on=on), Manner(Calendars()))).text

    with dictionary_at() as dictionary:
        owns(dictionary, "auth-team", ["auth"], "email auth@shop.example")
        owns(dictionary, "gis-team", ["gis"], "slack #gis")
        ship(dictionary, "gis 1.0", "auth-1")
        announce(dictionary, channels=("slack",))
        assert "After 2017-11-01 auth team is told as well." in said(DUE)
        dictionary.record_owner(Owner("gis-lead", "The GIS lead"))
        dictionary.record_owner(Owner("gis-team", lead="gis-lead"))
        assert "After 2017-11-01 The GIS lead is told as well." in said(DUE, "t-7")
        assert "is told as well" not in said(DUE + timedelta(days=1), "overdue")
