"""History: every deployment with its end."""

from __future__ import annotations

from ci_steps.dictionary.history import history
from ci_steps.dictionary.store import Dictionary
from ci_steps.model import Evidence
from tests.parts.dictionaries import NOON, ship


def test_the_newest_comes_first_and_the_replaced_one_has_ended(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1")
    ship(dictionary, "auth 1.2", hours=1)
    with dictionary.reading() as connection:
        found = history(connection, "auth")
    assert [(str(one.version), one.until) for one in found] == [
        ("1.2", None),
        ("1.1", found[0].since),
    ]


def test_an_override_stands_with_the_deployment_it_was_for(dictionary: Dictionary) -> None:
    ship(dictionary, "auth 1.1")
    ship(dictionary, "auth 1.2", hours=1)
    override = Evidence(
        "override", True, "auth", "1.1", "c1", NOON, environment="production", reason="urgent"
    )
    dictionary.record_evidence(override)
    with dictionary.reading() as connection:
        found = history(connection, "auth")
    assert [[of.reason for of in one.overrides] for one in found] == [[], ["urgent"]]
