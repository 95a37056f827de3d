"""`ci-steps notices send` and `tick`, as a stage and a schedule type them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tests.parts.commands import Ended, typed
from tests.parts.dictionaries import NOON, dictionary_at, ship
from tests.parts.notices import announce, owns
from tests.parts.slack import TOKEN, Slack, asks_for_a_pause, refuses
from tests.parts.slack import slack as slack_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# No version, and the service's own name is missing: a schedule of the platform has neither.
CONFIG = "notify: {{channels: {{slack: {{url: '{url}', timeout_seconds: 2}}}}}}\n"


class Desk:
    """A folder with a configuration, and a dictionary in which a message waits."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], server: Slack) -> None:
        self.folder, self.server, self._capsys = folder, server, capsys
        self.url = str(folder / "dictionary.db")
        (folder / "ci-steps.yaml").write_text(CONFIG.format(url=server.url))

    def type(self, *arguments: str) -> Ended:
        return typed(self._capsys, "notices", *arguments)

    def announce(self) -> None:
        with dictionary_at(self.url) as dictionary:
            owns(dictionary, "gis-team", ["gis"], "slack #gis-team")
            ship(dictionary, "gis 1.0", "auth-1.1")
            announce(dictionary)


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Desk]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLACK_TOKEN", TOKEN)
    with slack_server() as server:
        made = Desk(tmp_path, capsys, server)
        monkeypatch.setenv("CI_STEPS_DICTIONARY", made.url)
        yield made


def test_what_waits_is_sent_once_without_a_version_or_a_service(desk: Desk) -> None:
    desk.announce()
    sent = desk.type("send")
    assert (sent.status, sent.err) == (0, "")
    assert sent.out == "told gis-team (slack #gis-team): 1 service by 2017-11-01\n"
    assert desk.type("send").out == "nothing is waiting\n"
    assert len(desk.server.posted) == 1


def rows(desk: Desk) -> list[tuple[object, ...]]:
    """Return all that is kept about messages, obligations and ticks."""
    tables = ("event", "obligation", "outbox", "attempt", "heartbeat")
    with dictionary_at(desk.url) as dictionary, dictionary.reading() as connection:
        return [
            (name, *row)
            for name in tables
            for row in connection.execute(text(f"select * from {name} order by 1"))
        ]


def test_a_dry_run_says_who_would_be_told_and_touches_nothing(desk: Desk) -> None:
    desk.announce()
    before = rows(desk)
    shown = desk.type("send", "--dry-run")
    assert shown.out == "would tell gis-team (slack #gis-team): 1 service by 2017-11-01\n"
    assert "nothing was sent and nothing was written" in shown.err
    (message,) = desk.type("send", "--dry-run", "--json").document["messages"]
    assert (message["owner"], message["channel"]) == ("gis-team", "slack")
    assert (message["address"], message["stage"]) == ("#gis-team", "announced")
    assert message["subject"] == "[action by 2017-11-01] auth 2.0.0 in production: update gis"
    assert "Move gis to auth-2" in message["text"]
    assert (rows(desk), desk.server.calls) == (before, 0)


def test_a_dry_run_counts_what_would_still_wait_and_says_why(desk: Desk) -> None:
    with dictionary_at(desk.url) as dictionary:
        for name, contact in (("geo", "slack #geo"), ("map", "email map@shop.example")):
            owns(dictionary, f"{name}-team", [name], contact)
            ship(dictionary, f"{name} 1.0", "auth-1.1")
    desk.announce()
    desk.server.answers.append(refuses("channel_not_found"))
    desk.server.answers.append(refuses("ratelimited"))
    desk.type("send", "--budget", "1")
    said = desk.type("send", "--dry-run")
    first, second = said.out.splitlines()
    assert first == "1 message for email still waits: this job has no channel email"
    assert re.fullmatch("1 message for slack still waits: not before .* UTC", second)
    desk.server.answers.append(asks_for_a_pause("3000"))
    with dictionary_at(desk.url) as dictionary, dictionary.writing() as connection:
        connection.execute(text("update outbox set not_before = '2017-10-01 12:00:00'"))
    desk.type("send", "--budget", "1")
    found = desk.type("send", "--dry-run", "--json").document
    assert found["messages"] == []
    assert [(one["channel"], one["messages"]) for one in found["waiting"]] == [
        ("email", 1),
        ("slack", 1),
    ]
    assert "a pause was asked for until" in found["waiting"][1]["why"]


def test_a_dry_run_names_the_address_of_a_trial(desk: Desk) -> None:
    desk.announce()
    more = "notify: {reroute: {slack: '#trial'}, channels: {slack: {}}}\n"
    (desk.folder / "ci-steps.yaml").write_text(more)
    assert desk.type("send", "--dry-run").out == (
        "would tell gis-team (slack #gis-team): 1 service by 2017-11-01, sent to #trial\n"
    )


def test_what_was_given_up_is_in_a_dry_run_only_where_it_would_be_tried(desk: Desk) -> None:
    desk.announce()
    desk.server.answers.append(refuses("is_archived"))
    desk.type("send")
    before = rows(desk)
    assert desk.type("send", "--dry-run", "--json").document["messages"] == []
    assert len(desk.type("send", "--failed", "--dry-run", "--json").document["messages"]) == 1
    assert rows(desk) == before


def test_a_dry_tick_shows_what_it_would_announce_and_remind_of(desk: Desk) -> None:
    with dictionary_at(desk.url) as dictionary:
        owns(dictionary, "gis-team", ["gis"], "slack #gis-team")
        ship(dictionary, "gis 1.0", "auth-1.1")
        ship(dictionary, "auth 2.0.0", hours=1)
    before = rows(desk)
    shown = desk.type("tick", "--dry-run", "--since", "2017-10-01")
    first, second = shown.out.splitlines()
    assert first.startswith("announced auth-2: 1 must move by ")
    assert second.startswith("would tell gis-team (slack #gis-team): 1 service by ")
    found = desk.type("tick", "--dry-run", "--since", "2017-10-01", "--json").document
    assert [one["to"] for one in found["announced"]] == ["auth-2"]
    assert [one["stage"] for one in found["messages"]] == ["announced"]
    assert (rows(desk), desk.server.calls) == (before, 0)


def test_what_is_undelivered_is_a_warning_and_only_strictly_a_failure(desk: Desk) -> None:
    desk.announce()
    desk.server.answers.extend([refuses("ratelimited")])
    lax, strict = desk.type("send"), desk.type("send", "--strict")
    assert (lax.status, strict.status) == (0, 4)
    assert "warning: gis-team (slack #gis-team): 1 service by 2017-11-01" in lax.err
    assert "error: 1 message is undelivered" in strict.err
    assert "ci-steps notices status" in strict.err


def test_a_monitoring_hears_of_what_is_undelivered_for_too_long(desk: Desk) -> None:
    desk.announce()
    late = desk.type("status", "--fail-if-older", "1h")
    assert late.status == 4
    assert "error: 1 message is undelivered for longer than 1 h" in late.err
    assert "hint: slack #gis-team: ci-steps notices send, by a job that has" in late.err
    assert desk.type("status").status == 0
    assert desk.type("status", "--fail-if-older", "9999d").status == 0
    desk.type("send")
    assert desk.type("status", "--fail-if-older", "1h").status == 0
    wrong = desk.type("status", "--fail-if-older", "1 hour")
    assert (wrong.status, wrong.err.splitlines()[0]) == (
        2,
        "error: invalid value for '--fail-if-older': '1 hour' is no time span, write 30m, 1h or 2d",
    )


def test_a_tick_announces_what_was_recorded_by_hand(desk: Desk) -> None:
    assert desk.type("tick").out == "nothing is waiting\n"
    later = (datetime.now(timezone.utc) - NOON) / timedelta(hours=1) + 1
    with dictionary_at(desk.url) as dictionary:
        owns(dictionary, "gis-team", ["gis"], "slack #gis-team")
        ship(dictionary, "gis 1.0", "auth-1.1")
        ship(dictionary, "auth 2.0.0", hours=later)
    ticked = desk.type("tick")
    assert ticked.status == 0
    assert ticked.out.startswith("announced auth-2: 1 must move by ")
    assert "told gis-team (slack #gis-team): 1 service by " in ticked.out


def test_history_before_the_first_tick_is_announced_when_somebody_asks_for_it(desk: Desk) -> None:
    with dictionary_at(desk.url) as dictionary:
        ship(dictionary, "gis 1.0", "auth-1.1")
        ship(dictionary, "auth 2.0.0", hours=1)
    assert desk.type("tick", "--json").document["announced"] == []
    (announced,) = desk.type("tick", "--json", "--since", "2017-10-01").document["announced"]
    assert (announced["to"], announced["services"]) == ("auth-2", ["gis"])
    assert announced["unreachable"] == ["gis: nobody owns it"]


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("notify: {channels: {slak: {}}}", "notify.channels.slak: unknown channel, did you mean"),
        ("notify: {channels: {email: {}}}", "notify.channels.email"),
        ("notify: {grace_days: soon}", "notify.grace_days: expected a whole number"),
    ],
)
def test_a_wrong_configuration_of_channels_is_said_with_its_place(
    desk: Desk, written: str, problem: str
) -> None:
    (desk.folder / "ci-steps.yaml").write_text(written)
    ended = desk.type("send")
    assert ended.status == 2
    assert f"error: ci-steps.yaml:1: {problem}" in ended.err


@pytest.mark.parametrize("budget", ["0", "soon"])
def test_a_budget_is_a_number_of_seconds(desk: Desk, budget: str) -> None:
    assert desk.type("send", "--budget", budget).status == 2


def test_the_summary_of_the_ci_host_names_who_was_told_and_what_is_undelivered(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = desk.folder / "summary.md"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    monkeypatch.setenv("GITHUB_OUTPUT", str(desk.folder / "output"))
    desk.announce()
    desk.server.answers.extend([refuses("is_archived")])
    ended = desk.type("send")
    assert "::warning" in ended.err
    assert "- ⚠️ gis-team (slack #gis-team): 1 service by 2017-11-01: Slack said is_archived" in (
        page.read_text("utf-8")
    )
