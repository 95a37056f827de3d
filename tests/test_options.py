"""One declaration, and what a flag or a variable means for it."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from ci_steps import registry
from ci_steps.options import REQUIRED, Command, from_text, option, options_of


@attrs.frozen
class Options:
    """What a step may be told."""

    command: Command = option(REQUIRED, "The program.", example=["make"])
    count: int = option(1, "How many.", at_least=1, at_most=9)
    days: int | None = option(None, "How long.", at_least=0)
    mode: str = option("", "Which way.", choices=("", "left", "right"))
    labels: dict[str, str] = option({}, "What is written on it.")


def test_a_declaration_is_known_in_all_its_parts() -> None:
    command, count, days, mode, labels = options_of(Options)
    assert command.is_required
    assert not count.is_required
    assert (count.key, count.kind, count.default) == ("count", int, 1)
    assert (count.at_least, count.at_most) == (1, 9)
    assert mode.choices == ("", "left", "right")
    assert labels.default == {}
    assert days.explain == "How long."
    assert command.example == ["make"]


def test_an_option_has_one_flag_and_one_variable() -> None:
    option = next(one for one in options_of(registry.STEPS["unit-test"].Options) if "_" in one.key)
    assert option.flag == "--timeout-seconds"
    assert option.variable("unit-test") == "CI_STEPS_UNIT_TEST_TIMEOUT_SECONDS"


def test_no_two_objects_share_a_default() -> None:
    one, other = Options(Command(("a",))), Options(Command(("a",)))
    one.labels["a"] = "b"
    assert other.labels == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"count": 0}, "count: expected at least 1, got 0"),
        ({"count": 10}, "count: expected at most 9, got 10"),
        ({"days": -1}, "days: expected at least 0, got -1"),
        ({"mode": "up"}, "mode: expected left or right, got 'up'"),
    ],
)
def test_what_is_not_allowed_cannot_be_made(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Options(Command(("a",)), **given)


@pytest.mark.parametrize(
    "given", [{"count": 1}, {"count": 9}, {"days": 0}, {"days": None}, {"mode": ""}]
)
def test_the_limits_themselves_are_allowed(given: dict[str, Any]) -> None:
    ((key, value),) = given.items()
    assert getattr(Options(Command(("a",)), **given), key) == value


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (str, "a,b", "a,b"),
        (bool, "Yes", True),
        (bool, "0", False),
        (bool, "maybe", "maybe"),
        (int, "5", 5),
        (int, "5.5", "5.5"),
        (int, "9" * 5000, "9" * 5000),
        (float, "5", 5.0),
        (float, "soon", "soon"),
        (int | None, "5", 5),
        (tuple[str, ...], "a, b\nc,,", ["a", "b", "c"]),
        (tuple[int, ...], "1,2", [1, 2]),
        (dict[str, str], "A=1\nB=x=y\n", {"A": "1", "B": "x=y"}),
        (dict[str, int], "2=8082", {"2": 8082}),
        (dict[str, str], "A", "A"),
        (Command, "make 'a", "make 'a"),
        (Command | None, "make a", "make a"),
    ],
)
def test_a_text_means_what_the_kind_says_or_stays_as_it_is(
    kind: Any, text: str, value: object
) -> None:
    found = from_text(kind, text)
    assert found == value
    assert type(found) is type(value)
