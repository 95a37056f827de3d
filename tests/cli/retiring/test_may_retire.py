"""`ci-steps may-retire` and `retirement`: from a line that is needed to one that may go."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ci_steps.dictionary.store import Dictionary
from ci_steps.outside import Outside
from tests.parts.commands import Ended, typed
from tests.parts.dictionaries import dictionary_at, ship
from tests.parts.shop import check_answer
from tests.parts.verdicts import run_in

NOW = datetime.now(timezone.utc)
DAY = timedelta(days=1)


class Desk:
    """A person in the folder of auth, whose line 1 gis needs in production."""

    def __init__(self, folder: Path, dictionary: Dictionary, capsys: pytest.CaptureFixture[str]):
        self.folder, self.dictionary, self._capsys = folder, dictionary, capsys
        self.configure()

    def configure(self, last_call: datetime = NOW - 40 * DAY, **more: Any) -> None:
        """Write a file in which a command sees the calls of the last 45 days."""
        seen = {"observed_since": _text(NOW - 45 * DAY), "last_call": _text(last_call)}
        usage = {"command": {"command": [sys.executable, "-c", f"print({json.dumps(seen)!r})"]}}
        content = {"service": "auth", "retirement": {"usage": usage, **more}}
        (self.folder / "ci-steps.yaml").write_text(json.dumps(content))

    def says(self, *arguments: str) -> Ended:
        return typed(self._capsys, *arguments)

    def decides(self, kind: str, *arguments: str) -> Ended:
        return self.says("retirement", kind, "auth", "1", "--reason", "we said so", *arguments)

    def asks(self) -> Any:
        """Return the JSON, whose form is the published one and whose verdict is the status."""
        ended = self.says("may-retire", "auth", "v1", "--json")
        check_answer(ended.document)
        assert (ended.status == 0) is (ended.document["verdict"] == "yes")
        return ended.document

    def reason(self) -> str:
        return str(self.asks()["reason"])


def _text(moment: datetime) -> str:
    return moment.isoformat()


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Desk]:
    path = tmp_path / "dictionary.db"
    monkeypatch.setenv("CI_STEPS_DICTIONARY", str(path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Outside, "now", lambda _: NOW)  # midnight may come before the end
    with dictionary_at(str(path)) as dictionary:
        run_in(dictionary, "auth 1.1.0", "auth 2.0.0", "gis 3.0.0: auth-1.1")
        yield Desk(tmp_path, dictionary, capsys)


def test_a_line_goes_when_its_dependent_has_moved_and_the_promised_day_is_there(
    desk: Desk,
) -> None:
    assert desk.reason() == "NEEDED"
    ship(desk.dictionary, "gis 3.1.0", "auth-2.0", hours=1)
    assert desk.reason() == "NOT_ANNOUNCED"
    desk.decides("announce", "--on", f"{NOW.date()}", "--by", "auth-team")
    assert desk.reason() == "NOTHING_AGAINST"


@pytest.mark.parametrize(
    ("taken", "reason"),
    [
        pytest.param(lambda desk: desk.decides("hold"), "ON_HOLD", id="a hold"),
        pytest.param(lambda desk: desk.decides("urgent"), "URGENT", id="urgent"),
        pytest.param(lambda desk: desk.decides("withdraw"), "NOT_ANNOUNCED", id="no promise"),
        pytest.param(
            lambda desk: desk.decides("amend", "--on", f"{(NOW + DAY).date()}"),
            "DATE_NOT_REACHED",
            id="a later day",
        ),
        pytest.param(lambda desk: desk.configure(NOW - DAY), "CALLED", id="a call"),
        pytest.param(lambda desk: desk.configure(quiet_days=46), "CALLED", id="a longer window"),
        pytest.param(lambda desk: desk.configure(usage={}), "USAGE_UNKNOWN", id="nobody looks"),
        pytest.param(lambda desk: desk.configure(policy="manual"), "NOT_APPROVED", id="by hand"),
        pytest.param(
            lambda desk: desk.configure(callers_outside=True), "NOTICE_TOO_SHORT", id="outside"
        ),
        pytest.param(
            lambda desk: ship(desk.dictionary, "web 1.0", "auth-1", environment="staging"),
            "DECLARED",
            id="staging needs it",
        ),
    ],
)
def test_taking_any_condition_away_gives_the_other_answer(
    desk: Desk, taken: Any, reason: str
) -> None:
    ship(desk.dictionary, "gis 3.1.0", "auth-2.0", hours=1)
    desk.decides("announce", "--on", f"{NOW.date()}")
    assert desk.reason() == "NOTHING_AGAINST"
    taken(desk)
    assert desk.reason() == reason


def test_what_it_rests_on_is_shown_to_people(desk: Desk) -> None:
    shown = desk.says("may-retire", "auth", "1")
    assert shown.status == 1
    assert "auth line 1 in production" in shown.out
    assert "no, keep: live dependents need it: gis (NEEDED)" in shown.out


def test_in_the_folder_of_another_service_nothing_observes(desk: Desk) -> None:
    (desk.folder / "ci-steps.yaml").write_text("service: gis\n")
    ship(desk.dictionary, "gis 3.1.0", "auth-2.0", hours=1)
    assert desk.reason() == "USAGE_UNKNOWN"


def test_decisions_are_shown_with_who_and_why(desk: Desk) -> None:
    assert "nothing was decided" in desk.says("retirement", "show", "auth", "1").out
    desk.decides("hold", "--by", "legal team")
    shown = desk.says("retirement", "show", "auth", "1").out
    assert "legal team" in shown
    assert "we said so" in shown
    kept = desk.says("retirement", "show", "auth", "1", "--json").document
    check_answer(kept)
    assert [one["decision"] for one in kept["decisions"]] == ["hold"]


def test_what_was_announced_is_told_to_callers_in_headers(desk: Desk) -> None:
    refused = desk.says("retirement", "headers", "auth", "1")
    assert refused.status == 1
    assert "was not announced" in refused.err
    desk.decides("announce", "--on", "2199-12-24")
    told = desk.says("retirement", "headers", "auth", "1", "--link", "https://auth.shop.example")
    assert "Sunset: Tue, 24 Dec 2199 00:00:00 GMT" in told.out
    assert 'Link: <https://auth.shop.example>; rel="sunset"' in told.out
    nginx = desk.says("retirement", "headers", "auth", "1", "--form", "nginx").out
    assert 'add_header Sunset "Tue, 24 Dec 2199 00:00:00 GMT" always;' in nginx


def test_what_does_not_fit_says_what_to_do(desk: Desk) -> None:
    refused = desk.decides("amend", "--on", f"{NOW.date()}")
    assert refused.status == 1
    assert "error: it was not announced" in refused.err
    assert "ci-steps retirement show" in refused.err


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        pytest.param(("hold", "auth", "1", "--reason", " "), "--reason is empty", id="reason"),
        pytest.param(("hold", "auht", "1", "--reason", "x"), "did you mean auth", id="service"),
        pytest.param(
            ("announce", "auth", "1", "--reason", "x", "--on", "soon"), "'soon'", id="day"
        ),
        pytest.param(("hodl", "auth", "1"), "no command 'hodl', did you mean hold", id="kind"),
    ],
)
def test_a_wrong_command_line_is_status_2(
    desk: Desk, arguments: tuple[str, ...], error: str
) -> None:
    ended = desk.says("retirement", *arguments)
    assert ended.status == 2
    assert error in ended.err


def test_every_problem_of_the_configuration_is_said_at_once(desk: Desk) -> None:
    (desk.folder / "ci-steps.yaml").write_text(
        "service: auth\nretirement:\n  quiet_days: 0\n  polcy: manual\n"
        "  usage:\n    promotheus: {}\n"
    )
    ended = desk.says("may-retire", "auth", "1")
    assert ended.status == 2
    for text in (
        "ci-steps.yaml:3: retirement.quiet_days: expected at least 1, got 0",
        "ci-steps.yaml:4: retirement.polcy: unknown key, did you mean policy?",
        "retirement.usage.promotheus: unknown source of usage, did you mean prometheus?",
    ):
        assert text in ended.err
