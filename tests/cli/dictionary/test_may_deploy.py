"""`ci-steps dictionary may-deploy`: the answer as text, as JSON and as an exit status."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import TYPE_CHECKING

import pytest

from ci_steps.dictionary.store import Dictionary
from ci_steps.outside import Outside
from tests.parts.commands import CI_STEPS, Ended, environ, typed
from tests.parts.dictionaries import dictionary_at
from tests.parts.shop import Shop, check_answer, shop_in
from tests.parts.verdicts import run_in, waivers_in

if TYPE_CHECKING:
    from typing import Any

NOW = datetime.now(timezone.utc)
TOMORROW = f"{NOW.date() + timedelta(days=1)}"


class Desk:
    """A person with a dictionary in which gis in production needs auth-1.1."""

    def __init__(self, path: Path, dictionary: Dictionary, capsys: pytest.CaptureFixture[str]):
        self.path, self.dictionary, self._capsys = path, dictionary, capsys

    def asks(self, *arguments: str) -> Ended:
        return typed(self._capsys, "dictionary", "may-deploy", *arguments)

    def answer(self, *arguments: str) -> Any:
        """Return the JSON, whose form is the published one and whose verdict is the status."""
        ended = self.asks(*arguments, "--json")
        check_answer(ended.document)
        assert (ended.status == 0) is (ended.document["verdict"] == "yes")
        return ended.document


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Desk]:
    path = tmp_path / "dictionary.db"
    monkeypatch.setenv("CI_STEPS_DICTIONARY", str(path))
    monkeypatch.setenv("USER", "tester")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Outside, "now", lambda _: NOW)  # midnight may come before the end
    with dictionary_at(str(path)) as dictionary:
        run_in(dictionary, "auth 1.1.0", "gis 3.0.0: auth-1.1")
        run_in(dictionary, "auth 2.0.0", "gis 3.1.0: auth-2.0", environment="staging")
        yield Desk(path, dictionary, capsys)


@pytest.mark.slow
def test_a_line_that_is_needed_is_replaced_only_after_its_dependent_has_moved(
    tmp_path: Path,
) -> None:
    """With the whole job: auth 2.0.0 is in staging, and gis in production needs auth-1.1."""
    question = ("dictionary", "may-deploy", "auth", "2.0.0", "production")
    with shop_in(tmp_path) as shop:
        shop.service("auth", "1.1.0")
        released(shop, "auth")
        shop.service("gis", "v1_20171001-2", "auth-1.1")
        released(shop, "gis")
        shop.service("auth", "2.0.0")
        for step in (["unit-test"], ["version-check"], ["deploy", "staging"]):
            assert shop.ci_steps("auth", *step).returncode == 0

        refused = shop.ci_steps("", *question)
        assert refused.returncode == 1
        assert "no: gis v1_20171001-2 needs auth-1.1" in refused.stdout
        assert "way out: release auth 2.0.0 beside 1.1.0: --beside" in refused.stdout
        assert "way out: wait until gis v1_20171001-2 no longer needs auth-1.1" in refused.stdout
        assert shop.answer("", *question)["reason"] == "LINE_NOT_LIVE"
        assert shop.ci_steps("", *question, "--beside").returncode == 0

        released(shop, "auth")  # it goes beside the line that is needed
        shop.service("gis", "v1_20171102-1", "auth-2.0")
        released(shop, "gis")
        replacing = shop.answer("", *question, "--slot", "1")
        assert replacing["candidates"] == [
            {
                "service": "auth",
                "version": "2.0.0",
                "slot": "1",
                "replaces": "1.1.0",
                "beside": ["2.0.0"],
            }
        ]
        assert replacing["verdict"] == "yes"


def released(shop: Shop, service: str) -> None:
    done = shop.ci_steps(service, "run")
    assert done.returncode == 0, done.stderr


def test_every_edge_is_answered_with_its_reason(desk: Desk) -> None:
    answer = desk.answer("auth", "2.0.0", "production")
    assert (answer["verdict"], answer["reason"]) == ("no", "LINE_NOT_LIVE")
    assert answer["edges"] == [
        {
            "dependent": "gis",
            "dependent_version": "3.0.0",
            "provider": "auth",
            "required": "auth-1.1",
            "found": ["2.0.0"],
            "verdict": "no",
            "reason": "LINE_NOT_LIVE",
            "text": "auth-1 is not live, only 2.0.0",
        }
    ]
    assert answer["ways_out"][0] == "release auth 2.0.0 beside 1.1.0: --beside"


@pytest.mark.parametrize(
    ("question", "verdict", "status"),
    [
        ("auth 1.1 production", "yes", 0),
        ("auth 2.0.0 production --beside", "yes", 0),
        ("auth 2.0.0 production", "no", 1),
        ("auth 2.0.0 production --slot 2", "yes", 0),
        ("auth 7.0.0 production", "no", 1),
        ("gis 3.1.0 production", "no", 1),
        ("auth@2.0.0 gis@3.1.0 production", "yes", 0),
        ("auth@2.0.0 production", "no", 1),
        ("web 1.0 production", "unknown", 1),
    ],
)
def test_the_exit_status_is_zero_only_for_yes(
    desk: Desk, question: str, verdict: str, status: int
) -> None:
    run_in(desk.dictionary, "web 1.0: sms-1", environment="staging")
    shown = desk.asks(*question.split())
    assert shown.status == status
    assert any(line.startswith(f"{verdict}: ") for line in shown.out.splitlines())
    assert desk.answer(*question.split())["verdict"] == verdict


def test_a_train_says_in_which_order(desk: Desk) -> None:
    answer = desk.answer("gis@3.1.0", "auth@2.0.0", "production", "--beside")
    assert answer["order"] == ["auth 2.0.0", "gis 3.1.0"]
    circle = desk.asks("gis@3.1.0", "auth@2.0.0", "auth@v2.0", "production")
    assert circle.status == 0
    assert "no order breaks nobody on the way: they wait for each other" in circle.out


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("auht 2.0.0 production", "unknown service 'auht', did you mean auth"),
        ("auth 2.0.0 prodution", "unknown environment 'prodution', did you mean production"),
        ("auth two production", "'two' is not a version"),
        ("auth production", "'auth' is not SERVICE@VERSION"),
        ("auth 1.1.0 gis 3.1.0 production", "'auth' is not SERVICE@VERSION"),
        ("production", "nothing is not SERVICE@VERSION"),
        ("auth@ production", "'auth@' is not SERVICE@VERSION"),
        ("auth@2.0.0 auth@1.1.0 production", "versions of one service"),
        ("auth@2.0.0 gis@3.1.0 production --slot 1", "--slot is for one service"),
        ("auth 2.0.0 production --slot 1 --beside", "--beside asks for one that is free"),
        ("auth 2.0.0 production --ignore gis", "--ignore needs --until and --reason"),
        (f"auth 2.0.0 production --ignore gis --until {TOMORROW}", "--ignore needs --until"),
        ("auth 2.0.0 production --until 2017-10-01", "--until and --reason belong to --ignore"),
        ("auth 2.0.0 production --ignore gis --until 2017-10-01 --reason r", "has passed"),
        (f"auth 2.0.0 production --ignore gsi --until {TOMORROW} --reason r", "service 'gsi'"),
        (
            "auth 2.0.0 production --ignore gis --until tomorrow --reason r",
            "'tomorrow' is not a day, such as 2026-12-23",
        ),
    ],
)
def test_what_cannot_be_asked_is_said(desk: Desk, question: str, message: str) -> None:
    ended = desk.asks(*question.split())
    assert ended.status == 2
    assert message in ended.err
    assert "Traceback" not in ended.err
    assert waivers_in(desk.dictionary) == []


def test_what_was_never_recorded_is_answered_after_the_command_that_is_named(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = desk.answer("auth", "1.2.0", "production")
    command = refused["ways_out"][1].partition("ci-steps ")[2]
    words = command.replace("ENVIRONMENT --depends-on REQUIREMENT", "staging").split()
    assert (refused["reason"], typed(capsys, *words).status) == ("VERSION_UNKNOWN", 0)
    assert desk.answer("auth", "1.2.0", "production")["verdict"] == "yes"


def test_an_ignored_edge_is_recorded_and_counts_until_it_ends(desk: Desk) -> None:
    ignoring = ("--ignore", "gis", "--until", TOMORROW, "--reason", "gis is rewritten")
    answer = desk.answer("auth", "2.0.0", "production", *ignoring)
    assert (answer["verdict"], answer["reason"]) == ("yes", "IGNORED")
    (edge,) = answer["edges"]
    assert edge["verdict"] is None
    assert f"ignored until {TOMORROW}: gis is rewritten" in edge["text"]
    desk.answer("auth", "2.0.0", "production", *ignoring)
    (waiver,) = waivers_in(desk.dictionary)
    assert [waiver[0], waiver[1], str(waiver[2]), *waiver[3:]] == [
        *("auth", "gis", TOMORROW, "gis is rewritten", "tester")
    ]
    assert desk.answer("auth", "2.0.0", "production")["verdict"] == "yes"


@pytest.mark.parametrize("service", ["auth", "gis"])
def test_a_waiver_is_shown_with_either_service(
    desk: Desk, capsys: pytest.CaptureFixture[str], service: str
) -> None:
    ignoring = ("--ignore", "gis", "--until", TOMORROW, "--reason", "gis is rewritten")
    desk.answer("auth", "2.0.0", "production", *ignoring)
    shown = typed(capsys, "dictionary", "show", service, "--json").document
    check_answer(shown)
    (waiver,) = shown["waivers"]
    assert [*waiver.values()] == [
        *("auth", "gis", "production", TOMORROW, "gis is rewritten", "tester")
    ]
    assert typed(capsys, "dictionary", "show", "auth").out.count("gis is rewritten") == 1


def test_a_dry_run_records_no_waiver(desk: Desk) -> None:
    ignoring = ("--ignore", "gis", "--until", TOMORROW, "--reason", "what if", "--dry-run")
    assert desk.answer("auth", "2.0.0", "production", *ignoring)["verdict"] == "yes"
    assert waivers_in(desk.dictionary) == []
    assert desk.answer("auth", "2.0.0", "production")["verdict"] == "no"


def test_a_waiver_that_no_edge_is_about_is_not_recorded(desk: Desk) -> None:
    run_in(desk.dictionary, "mail 201610")
    ignoring = ("--ignore", "mail", "--until", TOMORROW, "--reason", "not needed")
    assert desk.answer("auth", "2.0.0", "production", *ignoring)["verdict"] == "no"
    assert waivers_in(desk.dictionary) == []


def test_it_is_asked_again_while_the_answer_is_unknown(desk: Desk, tmp_path: Path) -> None:
    run_in(desk.dictionary, "web 1.0: sms-1", environment="staging")
    patient = ("--retry-while-unknown", "2", "--interval", "0")
    assert desk.answer("web", "1.0", "production", *patient)["verdict"] == "unknown"

    # Another process asks until sms is there.
    question = ("may-deploy", "web", "1.0", "production", "--retry-while-unknown", "2000")
    with Popen(
        [*CI_STEPS, "dictionary", *question, "--interval", "0.02"],
        cwd=tmp_path,
        env=environ(tmp_path, {"CI_STEPS_DICTIONARY": str(desk.path)}),
        stdout=PIPE,
        stderr=DEVNULL,
        encoding="utf-8",
    ) as asking:
        run_in(desk.dictionary, "sms 1.0")
        out, _ = asking.communicate(timeout=60)
    assert asking.returncode == 0
    assert out.splitlines()[-1] == "yes: 1 requirement is satisfied (ALL_SATISFIED)"
