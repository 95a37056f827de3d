from __future__ import annotations

from dataclasses import replace
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from ci_steps.notices.wording.calendar_entry import calendar_entry, folded
from ci_steps.notices.wording.letter import letter
from tests.parts.notices import message


def sent(*, calendar: bool = False, short: bool = False) -> bytes:
    to = "gis@shop.example"
    return letter(message(), sender="ci@shop.example", to=to, calendar=calendar, short=short)


def entry(content: bytes) -> Any:
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    found = [one for one in mail.iter_parts() if one.get_content_type() == "text/calendar"]
    return found[0] if found else None


def test_the_deadline_comes_along_as_a_whole_day_where_somebody_wants_it() -> None:
    found = entry(sent(calendar=True))
    assert found is not None
    assert found["Content-Type"].params["method"] == "PUBLISH"
    text = found.get_payload(decode=True)
    assert isinstance(text, bytes)
    lines = text.decode().split("\r\n")
    assert {"METHOD:PUBLISH", "DTSTART;VALUE=DATE:20261223", "DTEND;VALUE=DATE:20261224"} <= {
        *lines
    }
    assert f"UID:{message().key}@shop.example" in lines
    assert lines[-1] == ""
    assert entry(sent()) is None


def test_a_later_message_takes_the_place_of_the_entry_before() -> None:
    later = replace(message(key="k2"), root_key="k1", on=date(2026, 12, 9), stage="t-14")
    text = calendar_entry(later, "Move gis", "shop.example")
    assert "UID:k1@shop.example\r\n" in text
    assert "SEQUENCE:16\r\n" in text


@pytest.mark.parametrize("stage", ["done", "withdrawn", "digest@2026-12-01"])
def test_a_message_that_asks_for_nothing_by_a_day_brings_none(stage: str) -> None:
    assert calendar_entry(replace(message(), stage=stage), "x", "shop.example") == ""


def test_a_line_has_at_most_75_octets_and_no_character_is_split() -> None:
    long = "SUMMARY:" + "ä☃" * 60
    pieces = folded(long).split("\r\n")[:-1]
    assert all(len(piece.encode()) <= 75 for piece in pieces)
    assert "".join(piece.removeprefix(" ") for piece in pieces) == long


def test_no_value_begins_a_line_of_its_own() -> None:
    text = calendar_entry(message(), "a\r\nATTENDEE:x; b, c\\", "shop.example")
    assert "\r\nATTENDEE" not in text
    assert "SUMMARY:a ATTENDEE:x\\; b\\, c\\\\\r\n" in text


def test_a_mail_that_was_not_accepted_is_a_sentence_and_a_link() -> None:
    mail = message_from_bytes(sent(short=True), policy=default)
    assert mail.get_content_type() == "text/plain"
    assert mail["Message-ID"] == message_from_bytes(sent())["Message-ID"]
    assert "html" not in mail.as_string()
