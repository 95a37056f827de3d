"""Build what a release ships: ``python -m release.build [--lock]``, or ``make dist``."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from release import archive, extras, pythons, tree, wheels


def main() -> None:
    """Build the folder, the archive and their hashes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lock", action="store_true", help="pin the wheels anew, and no more")
    parser.add_argument("--to", type=Path, default=Path("dist"), metavar="FOLDER")
    parser.add_argument("--python", action="append", metavar="PROGRAM", help="compile for it, too")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if given.lock:
            wheels.lock(Path(folder))
            extras.lock(Path(folder, "extras"))
        else:
            wheels.download(Path(folder))
            build(Path(folder), given.python or list(pythons.found()), given.to)


def build(downloaded: Path, programs: list[str], to: Path) -> None:
    """Write ``lib``, ``extras``, ``ci-steps.pyz`` and ``SHA256SUMS`` into *to*."""
    shutil.rmtree(to / "lib", ignore_errors=True)
    lib = to / "lib"
    lib.mkdir(parents=True)
    tree.unpack(downloaded, lib)
    by_tag = {pythons.tag(program): program for program in programs}
    for program in by_tag.values():
        tree.compile_for(program, lib)
    shutil.rmtree(to / "extras", ignore_errors=True)
    shutil.copytree(extras.LOCKS, to / "extras")
    archive.write(lib, sorted(by_tag), to / "ci-steps.pyz")
    (to / "SHA256SUMS").write_text(archive.sums(to))


if __name__ == "__main__":
    main()
