"""What is wrong in the texts of probes: a place that nothing fills, an address nobody can ask."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ci_steps.addresses import is_web
from ci_steps.config.document import KeyPath
from ci_steps.config.reading import Wrong
from ci_steps.writing.nearest import did_you_mean

_FILLED = ("provider", "environment")
_PLACE = re.compile(r"\{(\w+)\}")


def wrong_in_probes(probes: Mapping[str, Mapping[str, Any]]) -> Iterator[Wrong]:
    """Yield what is wrong, with the path of each text; *probes* are as the file has them."""
    for provider, asked in probes.items():
        for name, raw in asked.items():
            for path, text in _texts(raw, ("probes", provider, name)):
                yield from _wrong_in(text, path)


def _wrong_in(text: str, path: KeyPath) -> Iterator[Wrong]:
    for word in _PLACE.findall(text):
        if word not in _FILLED:
            yield Wrong(path, f"nothing is filled in for {{{word}}}{did_you_mean(word, _FILLED)}")
    if path[-1] == "url" and text and not is_web(text):
        yield Wrong(path, "expected an http or https address")


def _texts(raw: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Yield each text below *raw*; whatever is of another kind is judged where it is read."""
    if isinstance(raw, str):
        yield path, raw
    elif isinstance(raw, Mapping):
        for key, value in raw.items():
            yield from _texts(value, (*path, key))
