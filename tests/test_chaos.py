"""A small storm; `make chaos` is the large one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from chaos.faults import LOOKS, POSTS, Faults
from chaos.findings import Channel, Findings
from chaos.storm import Size, storm

from ci_steps.notices.sending.slack_words import OUTCOMES
from ci_steps.protocols import Outcome

SMALL = Size(owners=9, kills=3, longest_life_seconds=0.8)
GOOD = Findings(Channel(3, 3, 0, 0, 0, 0), Channel(3, 3, 1, 0, 1, 0), 1, 0, 1.0, {})


@pytest.mark.slow
def test_nothing_is_lost_or_twice_where_slack_can_be_asked(empty_url: str) -> None:
    found = storm(empty_url, SMALL, seed=3)
    assert found.is_good, found
    assert found.slack.arrived == found.slack.messages == SMALL.messages // 2
    assert found.kills == SMALL.kills
    assert found.faults


@pytest.mark.parametrize(
    "wrong",
    [
        replace(GOOD, slack=Channel(3, 3, 1, 0, 0, 0)),
        replace(GOOD, slack=Channel(3, 2, 0, 1, 0, 0)),
        replace(GOOD, slack=Channel(3, 3, 0, 0, 1, 0)),
        replace(GOOD, slack=Channel(3, 3, 0, 0, 0, 1)),
        replace(GOOD, mail=Channel(3, 2, 0, 1, 1, 0)),
        replace(GOOD, mail=Channel(3, 3, 2, 0, 1, 0)),
    ],
)
def test_a_storm_that_loses_or_doubles_is_no_good_one(wrong: Findings) -> None:
    assert GOOD.is_good
    assert not wrong.is_good


def test_what_goes_wrong_is_before_and_after_slack_has_posted() -> None:
    for name in ("reset", "hang", "500", "502", "a page, 200", "internal_error"):
        assert {f"{name}, before", f"{name}, after"} <= set(POSTS)
        assert name in LOOKS
    assert "internal_error" in OUTCOMES
    assert OUTCOMES["internal_error"] is Outcome.UNKNOWN


def test_the_same_seed_chooses_the_same_faults() -> None:
    def chosen(seed: int) -> list[str | None]:
        faults = Faults(seed)
        return [faults.of_mail("RCPT") for _ in range(200)]

    assert chosen(1) == chosen(1)
    assert len(set(map(str, chosen(1)))) == 4
