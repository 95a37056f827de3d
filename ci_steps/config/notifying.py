"""What `notify` says about days and words -> the terms of a release; every problem at once."""

from __future__ import annotations

import re
from datetime import date, time
from pathlib import Path
from typing import TYPE_CHECKING

from ci_steps.config.document import KeyPath, read_text
from ci_steps.config.reading import Wrong
from ci_steps.errors import CiStepsError
from ci_steps.notices.calendars import KNOWN_EVERYWHERE, Calendars, days_of_ics, zone
from ci_steps.notices.moving.terms import Terms
from ci_steps.notices.stages import ALL
from ci_steps.notices.wording.own_words import SUFFIXES, OwnWords
from ci_steps.notices.wording.spans import is_link
from ci_steps.writing.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_steps.config.settings import NotifySettings

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_PLACES = re.compile(r"\{(?!(?:service|version|line)\})[^}]*\}?")
_MOST_ICS_BYTES = 2_000_000
_MOST_TEMPLATE_BYTES = 100_000
_NAMES = frozenset({"message", *ALL})


class Notifying:
    """The terms and templates that `notify` describes, and in `wrong` what keeps them from it."""

    def __init__(self, settings: NotifySettings, folder: Path) -> None:
        self._folder = folder
        self.wrong: list[Wrong] = []
        opens, closes = self._hours(settings.working_hours)
        self._check_zone(settings.time_zone, ("notify", "time_zone"))
        for name in settings.holidays_in:
            self._check_zone(name, ("notify", "holidays_in", name))
        self._check_links(settings)
        self._check_reroute(settings)
        calendars = Calendars(
            settings.time_zone,
            self._days(settings.holidays, ("notify", "holidays")),
            {
                name: self._days(days, ("notify", "holidays_in", name))
                for name, days in settings.holidays_in.items()
            },
            opens,
            closes,
        )
        self.terms = Terms(settings.urgent, settings.after_due, settings.links, calendars=calendars)
        self.own_words = self._templates(settings.templates)

    def _hours(self, written: str) -> tuple[time, time]:
        match = _HOURS.fullmatch(written)
        if match:
            first, then, last, end = map(int, match.groups())
            if (first, then) < (last, end):
                return time(first, then), time(last, end)
        text = f"expected hours of one day such as 09:00-17:00, got {written!r}"
        self.wrong.append(Wrong(("notify", "working_hours"), text))
        return time(9), time(17)

    def _check_zone(self, name: str, path: KeyPath) -> None:
        if zone(name) is None:
            text = f"no time zone {name!r}, write it like {KNOWN_EVERYWHERE}"
            if zone(KNOWN_EVERYWHERE) is None:
                text = f"no time zone {name!r}: this machine has none, install the package tzdata"
            self.wrong.append(Wrong(path, text))

    def _check_links(self, settings: NotifySettings) -> None:
        places = {("links", title): url for title, url in settings.links.items()}
        if settings.ack_url:
            places["ack_url",] = settings.ack_url  # type: ignore[index]
        for path, url in places.items():
            unknown = _PLACES.search(url)
            if not is_link(re.sub(r"[{}]", "", url)):
                self.wrong.append(Wrong(("notify", *path), f"expected a web address, got {url!r}"))
            elif unknown:
                text = f"{unknown[0]!r} is not filled in: use {{service}}, {{version}} or {{line}}"
                self.wrong.append(Wrong(("notify", *path), text))

    def _check_reroute(self, settings: NotifySettings) -> None:
        for name in settings.reroute:
            if name not in settings.channels:
                text = f"{name} is not in notify.channels{did_you_mean(name, settings.channels)}"
                self.wrong.append(Wrong(("notify", "reroute", name), text))

    def _days(self, written: Iterable[str], path: KeyPath) -> frozenset[date]:
        found: set[date] = set()
        for index, text in enumerate(written):
            found |= self._tried((*path, index), text)
        return frozenset(found)

    def _tried(self, path: KeyPath, text: str) -> frozenset[date]:
        try:
            return self._some_days(text)
        except (CiStepsError, ValueError) as error:
            self.wrong.append(Wrong(path, str(error)))
            return frozenset()

    def _some_days(self, text: str) -> frozenset[date]:
        if text.endswith(".ics"):
            days = days_of_ics(self._text(text, _MOST_ICS_BYTES))
            if not days:
                raise ValueError(f"{text} has no event with a day")
            return days
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            raise ValueError(f"expected a day such as 2026-12-24 or an .ics file, got {text!r}")
        try:
            return frozenset({date.fromisoformat(text)})
        except ValueError:
            raise ValueError(f"no calendar has a day {text}") from None

    def _text(self, name: str, most_bytes: int) -> str:
        return read_text(self._folder / name, shown=name, most_bytes=most_bytes)

    def _templates(self, folder: str) -> OwnWords | None:
        if not folder:
            return None
        path: KeyPath = ("notify", "templates")
        place = self._folder / folder
        if not place.is_dir():
            self.wrong.append(Wrong(path, f"{folder}: no such folder"))
            return None
        sources = {}
        for file in sorted(place.glob("*.jinja")):
            stage, _, suffix = file.name.partition(".")
            if stage not in _NAMES or suffix not in SUFFIXES:
                forms = " or ".join(SUFFIXES)
                text = f"{folder}/{file.name}: expected message or a stage, with {forms}"
                self.wrong.append(Wrong(path, text))
                continue
            try:
                name = f"{folder}/{file.name}"
                sources[file.name] = self._text(name, _MOST_TEMPLATE_BYTES)
            except CiStepsError as error:
                self.wrong.append(Wrong(path, str(error)))
        return OwnWords(sources)
