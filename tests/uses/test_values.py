"""What is kept of uses is all of them."""

from __future__ import annotations

from ci_steps.uses.values import Call, Uses, as_text, digest_of, from_text

CALL = Call("GET", "/a", "p.json: d", ("q",), (), None, "200", (("a", "*"), ("b",)), ("etag",))
ALL = Uses((CALL, Call("PUT", "/b")), ("T.x",), {"q.graphql": "{a}"}, {"a.proto": "x"}, ("m",))


def test_uses_are_read_as_they_were_written() -> None:
    assert from_text(as_text(ALL)) == ALL
    assert from_text(as_text(Uses())) == Uses()


def test_not_known_and_nothing_are_two_things() -> None:
    unknown, nothing = Uses((Call("GET", "/a"),)), Uses((Call("GET", "/a", reads=()),))
    assert from_text(as_text(unknown)) != from_text(as_text(nothing))
    assert digest_of(unknown) != digest_of(nothing)


def test_the_digest_is_that_of_what_is_used_and_empty_for_nothing() -> None:
    assert digest_of(Uses()) == ""
    assert len(digest_of(ALL)) == 64
    assert digest_of(ALL) == digest_of(from_text(as_text(ALL)))


def test_what_two_use_together_has_each_thing_once() -> None:
    assert ALL + ALL == ALL
    assert ALL + Uses(names=("T.y",)) == from_text(as_text(ALL + Uses(names=("T.y",))))
