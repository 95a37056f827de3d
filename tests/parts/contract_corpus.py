"""The corpus of contract pairs: YAML files of short stories, made into whole documents.

A case is two fragments, put where its frame says, or two patches of the base document of its
file (RFC 7396: null removes). What it expects of a change and of its undoing is a list of lines
``LEVEL RULE @ OLD -> NEW``; OLD and NEW stand in the lines that the comparison points at.
"""

from __future__ import annotations

import copy
import fnmatch
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ci_steps.comparisons.changes import Change, Contract, Level, Location

CORPUS = Path(__file__).parent.parent / "contracts" / "corpus"
_FRAMES = "frames.yaml"
_FIELDS = {"name", "why", "old", "new", "frame", "version", "files", "old files", "new files"}
_FIELDS |= {"options"}
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass(frozen=True)
class Expected:
    """A line of a case: a rule at a level, and what stands in the lines it points at."""

    level: Level
    rule: str
    old: str
    new: str

    def is_met_by(self, change: Change, old: Contract, new: Contract) -> bool:
        """Return whether *change* is what this line says, at the places it says."""
        return (
            change.level is self.level
            and fnmatch.fnmatchcase(change.rule, self.rule)
            and _points_at(change.old, old, self.old)
            and _points_at(change.new, new, self.new)
        )


@dataclass(frozen=True)
class Pair:
    """Two documents, and what is expected from the first to the second one."""

    id: str
    why: str
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    expected: tuple[Expected, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    format: str = "openapi"

    @property
    def level(self) -> Level:
        """Return what the worst change is expected to be."""
        return max((one.level for one in self.expected), default=Level.COMPATIBLE)

    def contracts(self, syntax: str) -> tuple[Contract, Contract]:
        """Return both sides, written as ``yaml`` or ``json``."""
        return _contract("old", self.old, syntax), _contract("new", self.new, syntax)

    def complaints(self, syntax: str, changes: tuple[Change, ...]) -> list[str]:
        """Return what is missing in *changes*, and what should not be there."""
        old, new = self.contracts(syntax)
        met = {
            line: [one for one in changes if line.is_met_by(one, old, new)]
            for line in self.expected
        }
        explained = {id(one) for found in met.values() for one in found}
        missing = [f"missing: {_line(line)}" for line, found in met.items() if not found]
        more = [
            f"unexpected: {one.level.word} {one.rule} ({one.subject}) {one.text}"
            f" @ {_source(one.old, old)} -> {_source(one.new, new)}"
            for one in changes
            if id(one) not in explained and (one.level > Level.COMPATIBLE or missing)
        ]
        return missing + more


def pairs() -> Iterator[Pair]:
    """Yield every pair of the corpus in both directions."""
    frames = yaml.safe_load((CORPUS / _FRAMES).read_text("utf-8"))
    for path in sorted(CORPUS.glob("*.yaml")):
        if path.name != _FRAMES:
            family = yaml.safe_load(path.read_text("utf-8"))
            for case in family["cases"]:
                yield from _pairs_of(path.stem, case, _base(family), frames)


def patched(document: Any, patch: Any) -> Any:
    """Return *document* after a JSON merge patch."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    found = copy.deepcopy(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = patched(found.get(key), value)
    return found


def _pairs_of(family: str, case: Any, base: Any, frames: Any) -> Iterator[Pair]:
    for name in sorted(case.keys() - _FIELDS):
        assert name in frames or (name == "expect" and base["document"]), (
            f"{family}: {name!r} is no frame"
        )
        frame = frames.get(name, base)
        old, new = _sides(case, frame)
        story = f"{family}: {case['name']}" + ("" if name == "expect" else f", {name}")
        there, back = (tuple(_expected(lines)) for lines in case[name])
        given = case.get("options", {}), frame.get("format", "openapi")
        yield Pair(story, case["why"], old, new, there, *given)
        yield Pair(f"{story}, undone", case["why"], new, old, back, *given)


def _base(family: Any) -> Mapping[str, Any]:
    """Return the frame that the base document of a file is."""
    return {"document": family.get("base"), "format": family.get("format", "openapi")}


def _sides(case: Any, frame: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the files of both sides; the document itself has no name yet."""
    versions = case.get("version", [None])
    for side, version in (("old", versions[0]), ("new", versions[-1])):
        document = _document(frame, case[side], version)
        yield {"": document, **case.get("files", {}), **case.get(f"{side} files", {})}


def _document(frame: Mapping[str, Any], given: Any, version: str | None) -> Any:
    if "at" in frame:
        document = copy.deepcopy(frame["document"])
        *path, last = frame["at"]
        place = document
        for key in path:
            place = place[key]
        place[last] = given
    else:
        document = patched(frame["document"], given)
    return {**document, "openapi": version} if version else document


def _expected(lines: Any) -> Iterator[Expected]:
    for line in [lines] if isinstance(lines, str) else lines:
        what, _, places = line.partition(" @ ")
        level, _, rule = what.partition(" ")
        old, _, new = places.partition("->")
        if rule:
            yield Expected(Level[level.upper()], rule, old.strip(), new.strip())
        else:
            assert level == "nothing", line


def _contract(name: str, files: Mapping[str, Any], syntax: str) -> Contract:
    write = _as_json if syntax == "json" else _as_yaml
    main = f"api.{syntax}"
    return Contract(name, main, {file or main: write(content) for file, content in files.items()})


def _as_json(document: Any) -> bytes:
    return json.dumps(document, indent=1, ensure_ascii=False).encode()


def _as_yaml(document: Any) -> bytes:
    written: bytes = yaml.dump(
        document, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=200, encoding="utf-8"
    )
    return written


def _points_at(place: Location | None, contract: Contract, text: str) -> bool:
    return not text or text in _source(place, contract)


def _source(place: Location | None, contract: Contract) -> str:
    """Return the line that *place* points at; after a bracket alone, the one that follows."""
    if place is None or not place.line:
        return ""
    lines = contract.files[place.file].decode().splitlines()[place.line - 1 :]
    line = lines[0].strip()
    return f"{line} {lines[1].strip()}" if line in {"{", "["} else line


def _line(line: Expected) -> str:
    return f"{line.level.word} {line.rule} @ {line.old} -> {line.new}"
