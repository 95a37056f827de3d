"""Channels as a company has set them up: with its own words, and for a trial to one address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ci_steps.notices import schedule, stages
from ci_steps.notices.addressing import route
from ci_steps.notices.calendars import Calendars
from ci_steps.notices.wording.own_words import OwnWords
from ci_steps.notices.wording.render import own_words_are

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_steps.notices.sending.claims import Channels
    from ci_steps.outside import Outside
    from ci_steps.protocols import Delivery, Message


@dataclass(frozen=True)
class Manner:
    """How messages are presented; `reroute` has one address for each channel, in a trial."""

    calendars: Calendars
    own_words: OwnWords | None = None
    reroute: Mapping[str, str] | None = None
    ack_url: str = ""

    @property
    def problems(self) -> tuple[str, ...]:
        """Return what is wrong with the company's own words, as far as they were used."""
        return tuple(self.own_words.problems) if self.own_words else ()


@dataclass(frozen=True)
class Presented:
    """A channel that says what it is given in a company's manner; all else is the channel's."""

    name: str
    inner: Any
    manner: Manner

    def payload(self, message: Message, address: str, options: Any) -> bytes:
        """Return the bytes of the message as it is presented."""
        told = presented(message, self.manner)
        to = self.reached_at(address)
        if to != address:
            meant = route(message.contact_owner.name, self.name, address)
            told = replace(told, meant_for=meant)
        with own_words_are(self.manner.own_words):
            content: bytes = self.inner.payload(told, to, options)
        return content

    def send(self, payload: bytes, address: str, options: Any, outside: Outside) -> Delivery:
        """Try once, at the address that counts."""
        delivery: Delivery = self.inner.send(payload, self.reached_at(address), options, outside)
        return delivery

    def __getattr__(self, name: str) -> Any:
        """Return what else the channel can do, such as looking a message up."""
        return getattr(self.inner, name)

    def reached_at(self, address: str) -> str:
        """Return where a message to *address* really goes."""
        return (self.manner.reroute or {}).get(self.name, address)


def in_manner(channels: Channels, manner: Manner) -> Channels:
    """Return channels that present what they are given; in a trial only those it names."""
    if manner.reroute:
        channels = {name: one for name, one in channels.items() if name in manner.reroute}
    return {
        name: (Presented(name, module, manner), options)
        for name, (module, options) in channels.items()
    }


def presented(message: Message, manner: Manner) -> Message:
    """Return a message with the next reminder, and the page where it is acknowledged."""
    told = replace(message, ack_url=manner.ack_url)
    if stages.kind_of(message.stage) not in {stages.ANNOUNCED, *stages.REMINDERS}:
        return told
    calendar = manner.calendars.of(message.contact_owner.time_zone)
    now = calendar.morning(message.on or message.due)
    return replace(told, next_on=schedule.following(message.due, calendar, now))
