"""Which changes touch somebody who says which channels or messages they use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.asyncapi_rules.reading import without_names
from ci_steps.uses.by_name import doubts_about, doubts_about_calls, doubts_about_files
from ci_steps.uses.narrowed import Narrowed, narrowed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci_steps.asyncapi_rules.description import Channel, Description
    from ci_steps.comparisons.changes import Change
    from ci_steps.uses.values import Uses


def narrow(changes: Sequence[Change], uses: Uses, description: Description) -> Narrowed:
    """Return which of *changes* touch who uses *uses* of the old description; in doubt all.

    What is about no channel (a server, what lets callers in) touches everybody.
    """
    channels = {address: _called(one) for address, one in description.channels.items()}
    known = set().union(*channels.values())
    doubts = [*doubts_about_calls(uses.calls, "AsyncAPI"), *doubts_about(uses.names, known)]
    doubts += doubts_about_files(uses, "AsyncAPI")
    used = {one for one, called in channels.items() if not called.isdisjoint(uses.names)}

    def touches(change: Change) -> bool:
        about = {without_names(word) for word in _words(change)} & channels.keys()
        return bool(doubts) or not about or not about.isdisjoint(used)

    return narrowed(changes, touches, doubts)


def _called(channel: Channel) -> set[str]:
    """Return what people may call a channel: its address, or the name of a message in it."""
    operations = channel.operations.values()
    messages = {message.name for one in operations for message in one.messages.values()}
    return {channel.address, *messages} - {""}


def _words(change: Change) -> list[str]:
    """Return what a change says of its channels: ``send orders/{id}``, or the subject alone."""
    return " ".join(change.reaches or (change.subject,)).split(" ")
