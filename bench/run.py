"""Measure ci-steps against its peers in one run: `python bench/run.py`, or `make bench`.

The table is printed, everything is in bench/results.json. A budget that is missed is said in
words; the exit status is 0. docs/benchmarks.md explains the figures.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import worlds
from answering import answering
from comparisons import ANSWER_SECONDS, DEPENDENCIES, Row, comparisons, rows
from results import document, machine, table
from timing import interleaved

_RESULTS = Path(__file__).with_name("results.json")


def main() -> None:
    """Measure, print, write."""
    given = _arguments()
    found = measure(given.rounds)
    facts = machine()
    print(f"Python {facts['python']}, {facts['cores']} cores, {given.rounds} rounds\n")
    print(table(found))
    _say_what_was_missed(found)
    given.results.write_text(json.dumps(document(found, given.rounds), indent=2) + "\n")


def measure(rounds: int) -> tuple[Row, ...]:
    """Return what *rounds* interleaved rounds came to, in a world that is gone afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        answering(DEPENDENCIES, ANSWER_SECONDS) as ports,
    ):
        root = Path(folder)
        environ = worlds.environ(root)
        idle = worlds.idle_service(root / "idle", environ)
        compared = comparisons(idle, worlds.asking_service(root / "asking", environ, ports))
        commands = {name: one.command for name, one in compared.items()}
        costs = interleaved(commands, rounds, environ, root / "printed", _progress)
        return rows(compared, costs)


def _say_what_was_missed(found: tuple[Row, ...]) -> None:
    missed = [row.name for row in found if row.within is False]
    unmeasured = [row.name for row in found if row.problem]
    if missed:
        print(f"\nOver budget in this run: {', '.join(missed)}.")
    if unmeasured:
        print(f"\nNot measured: {', '.join(unmeasured)}.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure ci-steps against its peers.")
    parser.add_argument("--rounds", type=_positive, default=11, help="default: 11")
    parser.add_argument("--results", type=Path, default=_RESULTS, help="where the JSON is written")
    return parser.parse_args()


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number of rounds")
    return number


def _progress(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    main()
