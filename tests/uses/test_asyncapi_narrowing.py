"""Which changes of an API of messages touch whom: by channels, or by messages."""

from __future__ import annotations

import pytest

from ci_steps.jobs.comparing import Formats
from ci_steps.outside import Outside
from ci_steps.uses.narrowed import Narrowed
from ci_steps.uses.operations import read_operation
from ci_steps.uses.values import Uses
from tests.parts.contract_pairs import contract

OLD = """\
asyncapi: 2.6.0
servers: {main: {url: queue.shop.test, protocol: amqp}}
channels:
  orders/{shop}: {subscribe: {message: {name: Placed, payload: {$ref: '#/components/schemas/A'}}}}
  stock: {subscribe: {message: {name: Counted, payload: {$ref: '#/components/schemas/A'}}}}
  bills: {publish: {message: {name: Paid, payload: {properties: {b: {type: string}}}}}}
components: {schemas: {A: {type: object, required: [a], properties: {a: {type: string}}}}}
"""
NEW = OLD.replace("required: [a]", "required: []").replace(
    "b: {type: string}", "b: {type: integer}"
)
FIELD, BILL, SERVER = (
    "response-property-became-optional",
    "request-property-type-changed",
    "asyncapi-server-protocol-changed",
)


def narrowed(uses: Uses, new: str = NEW) -> Narrowed:
    old, after = (contract("api", {"a.yaml": text}, "a.yaml") for text in (OLD, new))
    formats = Formats(Outside())
    return formats.narrower(old)(formats.compare(old, after), uses)


@pytest.mark.parametrize(
    ("line", "touching"),
    [
        ("orders/{shop}", {FIELD}),
        ("stock", {FIELD}),
        ("Placed", {FIELD}),
        ("bills", {BILL}),
        ("Paid", {BILL}),
    ],
)
def test_a_change_touches_who_uses_a_channel_that_it_reaches(line: str, touching: set[str]) -> None:
    found = narrowed(read_operation(line))
    assert {one.rule for one in found.touching} == touching
    assert {one.rule for one in found.untouched} == {FIELD, BILL} - touching
    assert found.doubts == ()


def test_a_channel_that_is_gone_touches_its_users_and_a_server_everybody() -> None:
    new = OLD.replace("  stock: {", "  store: {").replace("protocol: amqp", "protocol: kafka")
    found = narrowed(read_operation("bills"), new)
    assert {one.rule for one in found.touching} >= {SERVER}
    assert {one.rule for one in found.untouched} == {"asyncapi-channel-removed"}
    of_stock = narrowed(read_operation("stock"), new)
    assert {one.rule for one in of_stock.touching} >= {SERVER, "asyncapi-channel-removed"}


def test_a_name_that_no_channel_has_makes_every_change_touch() -> None:
    found = narrowed(Uses(names=("order",)))
    assert {one.rule for one in found.touching} == {FIELD, BILL}
    assert found.doubts[0].startswith("order is not in the contract")
