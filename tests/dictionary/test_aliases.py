"""A service that was renamed is the same service under its old name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ci_steps.dictionary.aliases import aliases, names_of, record_alias
from ci_steps.errors import RefusedError, UsageError
from ci_steps.model import Verdict
from tests.parts.verdicts import asked, run_in

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary


def rename(dictionary: Dictionary, old: str, new: str) -> dict[str, str]:
    """Record that *old* is called *new* now; return every old name with the present one."""
    with dictionary.writing() as connection:
        record_alias(connection, old, new)
        return dict(aliases(connection))


def test_a_renamed_service_keeps_what_runs_and_who_needs_it(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0", "gis 3.0.0: auth-1.1")
    assert rename(dictionary, "auth", "login") == {"auth": "login"}
    assert [one.service for one in dictionary.live("production")] == ["gis", "login"]
    assert asked(dictionary, "login 1.2.0").verdict is Verdict.YES
    assert asked(dictionary, "login 2.0.0").verdict is Verdict.NO
    assert asked(dictionary, "web 5.0: auth-1.1").verdict is Verdict.YES
    assert asked(dictionary, "web 5.0: login-1.2").verdict is Verdict.NO


def test_what_was_renamed_twice_is_known_by_all_its_names(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0")
    rename(dictionary, "auth", "login")
    assert rename(dictionary, "login", "entry") == {"auth": "entry", "login": "entry"}
    with dictionary.reading() as connection:
        assert names_of(connection, "auth") == ("entry", "auth", "login")
        assert names_of(connection, "entry") == ("entry", "auth", "login")
        assert names_of(connection, "other") == ("other",)


def test_the_same_again_changes_nothing(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0")
    assert rename(dictionary, "auth", "login") == rename(dictionary, "auth", "login")


def test_a_service_may_be_renamed_back(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0")
    rename(dictionary, "auth", "login")
    assert rename(dictionary, "login", "auth") == {"login": "auth"}
    assert asked(dictionary, "gis 3.0.0: login-1.1").verdict is Verdict.YES


def test_an_old_name_that_still_runs_means_itself(dictionary: Dictionary) -> None:
    run_in(dictionary, "auth 1.1.0", "login 1.1.0")
    with pytest.raises(RefusedError, match="auth still runs in production"):
        rename(dictionary, "auth", "login")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("auth", "auth", "'auth' is an alias of itself"),
        ("mail", "auht", "unknown service 'auht', did you mean auth"),
    ],
)
def test_what_cannot_be_an_alias_is_said(
    dictionary: Dictionary, old: str, new: str, message: str
) -> None:
    run_in(dictionary, "auth 1.1.0")
    with pytest.raises(UsageError, match=message):
        rename(dictionary, old, new)
