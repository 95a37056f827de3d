"""👀 on an announcement means that its owner has seen it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from ci_steps.channels import slack
from ci_steps.dictionary.tables import obligation
from ci_steps.notices.schedule import due_day
from ci_steps.notices.sending.standing import standing
from ci_steps.notices.tick import Schedule, tick
from tests.parts.dictionaries import NOON, ship
from tests.parts.notices import Clock, announce, owns
from tests.parts.slack import TOKEN, Slack, refuses
from tests.parts.slack import slack as slack_server

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary

ROOT_TS = "1511430067.000001"


@pytest.fixture
def shop(dictionary: Dictionary) -> Dictionary:
    """Return a dictionary in which two owners are to be told of auth 2, gis-team first."""
    for name in ("gis", "web"):
        owns(dictionary, f"{name}-team", [name], f"slack #{name}-team")
        ship(dictionary, f"{name} 1.0", "auth-1")
    announce(dictionary, channels=("slack",))
    return dictionary


def ticked(dictionary: Dictionary, server: Slack, budget_seconds: float = 60) -> None:
    outside = Clock({"SLACK_TOKEN": TOKEN}, NOON + timedelta(hours=2))
    plugs: dict[str, Any] = {"slack": (slack, slack.Options(url=server.url, timeout_seconds=2))}
    tick(dictionary, plugs, outside, Schedule(due=due_day, budget_seconds=budget_seconds))


def seen(dictionary: Dictionary) -> list[bool]:
    """Return whether each obligation was seen, that of gis first."""
    with dictionary.reading() as connection:
        asked = select(obligation.c.seen_at).order_by(obligation.c.id)
        return [at is not None for at in connection.scalars(asked)]


def asked_for(server: Slack) -> list[str]:
    """Return the timestamps of messages whose reactions were read."""
    return [asked["timestamp"] for name, asked in server.asked if name == "reactions.get"]


def test_eyes_on_an_announcement_mean_that_its_owner_has_seen_it(shop: Dictionary) -> None:
    with slack_server() as server:
        server.reactions[ROOT_TS] = ["tada", "eyes"]
        ticked(shop, server)
        assert seen(shop) == [True, False]
        shown = {one.owner: one.is_seen for one in standing(shop, NOON).notices}
        assert shown == {"gis-team": True, "web-team": False}
        server.asked.clear()
        ticked(shop, server)
        assert asked_for(server) == ["1511430067.000002"]


def test_another_reaction_says_nothing(shop: Dictionary) -> None:
    with slack_server() as server:
        server.reactions[ROOT_TS] = ["thumbsup"]
        ticked(shop, server)
    assert seen(shop) == [False, False]
    assert standing(shop, NOON).warnings == ()


def refusing(server: Slack, *words: str) -> None:
    """Let questions for reactions be refused with these words, one after the other."""
    left = list(words)
    server.fault = lambda call: (
        refuses(left.pop(0)) if call.method == "reactions.get" and left else None
    )


def test_a_missing_scope_is_asked_about_once_a_tick_and_said_until_it_is_there(
    shop: Dictionary,
) -> None:
    with slack_server() as server:
        refusing(server, "missing_scope")
        ticked(shop, server)
        assert len(asked_for(server)) == 1
        (said,) = standing(shop, NOON).warnings
        assert said.startswith(
            "slack does not show who has looked at a notice: Slack said missing_scope"
        )
        assert said.endswith("give the app the scope reactions:read")
        ticked(shop, server)
    assert standing(shop, NOON).warnings == ()


@pytest.mark.parametrize(("word", "asked"), [("ratelimited", 1), ("message_not_found", 2)])
def test_what_cannot_be_read_now_is_no_answer_and_no_trouble(
    shop: Dictionary, word: str, asked: int
) -> None:
    with slack_server() as server:
        server.reactions["1511430067.000002"] = ["eyes"]
        refusing(server, word)
        ticked(shop, server)
        assert len(asked_for(server)) == asked
    assert seen(shop) == [False, False]
    assert standing(shop, NOON).warnings == ()
