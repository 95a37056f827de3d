"""What `notify` says about days and words: read, or every problem of it at its place."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING

import pytest

from ci_steps.config.notify import load_notify
from ci_steps.config.sources import Flags
from ci_steps.errors import ConfigError
from ci_steps.outside import Outside

if TYPE_CHECKING:
    from pathlib import Path

    from ci_steps.config.notifying import Notifying

FORMS = "txt.jinja or html.jinja or slack.jinja"
HOLIDAYS = """\
BEGIN:VCALENDAR\r
BEGIN:VEVENT\r
DTSTART;VALUE=DATE:20261224\r
DTEND;VALUE=DATE:20261227\r
SUMMARY:Christmas with a very long name that is\r
  folded\r
END:VEVENT\r
BEGIN:VEVENT\r
DTSTART;TZID=Europe/\r
 Berlin:20270101T000000\r
END:VEVENT\r
BEGIN:VEVENT\r
DTSTART:20279999\r
END:VEVENT\r
END:VCALENDAR\r
"""


def notifying(folder: Path, *lines: str) -> Notifying:
    said = "\n".join(["service: auth", "notify:", *(f"  {line}" for line in lines)])
    (folder / "ci-steps.yaml").write_text(said)
    found = load_notify(Outside({}), Flags()).notifying
    assert found is not None
    return found


def problems(folder: Path, *lines: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        notifying(folder, *lines)
    return [f"{one.key}: {one.text}" for one in caught.value.problems]


def test_days_off_are_days_or_a_calendar_file(folder: Path) -> None:
    (folder / "off.ics").write_text(HOLIDAYS)
    said = notifying(
        folder,
        "holidays: [2026-11-30, off.ics]",
        "holidays_in: {Europe/Berlin: [2026-10-03]}",
        "working_hours: 08:30-16:00",
    ).terms.calendars
    christmas = {date(2026, 12, day) for day in (24, 25, 26)}
    everywhere = {date(2026, 11, 30), *christmas, date(2027, 1, 1)}
    assert said.of("Asia/Tokyo").holidays == everywhere
    assert said.of("Europe/Berlin").holidays == {*everywhere, date(2026, 10, 3)}
    assert (said.opens, said.closes) == (time(8, 30), time(16))


def test_a_time_zone_of_an_owner_that_nobody_knows_is_that_of_the_company(folder: Path) -> None:
    said = notifying(folder, "time_zone: Europe/Berlin").terms.calendars
    assert str(said.of("Mars/Olympus").zone) == "Europe/Berlin"


def test_every_problem_is_said_at_its_key_at_once(folder: Path) -> None:
    (folder / "empty.ics").write_text("BEGIN:VCALENDAR\nEND:VCALENDAR\n")
    (folder / "words").mkdir()
    (folder / "words" / "announcd.txt.jinja").write_text("x")
    assert problems(
        folder,
        "time_zone: Europe/Berlni",
        "working_hours: 9-17",
        "holidays: [2026-02-30, '24.12.', missing.ics, empty.ics]",
        "holidays_in: {Berlin: [2026-10-03]}",
        "links:",
        "  Guide: javascript:alert(1)",
        "  Changelog: https://x.example/{linne}",
        "ack_url: nowhere",
        "templates: words",
        "channels: {slack: {}}",
        "reroute: {slak: '#trial', email: trial@shop.example}",
    ) == [
        "notify.time_zone: no time zone 'Europe/Berlni', write it like Europe/Berlin",
        "notify.working_hours: expected hours of one day such as 09:00-17:00, got '9-17'",
        "notify.holidays[0]: no calendar has a day 2026-02-30",
        "notify.holidays[1]: expected a day such as 2026-12-24 or an .ics file, got '24.12.'",
        "notify.holidays[2]: missing.ics: cannot be read: no such file or directory",
        "notify.holidays[3]: empty.ics has no event with a day",
        "notify.holidays_in.Berlin: no time zone 'Berlin', write it like Europe/Berlin",
        "notify.links.Guide: expected a web address, got 'javascript:alert(1)'",
        "notify.links.Changelog: '{linne}' is not filled in: use {service}, {version} or {line}",
        "notify.ack_url: expected a web address, got 'nowhere'",
        f"notify.templates: words/announcd.txt.jinja: expected message or a stage, with {FORMS}",
        "notify.reroute.email: email is not in notify.channels; known: slack",
        "notify.reroute.slak: slak is not in notify.channels, did you mean slack?",
    ]


def test_a_wrong_address_of_a_trial_is_said_with_its_line(folder: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        notifying(folder, "channels: {slack: {}}", "reroute:", "  slak: '#trial'")
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.key) == ("ci-steps.yaml", 5, "notify.reroute.slak")


@pytest.mark.usefixtures("no_time_zones")
def test_a_machine_without_time_zones_says_what_it_lacks(folder: Path) -> None:
    assert problems(folder, "time_zone: Europe/Berlin") == [
        (
            "notify.time_zone: no time zone 'Europe/Berlin': this machine has none, "
            "install the package tzdata"
        )
    ]
