"""Compare two documents in memory, and print the seconds that took: `python alone.py OLD NEW`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from ci_steps.comparisons.changes import Contract, as_json
from ci_steps.jobs.comparing import Formats
from ci_steps.outside import Outside


def main(old: str, new: str) -> None:
    """Read both files first: what is measured begins with their bytes."""
    formats = Formats(Outside())
    before, after = (Contract(name, name, {name: Path(name).read_bytes()}) for name in (old, new))
    began, cpu = time.perf_counter(), time.process_time()
    changes = formats.compare(before, after)
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
    cost = {"seconds": seconds, "cpu_seconds": cpu_seconds}
    print(json.dumps({**cost, **as_json(changes)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
