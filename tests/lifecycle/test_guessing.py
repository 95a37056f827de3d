"""Whom a caller is, by its name."""

from __future__ import annotations

from ci_steps.dictionary.aliases import record_alias
from ci_steps.dictionary.store import Dictionary
from ci_steps.lifecycle.guessing import guessed
from ci_steps.usage import Guess
from tests.parts.notices import owns

GIS = Guess("gis", "gis-team")
NAMES = {
    "gis": GIS,
    "gis/1.2 (linux)": GIS,
    "Gis-Service": GIS,
    "gis-client": GIS,
    "gis.shop.svc.cluster.local:8080": GIS,
    "gis-6f7d9c8b5-x2x4z": GIS,
    "maps": GIS,  # what it was called before
    "web_shop": Guess("web-shop", "web-team"),
    "orphan": Guess("orphan"),
}
STRANGERS = ("curl/8.5", "10.0.0.7", "gisela", "")


def test_a_caller_is_guessed_by_its_name(dictionary: Dictionary) -> None:
    owns(dictionary, "gis-team", ["gis"])
    owns(dictionary, "web-team", ["web-shop"])
    owns(dictionary, "", ["orphan"])
    dictionary.write(lambda connection: record_alias(connection, "maps", "gis"))
    with dictionary.reading() as connection:
        assert guessed(connection, [*NAMES, *STRANGERS]) == NAMES
