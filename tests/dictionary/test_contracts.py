from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from ci_steps.comparisons.changes import Change, Level, Location
from ci_steps.dictionary.contracts.kept import (
    Comparison,
    comparison,
    digest_of,
    keep_comparison,
    keep_contract,
    kept_contract,
)
from ci_steps.dictionary.effects import Effect
from tests.parts.dictionaries import NOON

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary

FILES = {"api.yaml": b"openapi: 3.0.0\r\n", "parts/größe.yaml": b"\x00\xff"}
LOST = Change(
    "response-property-removed",
    Level.BREAKING,
    "GET /größe",
    "lost “it”",
    Location("api.yaml", 3, 4),
    None,
    ("GET /a", "GET /b"),
)


def test_the_digest_of_one_file_is_that_of_its_very_bytes() -> None:
    content = b"openapi: 3.0.0\r\n"
    assert digest_of("a.yaml", {"a.yaml": content}) == hashlib.sha256(content).hexdigest()
    assert digest_of("b.yaml", {"b.yaml": content}) == digest_of("a.yaml", {"a.yaml": content})


def test_the_digest_of_several_files_changes_with_each_name_and_content() -> None:
    digests = {
        digest_of("api.yaml", FILES),
        digest_of("", FILES),
        digest_of("api.yaml", {**FILES, "api.yaml": b"x"}),
        digest_of("api.yaml", {**FILES, "more.yaml": b"x"}),
        digest_of("api.yaml", {"api.yaml": FILES["api.yaml"], "p.yaml": b"\x00\xff"}),
    }
    assert len(digests) == 5


def test_a_contract_is_kept_byte_for_byte_and_once(dictionary: Dictionary) -> None:
    with dictionary.writing() as connection:
        digest = keep_contract(connection, "api.yaml", FILES)
        assert keep_contract(connection, "api.yaml", FILES) == digest
        found = kept_contract(connection, digest, "gis@1.1")
        assert found is not None
        assert (found.name, found.main, found.files) == ("gis@1.1", "api.yaml", FILES)
        assert kept_contract(connection, "0" * 64, "gis@1.2") is None


def test_a_comparison_is_kept_with_every_change(dictionary: Dictionary) -> None:
    with dictionary.writing() as connection:
        old = keep_contract(connection, "api.yaml", FILES)
        new = keep_contract(connection, "api.yaml", {"api.yaml": b"x"})
        assert comparison(connection, old, new) is None
        compared = Comparison(old, new, "openapi", (LOST,))
        assert keep_comparison(connection, compared, NOON) is Effect.ADDED
        assert keep_comparison(connection, compared, NOON) is Effect.UNCHANGED
        assert comparison(connection, old, new) == compared
        assert comparison(connection, new, old) is None
        assert compared.level is Level.BREAKING


def test_what_later_rules_find_takes_the_place_of_what_earlier_ones_found(
    dictionary: Dictionary,
) -> None:
    with dictionary.writing() as connection:
        old = keep_contract(connection, "api.yaml", FILES)
        new = keep_contract(connection, "api.yaml", {"api.yaml": b"x"})
        keep_comparison(connection, Comparison(old, new, "openapi", ()), NOON)
        later = Comparison(old, new, "openapi", (LOST,))
        assert keep_comparison(connection, later, NOON) is Effect.CHANGED
        assert comparison(connection, old, new) == later


def test_only_contracts_that_are_kept_can_have_been_compared(dictionary: Dictionary) -> None:
    with dictionary.writing() as connection, pytest.raises(ValueError, match="that are kept"):
        keep_comparison(connection, Comparison("0" * 64, "1" * 64, "openapi", ()), NOON)
