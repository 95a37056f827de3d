"""JUnit reports: what a test command says about its tests."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

    from junitparser import JUnitXml, TestCase, TestSuite

_MOST_BYTES = 50_000_000
_MOST_NAMED = 10
_MOST_CHARACTERS = 200

Seen = dict[Path, tuple[int, int]]


@dataclass(frozen=True)
class Failure:
    """One test that failed, with the first line of why."""

    name: str
    reason: str

    def __str__(self) -> str:
        """Return it on one line."""
        return f"{self.name}: {self.reason}" if self.reason else self.name


@dataclass(frozen=True)
class Tested:
    """The tests of one run. `problem` says why the reports cannot be trusted."""

    tests: int = 0
    skipped: int = 0
    failures: tuple[Failure, ...] = ()
    problem: str = ""

    @property
    def summary(self) -> str:
        """Return the numbers: ``148 tests, 2 failed``."""
        parts = [f"{self.tests} test{'' if self.tests == 1 else 's'}"]
        parts += [f"{len(self.failures)} failed"] if self.failures else []
        parts += [f"{self.skipped} skipped"] if self.skipped else []
        return ", ".join(parts)

    @property
    def first_failures(self) -> tuple[str, ...]:
        """Return the failures worth showing; more than ten nobody reads."""
        shown = tuple(map(str, self.failures[:_MOST_NAMED]))
        more = len(self.failures) - _MOST_NAMED
        return (*shown, f"… and {more} more") if more > 0 else shown


def look(root: Path, patterns: Iterable[str]) -> Seen:
    """Return the reports that are there, so that old ones can be told from new ones."""
    found = {}
    for pattern in patterns:
        # Not Path.glob: it raises for what is no relative pattern.
        for name in glob.glob(pattern, root_dir=root, recursive=True):  # noqa: PTH207
            path = root / name
            with suppress(OSError):  # gone in between
                stat = path.stat()
                if path.is_file():
                    found[path] = (stat.st_mtime_ns, stat.st_size)
    return found


def read_reports(root: Path, patterns: tuple[str, ...], before: Seen) -> Tested:
    """Read the reports that were written since *before*; an old report proves nothing."""
    found = look(root, patterns)
    fresh = [path for path, seen in sorted(found.items()) if before.get(path) != seen]
    if not fresh:
        older = " by this run, those that are there are older" if found else ""
        return Tested(problem=f"no report was written{older}: {', '.join(patterns)}")
    read = [_read(path) for path in fresh]
    return Tested(
        tests=sum(one.tests for one in read),
        skipped=sum(one.skipped for one in read),
        failures=tuple(failure for one in read for failure in one.failures),
        problem=next((one.problem for one in read if one.problem), ""),
    )


def _read(path: Path) -> Tested:
    from xml.etree import ElementTree as ET
    from xml.parsers.expat import ExpatError

    try:
        if path.stat().st_size > _MOST_BYTES:
            return Tested(problem=f"{path.name} is longer than {_MOST_BYTES:,} bytes")
        if _has_document_type(path):
            return Tested(problem=f"{path.name} has a DOCTYPE, which is not read")
        root = ET.parse(path).getroot()  # noqa: S314 (without a document type it has no entities)
        return _tested(root, path.name)
    except (OSError, SyntaxError, ValueError, ExpatError) as error:
        return Tested(problem=f"{path.name} is not a JUnit report: {_first_line(str(error))}")
    except RecursionError:
        return Tested(problem=f"{path.name} is not a JUnit report: too deeply nested")


class _FirstElementError(Exception):
    """What stands before the first element has been read."""


class _DocumentTypeError(Exception):
    """There is a document type."""


def _has_document_type(path: Path) -> bool:
    """Return whether entities could be declared: a few lines of those fill any memory."""

    def stop(*_: object) -> None:
        raise _FirstElementError

    def refuse(*_: object) -> None:
        raise _DocumentTypeError

    from xml.parsers import expat

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.StartDoctypeDeclHandler = stop, refuse
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except (_FirstElementError, _DocumentTypeError) as seen:
        return isinstance(seen, _DocumentTypeError)
    return False


def _tested(root: ET.Element, name: str) -> Tested:
    from junitparser import JUnitXml, TestSuite

    known: dict[str, Any] = {"testsuites": JUnitXml, "testsuite": TestSuite}
    if root.tag not in known:
        return Tested(problem=f"{name} is not a JUnit report: it is <{root.tag}>")
    report = known[root.tag].fromelem(root)
    cases = list(_cases(report))
    failures = tuple(filter(None, map(_failure, cases)))
    said = _said_failures(root)
    if said > len(failures):
        return Tested(problem=f"{name} says {said} failed, and names {len(failures)}")
    return Tested(len(cases), sum(case.is_skipped for case in cases), failures)


def _cases(report: JUnitXml | TestSuite | TestCase) -> Iterator[TestCase]:
    """Yield the cases of a report whose root is one suite, or suites within suites."""
    from junitparser import TestCase

    if isinstance(report, TestCase):
        yield report
        return
    for part in report:
        yield from _cases(part)


def _said_failures(root: ET.Element) -> int:
    """Return how many failures the outermost suites count, whatever cases they name."""

    def said(suite: ET.Element) -> int:
        return int(suite.get("failures") or 0) + int(suite.get("errors") or 0)

    return max(said(root), sum(map(said, root.findall("testsuite"))))


def _failure(case: TestCase) -> Failure | None:
    from junitparser import Error
    from junitparser import Failure as Failed

    wrong = next((one for one in case.result if isinstance(one, Error | Failed)), None)
    if wrong is None:
        return None
    kind = "error: " if isinstance(wrong, Error) else ""
    name = ".".join(filter(None, (case.classname, case.name)))
    return Failure(_first_line(name), kind + _first_line(wrong.message or wrong.text or ""))


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0].strip()[:_MOST_CHARACTERS]
