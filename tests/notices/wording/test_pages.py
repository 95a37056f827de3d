"""What each stage says, and that mail, page and Slack say the same."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from ci_steps.comparisons.changes import Change, Level, Location
from ci_steps.model import Acknowledged, Contact, Obligation, Owner
from ci_steps.notices import stages
from ci_steps.notices.wording.blocks import slack_message
from ci_steps.notices.wording.pages import page
from ci_steps.notices.wording.render import words
from ci_steps.notices.wording.spans import plain
from ci_steps.protocols import Broken, Message, Touched
from tests.parts.notices import message

if TYPE_CHECKING:
    from ci_steps.notices.wording.page import Page

LOGIN = Change(
    "operation-removed",
    Level.BREAKING,
    "POST /v1/login",
    "POST /v1/login was removed",
    Location("openapi.yaml", 41),
)
ROLES = replace(LOGIN, subject="GET /v1/users", text="roles is an array, it was a text")
TODAY = date(2026, 11, 23)
TESTS = ("test_login: assert 401 == 200", "test_roles: KeyError: 'roles'")


def at_stage(stage: str) -> Message:
    """Return what the owners of gis and geo are told at a stage."""
    asked = replace(
        message("geo", "gis"),
        stage=stage,
        on=TODAY,
        changes=(LOGIN, ROLES),
        before="1.1.0",
        replaces="auth-2" if stage == stages.SUPERSEDED else "",
        after_due="/v1 is switched off",
        links=(("Migration guide", "https://auth.shop.example/move"),),
        touched={"gis": Touched((Broken(LOGIN, "gis/session.py:41"),), 1)},
    )
    if stage == stages.DONE:
        return replace(asked, obligations=(), moved=asked.obligations)
    if stage.startswith("tests"):
        return replace(asked, obligations=(), tests=TESTS, role="provider")
    if stage == stages.DIGEST:
        later = replace(asked, provider="mail", to="mail-3", due=date(2027, 1, 11))
        return replace(asked, parts=(asked, later))
    if stage == stages.ESCALATED:
        lead = Owner("gis-lead", "GIS lead", (Contact("slack", "U012ABCDEF"),))
        late = date(2026, 11, 20)
        return replace(asked, due=late, role="lead", contact_owner=lead)
    return asked


def sentences(said: Page) -> list[str]:
    lines = [*said.notes, *said.lead, *said.footer]
    for block in said.blocks:
        lines += [*block.lines, *block.items, *block.after]
    return [said.headline, *(plain(line) for line in lines)]


def bare(text: str) -> str:
    """Return the words alone, so that three forms can be compared."""
    text = re.sub(r"<(?:https?|mailto)[^|>]*\|([^>]*)>", r"\1", text)
    text = html.unescape(re.sub(r"<[^!@][^>]*>", " ", text)).replace("\u2060", "")
    return re.sub(r"[\s*`•]+", "", text)


def shown_by_slack(told: Message) -> str:
    blocks = slack_message(told, "#gis-team")["blocks"]
    return "\n".join(
        one["text"]["text"] if "text" in one else one["elements"][0]["text"] for one in blocks
    )


@pytest.mark.parametrize("stage", stages.ALL)
def test_mail_page_and_slack_say_the_same_at_every_stage(stage: str) -> None:
    told = at_stage(stage)
    said, slack = words(told), shown_by_slack(told)
    for sentence in sentences(page(told)):
        wanted = bare(re.sub(r": https?://\S+", "", sentence))
        assert wanted in bare(said.text) or sentence == page(told).headline
        # What is a list in the text may be a table on a page.
        assert wanted in bare(said.html) or " needs " in sentence
        assert wanted in bare(slack)


@pytest.mark.parametrize(
    ("stage", "subject", "headline"),
    [
        (
            "announced",
            "[action by 2026-12-23] auth 2.0.0 in production: update geo and gis",
            "Move geo and gis to auth-2",
        ),
        (
            "t-7",
            "[action by 2026-12-23] auth 2.0.0 in production: update geo and gis",
            "Move geo and gis to auth-2",
        ),
        (
            "urgent",
            "[URGENT - now] auth 2.0.0 in production: update geo and gis",
            "Move geo and gis to auth-2 now",
        ),
        (
            "escalated",
            "[overdue since 2026-11-20] auth 2.0.0 in production: update geo and gis",
            "geo and gis have not moved to auth-2",
        ),
        (
            "done",
            "[done] geo and gis moved to auth-2 in production",
            "geo and gis have moved to auth-2",
        ),
        (
            "withdrawn",
            "[nothing to do] auth 2.0.0 in production was withdrawn",
            "auth 2.0.0 was withdrawn",
        ),
        ("tests-failed", "[tests fail] auth 2.0.0: 2 tests", "2 tests of auth 2.0.0 fail"),
        ("tests-fixed", "[tests pass again] auth 2.0.0", "The tests of auth 2.0.0 pass again"),
        (
            "digest",
            "[action by 2026-12-23] 2 releases in production: update 4 services",
            "Move 4 services for 2 releases",
        ),
    ],
)
def test_subject_and_headline_say_what_to_do(stage: str, subject: str, headline: str) -> None:
    said = page(at_stage(stage))
    assert (said.subject, said.headline) == (subject, headline)


def test_a_reminder_keeps_the_subject_of_its_announcement_when_some_have_moved() -> None:
    first = message("geo", "gis")
    later = replace(
        message("gis"),
        stage="t-3",
        announced=("geo", "gis"),
        moved=first.obligations[:1],
    )
    assert page(later).subject == page(first).subject
    assert "geo has moved to auth-2 already." in words(later).text


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2026, 11, 23), "MOVE BY  Wednesday 23 December 2026 (30 days)"),
        (date(2026, 12, 22), "MOVE BY  Wednesday 23 December 2026 (tomorrow)"),
        (date(2026, 12, 23), "MOVE BY  Wednesday 23 December 2026 (today)"),
        (date(2026, 12, 24), "WAS DUE  Wednesday 23 December 2026 (yesterday)"),
        (date(2026, 12, 30), "WAS DUE  Wednesday 23 December 2026 (7 days ago)"),
    ],
)
def test_the_day_is_absolute_and_how_far_it_is_stands_beside_it(today: date, said: str) -> None:
    assert said in words(replace(message(), on=today)).text


def test_what_breaks_is_said_for_each_dependent_and_what_is_not_known_as_such() -> None:
    text = " ".join(words(at_stage("announced")).text.split())
    assert "gis: POST /v1/login was removed, used at gis/session.py:41 (openapi.yaml:41)" in text
    assert "1 other change does not touch gis." in text
    assert "It is not known which calls of auth geo uses." in text


def test_who_is_not_touched_is_told_so() -> None:
    told = replace(message("gis"), changes=(LOGIN,), touched={"gis": Touched((), 1)})
    said = words(told).text
    assert "DOES NOT TOUCH YOU\n  Nothing that gis uses of auth breaks.\n" in said
    assert "/v1/login" not in said


def test_only_urgent_and_overdue_messages_call_people_by_name() -> None:
    people = Owner("gis-team", "", (Contact("slack", "U012ABCDEF"), Contact("slack", "S0GIS12345")))
    for stage in stages.ALL:
        told = replace(at_stage(stage), contact_owner=people)
        calls = "<@U012ABCDEF> <!subteam^S0GIS12345>" in shown_by_slack(told)
        assert calls is (stage in {"urgent", "overdue", "escalated"})


def test_a_planned_date_is_shown_beside_its_service() -> None:
    planned = Acknowledged(date(2027, 1, 15), "a new client comes", "somebody")
    told = message("gis")
    told = replace(told, obligations=(replace(told.obligations[0], acknowledged=planned),))
    assert "gis needs auth-1.1, planned for 2027-01-15" in words(told).text
    assert "<td" in words(told).html
    assert "2027-01-15" in words(told).html


def test_the_message_that_is_kept_current_counts_who_has_moved() -> None:
    told = at_stage("state")
    moved = Obligation("web", "auth-1.1", "auth", "auth-2", "production", told.due, "gis-team")
    assert "1 of 3 moved" in words(replace(told, moved=(moved,))).text
    all_done = replace(told, obligations=(), moved=(moved,))
    assert page(all_done).headline == "web has moved to auth-2"


def test_a_dependents_owner_gets_one_sentence_about_failing_tests() -> None:
    told = replace(at_stage("tests-failed"), role="owner")
    said = words(told).text
    assert "auth 2.0.0 is not coming yet: 2 tests fail. There is nothing to do." in said
    assert "test_login" not in said


def test_a_trial_says_for_whom_it_was() -> None:
    told = replace(at_stage("announced"), meant_for="gis-team (slack #gis-team)")
    assert "A trial: this was meant for gis-team (slack #gis-team)." in words(told).text


def test_a_digest_of_many_releases_fits_into_slack_and_says_what_it_left_out() -> None:
    one = replace(message(*(f"service-{number}" for number in range(40))), on=TODAY)
    told = replace(at_stage("digest"), parts=(one,) * 60)
    sent = slack_message(told, "#gis-team")
    shown = shown_by_slack(told)
    assert len(sent["blocks"]) <= 50
    assert len(shown) <= 12_000
    assert re.search(r"… and \d+ more, in full by mail", shown)


@pytest.mark.parametrize("stage", [stages.ANNOUNCED, stages.URGENT, "t-3", stages.OVERDUE])
def test_a_release_whose_database_cannot_be_brought_back_says_so_everywhere(stage: str) -> None:
    said = replace(at_stage(stage), is_irreversible=True, overridden=("unit-test: none; by anna",))
    told = words(said)
    slack = json.dumps(slack_message(said, "#gis"))
    for form in (" ".join(told.text.split()), html.unescape(told.html), slack):
        assert "changes its database in a way that cannot be undone" in form
        assert "unit-test: none; by anna" in form
    assert "database" not in words(at_stage(stage)).text
