from __future__ import annotations

from typing import Any

import pytest

from ci_steps.errors import UsageError, VersionError
from ci_steps.versions import check_name


@pytest.mark.parametrize(
    "name", ["a", "auth", "billing-api", "b2b", "a-v", "a-v1beta", "v", "a" * 63]
)
def test_words_joined_by_hyphens_are_a_name(name: str) -> None:
    assert check_name(name) == name
    assert check_name(name, long_form=True) == name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "it is empty"),
        ("Auth", "'A' is not one of a-z, 0-9 and the hyphen"),
        ("auth_api", "'_' is not one of a-z, 0-9 and the hyphen"),
        ("auth\n", "'\\n' is not one of a-z, 0-9 and the hyphen"),
        ("müller", "'ü' is not one of a-z, 0-9 and the hyphen"),
        ("auth٢", "'٢' is not one of a-z, 0-9 and the hyphen"),
        ("-auth", "a hyphen is only for joining two words"),
        ("auth-", "a hyphen is only for joining two words"),
        ("auth--api", "a hyphen is only for joining two words"),
        ("2fa", "'2fa' begins with a digit"),
        ("v1", "'v1' reads like a version"),
        ("auth-v10", "'v10' reads like a version"),
        ("v2-auth", "'v2' reads like a version"),
        ("a" * 64, "longer than 63 characters"),
    ],
)
def test_what_is_no_name_is_refused_with_the_reason(name: str, reason: str) -> None:
    for long_form in (False, True):
        with pytest.raises(UsageError) as refused:
            check_name(name, long_form=long_form)
        assert str(refused.value) == f"{name!r} is not a service name: {reason}"
        assert not isinstance(refused.value, VersionError)
        assert refused.value.hint


def test_of_a_long_text_the_beginning_is_quoted() -> None:
    with pytest.raises(UsageError) as refused:
        check_name("a" * 300)
    assert str(refused.value) == f"'{'a' * 63}…' is not a service name: longer than 63 characters"


def test_a_part_that_begins_with_a_digit_needs_the_long_form() -> None:
    assert check_name("auth-2", long_form=True) == "auth-2"
    with pytest.raises(UsageError, match="'2' begins with a digit"):
        check_name("auth-2")


@pytest.mark.parametrize("value", [None, 2, ["auth"]])
def test_what_is_not_text_is_no_name(value: Any) -> None:
    with pytest.raises(UsageError, match="expected text, got "):
        check_name(value)
