"""What a release says about itself is kept with it."""

from __future__ import annotations

from dataclasses import replace

from ci_steps.dictionary.store import Dictionary
from ci_steps.model import DatabaseChange
from ci_steps.versions import parse_version
from tests.parts.dictionaries import deployed, release

CHANGE = DatabaseChange(parse_version("2.0.0"), "Restore the backup.", "docs/rollback.md")


def record(dictionary: Dictionary, change: DatabaseChange | None, commit: str = "c1") -> object:
    """Return what is kept of a release that staging gets."""
    shipped = replace(release("auth 2.0.0", commit=commit), database=change)
    dictionary.record_deployment(shipped, deployed(shipped, "staging"), production=False)
    kept = dictionary.release("auth", shipped.version)
    assert kept
    return kept.database


def test_a_change_of_the_database_is_kept_with_the_commit_that_makes_it(
    dictionary: Dictionary,
) -> None:
    assert record(dictionary, None) is None
    assert record(dictionary, CHANGE) == CHANGE
    assert record(dictionary, None) == CHANGE, "recorded by hand, it says nothing of it"
    assert record(dictionary, None, "c2") is None


def test_of_a_final_release_what_is_known_stays(dictionary: Dictionary) -> None:
    record(dictionary, CHANGE)
    shipped = release("auth 2.0.0")
    dictionary.record_deployment(shipped, deployed(shipped), production=True)
    assert record(dictionary, replace(CHANGE, note="another")) == CHANGE
