"""What callers notice of channels, and of what is received and sent on them."""

from __future__ import annotations

from collections.abc import Iterator

from ci_steps.asyncapi_rules.bindings import compare_bindings
from ci_steps.asyncapi_rules.changes import changed
from ci_steps.asyncapi_rules.description import Channel, Description, Operation
from ci_steps.asyncapi_rules.messages import compare_messages
from ci_steps.asyncapi_rules.schemas import Schemas
from ci_steps.asyncapi_rules.servers import compare_security
from ci_steps.comparisons.changes import Change, Level


def compare_channels(old: Description, new: Description, schemas: Schemas) -> Iterator[Change]:
    """Yield what changed of the channels; they are known by their addresses."""
    for key, before in old.channels.items():
        after = new.channels.get(key)
        if after is None:
            text = f"channel {before.address} was removed"
            place = new.root.get("channels")
            subject = before.address
            yield changed("channel-removed", Level.BREAKING, subject, text, before.node, place)
        else:
            yield from _compare(before, after, schemas)
    for key, added in new.channels.items():
        if key not in old.channels:
            text = f"channel {added.address} was added"
            place = old.root.get("channels")
            subject = added.address
            yield changed("channel-added", Level.COMPATIBLE, subject, text, place, added.node)


def _compare(old: Channel, new: Channel, schemas: Schemas) -> Iterator[Change]:
    yield from compare_bindings(new.address, old.bindings, new.bindings, old.node, new.node)
    _compare_parameters(old, new, schemas)
    for is_received in (True, False):
        before, after = old.operations.get(is_received), new.operations.get(is_received)
        if before is not None and after is not None:
            yield from _compare_operations(before, after, schemas)
        elif before is not None:
            text = f"{before} was removed"
            yield changed(
                "operation-removed", Level.BREAKING, str(before), text, before.node, new.node
            )
        elif after is not None:
            text = f"{after} was added"
            yield changed(
                "operation-added", Level.COMPATIBLE, str(after), text, old.node, after.node
            )


def _compare_operations(old: Operation, new: Operation, schemas: Schemas) -> Iterator[Change]:
    subject = str(new)
    yield from compare_security(subject, old.security, new.security, old.node, new.node)
    yield from compare_bindings(subject, old.bindings, new.bindings, old.node, new.node)
    yield from compare_messages(old, new, schemas)


def _compare_parameters(old: Channel, new: Channel, schemas: Schemas) -> None:
    """Compare the parameters: callers fill them in, whoever sends the message."""
    for before, after in zip(old.parameters, new.parameters, strict=True):
        if before is not None and after is not None:
            schemas.compare_parameters(new.address, before, after)
