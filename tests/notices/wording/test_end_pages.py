"""What is said about the end of a line: the same in every form, at every stage."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest

from ci_steps.endings import Window
from ci_steps.notices import stages
from ci_steps.notices.wording.pages import page
from ci_steps.notices.wording.render import words
from ci_steps.protocols import Deprecation, Message
from tests.notices.wording.test_pages import bare, sentences, shown_by_slack
from tests.parts.notices import message

BEGIN = datetime(2026, 12, 9, 10, tzinfo=timezone.utc)
TOLD = Deprecation(
    "1",
    date(2026, 12, 23),
    "auth-2 has *all* of it",
    "gis needs two weeks",
    ("2.0.0",),
    (Window(BEGIN, BEGIN + timedelta(minutes=10)),),
    ("geo",),
)


def at_stage(stage: str, told: Deprecation = TOLD) -> Message:
    asked = message("gis", "geo")
    gis, geo = asked.obligations
    concerned = (gis, replace(geo, requirement=""))
    asked = replace(asked, stage=stage, on=date(2026, 11, 23), obligations=concerned)
    return replace(asked, to="auth-1", deprecation=told)


@pytest.mark.parametrize(
    "stage",
    [
        "announced",
        "added",
        "t-7",
        "overdue",
        "amended@3",
        "brown-out@4",
        "withdrawn",
        "done",
        "state",
    ],
)
def test_mail_page_and_slack_say_the_same(stage: str) -> None:
    told = at_stage(stage)
    said, slack = words(told), shown_by_slack(told)
    for sentence in sentences(page(told)):
        wanted = bare(sentence)
        assert wanted in bare(said.text) or sentence == page(told).headline
        assert wanted in bare(said.html) or ":" in sentence
        assert wanted in bare(slack)


@pytest.mark.parametrize(
    ("stage", "subject"),
    [
        ("announced", "[action by 2026-12-23] auth-1 in production will be switched off: update "),
        ("withdrawn", "[nothing to do] auth-1 stays in production"),
        ("done", "[nothing to do] auth-1 is switched off in production"),
    ],
)
def test_the_subject_begins_with_what_is_to_be_done(stage: str, subject: str) -> None:
    assert page(at_stage(stage)).subject.startswith(subject)


def test_a_day_that_has_passed_and_a_day_that_nobody_named() -> None:
    late = replace(at_stage("overdue"), on=date(2026, 12, 30))
    assert page(late).summary == (
        "Move gis and geo off auth-1: it was to end on Wednesday 23 December 2026."
    )
    unknown = at_stage(stages.ANNOUNCED, replace(TOLD, retire_on=None))
    assert page(unknown).subject.startswith("[deprecated] auth-1 in production")
    assert page(unknown).deadline is None
