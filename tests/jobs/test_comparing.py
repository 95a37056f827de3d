"""A comparison for one dependent."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping

from ci_steps.comparisons.changes import Contract
from ci_steps.jobs.comparing import Formats
from ci_steps.outside import Outside
from ci_steps.uses.values import Call, Uses

_FILE = "api.json"


class Counted(Mapping[str, bytes]):
    """Files that know how often each was read."""

    def __init__(self, document: object) -> None:
        self._files = {_FILE: json.dumps(document).encode()}
        self.read: Counter[str] = Counter()

    def __getitem__(self, name: str) -> bytes:
        self.read[name] += 1
        return self._files[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def described(*paths: str) -> dict[str, object]:
    operations = {"get": {"responses": {"204": {"description": "done"}}}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "shop", "version": "1"},
        "paths": dict.fromkeys(paths, operations),
    }


def test_a_contract_is_read_no_more_often_for_one_dependent_than_for_all() -> None:
    formats = Formats(Outside())
    for_all, for_one = Counted(described("/a", "/b")), Counted(described("/a", "/b"))
    new = Contract("new", _FILE, {_FILE: json.dumps(described("/a")).encode()})
    assert len(formats.compare(Contract("old", _FILE, for_all), new)) == 1
    uses = Uses((Call("GET", "/a"),))
    assert formats.compare_for(Contract("old", _FILE, for_one), new, uses).touching == ()
    assert for_one.read == for_all.read
