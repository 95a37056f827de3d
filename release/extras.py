"""What an extra brings beside the release: wheels by their hashes, for every Python and machine.

``release/extras/postgres.txt`` and its like are what `pip install --require-hashes` reads when a
step of the action needs the extra.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement

from release import pythons, wheels

LOCKS = wheels.HERE / "extras"
NAMES = ("postgres", "protobuf", "avro", "graphql", "thrift", "ecs", "tracing")

_MACHINES = ("x86_64", "aarch64")
_LIBCS = ("manylinux2014", "manylinux_2_17", "manylinux_2_28")


def lock(folder: Path) -> None:
    """Write the locks anew for the versions in constraints.txt."""
    LOCKS.mkdir(exist_ok=True)
    for extra in NAMES:
        needed = sorted(brought_by(extra))
        for minor in pythons.MINORS:
            for machine in _MACHINES:
                _download(folder / extra, needed, f"3.{minor}", machine)
        (LOCKS / f"{extra}.txt").write_text("".join(_lines(folder / extra)))


def brought_by(extra: str) -> set[str]:
    """Return the names of the packages that an extra brings and a release does not have."""
    shipped = {name_of(line.partition("==")[0]) for line in wheels.locked()}
    found: set[str] = set()
    asked = [("ci-steps", extra)]
    while asked:
        package, wanted = asked.pop()
        for one in map(Requirement, requires(package) or ()):
            of_the_extra = one.marker is None or one.marker.evaluate({"extra": wanted})
            if package == "ci-steps" and not (one.marker and "extra" in str(one.marker)):
                continue
            if of_the_extra and name_of(one.name) not in found | shipped:
                found.add(name_of(one.name))
                asked += [(one.name, of_it) for of_it in ("", *one.extras)]
    return found


def name_of(written: str) -> str:
    """Return the name of a package in the one form that counts: ``psycopg-binary``."""
    return written.lower().replace("_", "-").replace(".", "-")


def _download(folder: Path, needed: list[str], python: str, machine: str) -> None:
    places = [part for libc in _LIBCS for part in ("--platform", f"{libc}_{machine}")]
    pip = ("-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps")
    how = ("--only-binary=:all:", "--python-version", python, *places, "--dest", str(folder))
    constraints = ("--constraint", str(wheels.CONSTRAINTS))
    subprocess.run([sys.executable, *pip, *how, *constraints, *needed], check=True)


def _lines(folder: Path) -> Iterator[str]:
    """Yield a line for each package, with the hash of every wheel of it."""
    hashes: dict[str, list[str]] = {}
    for wheel in sorted(folder.glob("*.whl")):
        name, version, *_ = wheel.name.split("-")
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        hashes.setdefault(f"{name_of(name)}=={version}", []).append(f" --hash=sha256:{digest}")
    yield from (f"{package}{''.join(found)}\n" for package, found in hashes.items())
