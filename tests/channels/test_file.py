from __future__ import annotations

import json
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from ci_steps.channels import file
from ci_steps.channels.file import Options
from ci_steps.outside import Outside
from ci_steps.outside.inert import InertOutside
from ci_steps.protocols import Outcome
from tests.parts.notices import message


def send(folder: Path, outside: Outside | None = None, key: str = "k1") -> tuple[Outcome, str]:
    options = Options(folder=str(folder))
    payload = file.payload(message(key=key), "gis-team", options)
    delivery = file.send(payload, "gis-team", options, outside or Outside({}))
    return delivery.outcome, delivery.receipt or delivery.text


def test_the_mail_the_page_and_the_slack_message_are_written(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "on the way"
    assert send(folder) == (Outcome.SENT, str(folder / "k1.eml"))
    assert sorted(one.name for one in folder.iterdir()) == ["k1.eml", "k1.html", "k1.slack.json"]
    mail = message_from_bytes((folder / "k1.eml").read_bytes(), policy=default)
    assert str(mail["To"]) == "gis-owners@shop.example"
    assert "Move gis to auth-2" in (folder / "k1.html").read_text("utf-8")
    assert json.loads((folder / "k1.slack.json").read_text("utf-8"))["channel"] == "gis-team"


def test_the_same_message_again_writes_the_same_files(tmp_path: Path) -> None:
    send(tmp_path)
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    send(tmp_path)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == before


def test_a_key_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    send(tmp_path / "in", key="../../out")
    assert [one.name for one in tmp_path.iterdir()] == ["in"]


def test_a_folder_that_cannot_be_written_is_a_matter_of_configuration(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    outcome, text = send(tmp_path / "taken")
    assert outcome is Outcome.CONFIGURATION
    assert "cannot write" in text


def test_a_rehearsal_writes_nothing(tmp_path: Path) -> None:
    assert send(tmp_path / "notices", InertOutside({}))[0] is Outcome.SENT
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["Équipe ☃", "a\r\nb"])
def test_any_name_can_be_written(tmp_path: Path, name: str) -> None:
    options = Options(folder=str(tmp_path))
    payload = file.payload(message(owner=name), name, options)
    assert file.send(payload, name, options, Outside({})).outcome is Outcome.SENT
