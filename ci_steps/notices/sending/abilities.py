"""What a channel may be able to do beside sending; a stranger's plug need have none of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ci_steps.protocols import Delivery, Outcome

if TYPE_CHECKING:
    from datetime import datetime

    from ci_steps.outside import Outside
    from ci_steps.protocols import Channel, Message

_NO_LOOKING = Delivery(Outcome.CONFIGURATION, "it cannot be looked up on this channel")
# What the options of our channels allow.
_SHORTEST_SECONDS = 1.0


def find(
    channel: Channel,
    payload: bytes,
    address: str,
    since: datetime,
    options: Any,
    outside: Outside,
) -> Delivery | None:
    """Return the receipt of a message whose answer was lost, or None where it surely is not.

    NOT_TAKEN means that nobody can look just now, CONFIGURATION that it cannot be looked up.
    """
    look = getattr(channel, "find", None)
    found: Delivery | None = _NO_LOOKING
    if look is not None:
        found = look(payload, address, since, options, outside)
    return found


def marked(channel: Channel, payload: bytes) -> bytes:
    """Return a message that may come a second time; as it is where receivers know it again."""
    mark = getattr(channel, "marked", None)
    again: bytes = mark(payload) if mark else payload
    return again


def worded(channel: Channel, message: Message, address: str, options: Any, *, plain: bool) -> bytes:
    """Return the bytes of a message, short and without any form where it was not accepted."""
    short = getattr(channel, "plain", None) if plain else None
    payload: bytes = (short or channel.payload)(message, address, options)
    return payload


def workspace(channel: Channel, options: Any) -> str:
    """Return what a pause concerns that a receiver asks for: the other end, and no secret."""
    named = getattr(channel, "workspace", None)
    return str(named(options)) if named else ""


def reached_at(channel: Channel, address: str) -> str:
    """Return where a message really goes: in a trial elsewhere than to its contact."""
    named = getattr(channel, "reached_at", None)
    return str(named(address)) if named else address


def can_see(channel: Channel) -> bool:
    """Return whether the channel shows who has looked at a message: it has ``find_seen``."""
    return hasattr(channel, "find_seen")


def missing_secrets(channel: Channel, options: Any, outside: Outside) -> tuple[str, ...]:
    """Return the variables that this job does not have, and that the channel needs."""
    named = getattr(channel, "secrets", None)
    return tuple(
        name for name in (named(options) if named else ()) if not outside.environ.get(name)
    )


def hurried(channel: Channel, options: Any, seconds: float) -> Any:
    """Return options whose time-outs end within the time that is left."""
    known = getattr(options, "timeout_seconds", None)
    if known is None:
        return options
    longest = max(_SHORTEST_SECONDS, seconds / getattr(channel, "MOST_WAITS", 1))
    return options if known <= longest else attrs.evolve(options, timeout_seconds=longest)
