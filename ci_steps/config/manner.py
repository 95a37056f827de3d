"""What `notify` says about messages -> the manner in which channels present them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.notices.calendars import Calendars
from ci_steps.notices.presenting import Manner

if TYPE_CHECKING:
    from ci_steps.config.notifying import Notifying
    from ci_steps.config.settings import NotifySettings


def manner_of(settings: NotifySettings, notifying: Notifying | None) -> Manner:
    """Return the manner; without `notify` it is the usual one."""
    if notifying is None:
        return Manner(Calendars())
    calendars = notifying.terms.calendars
    return Manner(calendars, notifying.own_words, settings.reroute, settings.ack_url)
