"""Which changes of a Thrift interface touch whom: by the names that somebody uses of it."""

from __future__ import annotations

import pytest

from ci_steps.contracts import thrift
from ci_steps.jobs.comparing import Formats
from ci_steps.outside import Outside
from ci_steps.uses.narrowed import Narrowed
from ci_steps.uses.values import Call, Uses
from tests.parts.contract_pairs import contract

pytest.importorskip("thriftpy2", reason="thriftpy2 is not installed: no Thrift was narrowed")

OLD = """\
enum Kind { LONG = 1, SHORT = 2 }
struct Token { 1: string id, 2: string owner, 3: optional Kind kind }
struct Owner { 1: string name }
exception Gone { 1: string why }
service Base { void ping() }
service Tokens extends Base {
  Token get(1: string id) throws (1: Gone gone)
  list<Owner> owners()
}
"""
# Every type and method changes in one thing.
NEW = """\
enum Kind { LONG = 1 }
struct Token { 1: string id, 3: optional Kind kind, 4: required string at }
struct Owner { 1: i32 name }
exception Gone { 1: i32 why }
service Base { bool ping() }
service Tokens extends Base {
  Token get(1: i32 id) throws (1: Gone gone)
  list<Owner> owners()
}
"""
ALL = {
    "Kind.SHORT",
    "Token.owner",
    "Token.at",
    "Owner.name",
    "Gone.why",
    "Base.ping",
    "Tokens.get.id",
}


def narrowed(uses: Uses) -> Narrowed:
    old, new = (contract("api", {"a.thrift": text}, "a.thrift") for text in (OLD, NEW))
    formats = Formats(Outside())
    return formats.narrower(old)(formats.compare(old, new), uses)


@pytest.mark.parametrize(
    ("names", "touching"),
    [
        (("Tokens.get",), ALL - {"Owner.name", "Base.ping"}),
        (("Tokens.get", "Token.id"), {"Token.at", "Gone.why", "Tokens.get.id"}),
        (("Tokens.owners",), {"Owner.name"}),
        (("Tokens.ping",), {"Base.ping"}),
        (("Tokens",), ALL),
        (("Kind.LONG",), set()),
        (("Kind",), {"Kind.SHORT"}),
        (("Token.kind",), {"Token.at", "Kind.SHORT"}),
    ],
)
def test_a_change_touches_who_uses_what_it_is_about(
    names: tuple[str, ...], touching: set[str]
) -> None:
    found = narrowed(Uses(names=names))
    assert {one.subject for one in found.touching} == touching
    assert {one.subject for one in found.untouched} == ALL - touching
    assert found.doubts == ()


@pytest.mark.parametrize(
    ("uses", "doubt"),
    [
        (Uses(names=("Token.ovner",)), "Token.ovner is not in the contract"),
        (Uses((Call("GET", "/a"),)), "GET /a is an operation of HTTP, and Thrift has none"),
        (Uses(documents={"a.graphql": ""}), "a.graphql is of another format"),
    ],
)
def test_what_is_not_in_the_interface_makes_every_change_touch(uses: Uses, doubt: str) -> None:
    found = narrowed(uses)
    assert {one.subject for one in found.touching} == ALL
    assert doubt in " ".join(found.doubts)


def test_of_a_format_that_cannot_be_narrowed_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(thrift, "narrower")  # so is a plug of somebody else that has none
    old = contract("api", {"a.thrift": OLD}, "a.thrift")
    found = Formats(Outside()).narrower(old)((), Uses(names=("Token",)))
    assert found.doubts == ("thrift cannot be narrowed: every change counts as touching you",)
