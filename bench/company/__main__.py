"""Measure the dictionary of a large company: `make bench-company`; docs/size.md explains it.

`make statements` writes the baseline of statements and plans that the tests compare with.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ci_steps.dictionary.store import Dictionary
from ci_steps.outside.databases.opening import open_database
from company.loading import load
from company.measuring import Measured, measure
from company.questions import Subjects
from company.report import document, table
from company.services import Company
from company.size import COMPANY, SMALL
from company.statements import baseline, made_with, plans
from tests.parts.postgres import server

_ROOT = Path(__file__).parents[2]
_BASELINE = _ROOT / "tests" / "dictionary"
_CACHE = _ROOT / ".cache"


def main() -> None:
    """Measure, print, write; or write the baseline."""
    given = _arguments()
    if given.statements:
        _write_baseline()
    else:
        _measure(given.results, given.only)


def _measure(results: Path, only: str) -> None:
    begun = time.perf_counter()
    company = Company(COMPANY)
    _say(f"made in {time.perf_counter() - begun:.0f} s")
    measured: list[Measured] = []
    rows: dict[str, int] = {}
    seconds = {}
    with _databases(durable=True) as urls:
        for name, url in urls.items():
            with Dictionary.open(open_database(url)) as dictionary:
                begun = time.perf_counter()
                rows = load(dictionary, company, _say)
                seconds[name] = time.perf_counter() - begun
            measured += measure(url, Subjects.of(company), only)
    found = document(measured, rows, seconds)
    results.write_text(json.dumps(found, indent=2) + "\n")
    print(table(measured))
    print("\nLoaded in", ", ".join(f"{one:.0f} s ({name})" for name, one in seconds.items()))


def _write_baseline() -> None:
    company = Company(SMALL)
    with _databases(durable=False) as urls:
        for name, url in urls.items():
            with Dictionary.open(open_database(url)) as dictionary:
                load(dictionary, company)
                made, found = made_with(dictionary), plans(dictionary, Subjects.of(company))
            path = _BASELINE / f"statements.{name}.txt"
            path.write_text(f"{made}\n\n{baseline(found)}")
            print(path.relative_to(_ROOT))


@contextmanager
def _databases(*, durable: bool) -> Iterator[dict[str, str]]:
    """Yield an empty database of each kind, gone afterwards."""
    _CACHE.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="company-", dir=_CACHE) as folder,
        server({"fsync": "on", "shared_buffers": "128MB"} if durable else {}) as started,
    ):
        yield {"sqlite": f"{folder}/dictionary.db", "postgresql": started.new()}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="company", description="Measure a large dictionary.")
    parser.add_argument("--results", type=Path, default=Path(__file__).parent / "results.json")
    parser.add_argument("--only", default="", help="questions whose name begins like this")
    parser.add_argument("--statements", action="store_true", help="write the baseline of the tests")
    return parser.parse_args()


def _say(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    main()
