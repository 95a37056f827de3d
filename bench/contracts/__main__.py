"""Compare two releases of a large API: `make bench-contracts`; docs/benchmarks.md explains it."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from contracts.measuring import measure
from contracts.programs import Peer, installed_oasdiff
from contracts.report import document, table
from contracts.size import LARGE, SMALL

_RESULTS = Path(__file__).parent.with_name("results-contracts.json")


def main() -> None:
    """Measure, print, write."""
    given = _arguments()
    size = SMALL if given.small else LARGE
    oasdiff = "" if given.without_oasdiff else installed_oasdiff()
    if not oasdiff:
        _say("oasdiff is left out: docs/benchmarks.md says how to install it")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        environ = {"PATH": os.defpath, "HOME": folder, "LC_ALL": "C.UTF-8"}
        found = measure(
            Path(folder), size, Peer(oasdiff, given.patience), given.rounds, environ, _say
        )
    print(table(found))
    given.results.write_text(json.dumps(document(found, size, given.rounds), indent=2) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare two releases of a large API.")
    parser.add_argument("--rounds", type=int, default=3, help="default: 3; oasdiff runs once")
    parser.add_argument("--without-oasdiff", action="store_true", help="it takes minutes")
    parser.add_argument(
        "--patience", type=float, default=600, help="seconds for oasdiff; default: 600"
    )
    parser.add_argument("--small", action="store_true", help="a small API, to try it out")
    parser.add_argument("--results", type=Path, default=_RESULTS, help="where the JSON is written")
    return parser.parse_args()


def _say(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    main()
