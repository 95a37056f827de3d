"""What callers notice of servers, and of what lets them in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ci_steps.asyncapi_rules.bindings import compare_bindings
from ci_steps.asyncapi_rules.changes import breaking_if, changed
from ci_steps.asyncapi_rules.description import Choice, Description, Server
from ci_steps.comparisons.changes import Change, Level
from ci_steps.documents.node import Node


def compare_servers(old: Description, new: Description) -> Iterator[Change]:
    """Yield what changed of the servers; they are known by their addresses."""
    for address, before in old.servers.items():
        after = new.servers.get(address)
        if after is None:
            text = f"server {address} was removed"
            place = new.root.get("servers")
            yield changed("server-removed", Level.WARNING, address, text, before.node, place)
        else:
            yield from _compare(before, after)
    for address, added in new.servers.items():
        if address not in old.servers:
            text = f"server {address} was added"
            place = old.root.get("servers")
            yield changed("server-added", Level.COMPATIBLE, address, text, place, added.node)


def compare_security(
    subject: str,
    old: Sequence[Choice],
    new: Sequence[Choice],
    before: Node,
    after: Node,
) -> Iterator[Change]:
    """Yield the ways in that are shut, and those that are open from now on."""
    for choice in new if not old else ():
        text = f"{_told(choice)} is needed"
        yield changed("security-added", Level.BREAKING, subject, text, before, choice.node)
    for choice in old:
        if not new or not any(one.asks_no_more_than(choice) for one in new):
            text = f"{_told(choice)} is not {'enough any more' if new else 'needed any more'}"
            level = breaking_if(bool(new))
            yield changed("security-removed", level, subject, text, choice.node, after)
    for choice in new if old else ():
        if not any(one.asks_no_more_than(choice) for one in old):
            text = f"{_told(choice)} is enough"
            yield changed("security-added", Level.COMPATIBLE, subject, text, before, choice.node)


def _compare(old: Server, new: Server) -> Iterator[Change]:
    subject = old.address
    if old.protocol.lower() != new.protocol.lower():
        text = f"the protocol of server {subject} changed from {old.protocol} to {new.protocol}"
        places = (side.node.get("protocol") or side.node for side in (old, new))
        yield changed("server-protocol-changed", Level.BREAKING, subject, text, *places)
    yield from compare_security(subject, old.security, new.security, old.node, new.node)
    yield from compare_bindings(subject, old.bindings, new.bindings, old.node, new.node)


def _told(choice: Choice) -> str:
    needs = (
        name + (f" with {', '.join(sorted(scopes))}" if scopes else "")
        for name, scopes in choice.needs.items()
    )
    return " and ".join(needs) or "nothing"
