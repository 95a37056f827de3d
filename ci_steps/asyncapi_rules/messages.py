"""What callers notice of messages: those the service receives, and those it sends."""

from __future__ import annotations

from collections.abc import Iterator

from ci_steps.asyncapi_rules.bindings import compare_bindings
from ci_steps.asyncapi_rules.changes import breaking_if, changed, warning_if
from ci_steps.asyncapi_rules.description import Message, Operation
from ci_steps.asyncapi_rules.schemas import Schemas
from ci_steps.comparisons.changes import Change, Level


def compare_messages(old: Operation, new: Operation, schemas: Schemas) -> Iterator[Change]:
    """Yield what changed of the messages of an operation; one alone may have another name."""
    pairs = _pairs(old, new)
    for before, after in pairs:
        yield from _compare(before, after, new, schemas)
    known = {id(one) for pair in pairs for one in pair}
    word = "received" if new.is_received else "sent"
    for message in old.messages.values():
        if id(message) not in known:
            # Who sends it is refused; who waits for it may wait for others as well.
            level = Level.BREAKING if new.is_received else Level.WARNING
            rule, text = f"{word}-message-removed", f"message {message.name} was removed"
            yield changed(rule, level, str(new), text, message.node, new.node)
    for message in new.messages.values():
        if id(message) not in known:
            level = warning_if(not new.is_received)  # readers meet what they do not know
            rule, text = f"{word}-message-added", f"message {message.name} was added"
            yield changed(rule, level, str(new), text, old.node, message.node)


def _pairs(old: Operation, new: Operation) -> list[tuple[Message, Message]]:
    if len(old.messages) == len(new.messages) == 1:
        return list(zip(old.messages.values(), new.messages.values(), strict=True))
    return [
        (message, new.messages[name])
        for name, message in old.messages.items()
        if name in new.messages
    ]


def _compare(
    old: Message, new: Message, operation: Operation, schemas: Schemas
) -> Iterator[Change]:
    subject = f"{operation} {new.name}".rstrip()
    if old.content_type != new.content_type:
        text = f"the content type changed from {_told(old)} to {_told(new)}"
        places = (one.node.get("contentType") or one.node for one in (old, new))
        # Where none was said it may have been this one all the time.
        is_known = old.content_type and new.content_type
        level = Level.BREAKING if is_known else Level.WARNING
        yield changed("content-type-changed", level, subject, text, *places)
    yield from _compare_correlations(subject, old, new)
    yield from compare_bindings(subject, old.bindings, new.bindings, old.node, new.node)
    yield from schemas.compare_messages(operation, old, new)


def _compare_correlations(subject: str, old: Message, new: Message) -> Iterator[Change]:
    before, after = (one.correlation.value if one.correlation else None for one in (old, new))
    if before != after:
        # Where there was none, nobody looks for one.
        text = f"the correlation id is at {after or 'no place'} instead of {before or 'no place'}"
        places = (one.correlation or one.node for one in (old, new))
        level = breaking_if(before is not None)
        yield changed("correlation-id-changed", level, subject, text, *places)


def _told(message: Message) -> str:
    return message.content_type or "none"
