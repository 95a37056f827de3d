"""The list of what is in an image (SBOM), written by syft where it is installed.

https://github.com/anchore/syft; the list is SPDX 2.3 as JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.errors import OutsideError

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.protocols import Image, Job

_FILE = ".ci-steps/sbom.spdx.json"


def check_sbom(wanted: str, outside: Outside) -> None:
    """Raise OutsideError where a list is always wanted and nothing can write it."""
    if wanted == "always" and outside.which("syft") is None:
        raise OutsideError(
            "no list of what is in the image can be written: syft: no such program",
            hint="Install syft, or say `container-build: sbom: auto`.",
        )


def write_sbom(wanted: str, image: Image, engine: str, job: Job, *, pushed: bool) -> str:
    """Write the list and return its file, or nothing where none is written."""
    outside = job.outside
    if wanted == "never" or outside.which("syft") is None:
        return ""
    path = job.root / _FILE
    if image.reused and path.is_file():
        return _FILE
    source = f"{'registry' if pushed else engine}:{image.reference}"
    command = ("syft", "scan", "--quiet", "--output", f"spdx-json={path}", source)
    finished = outside.run(command, cwd=job.root, on_line=job.progress.line)
    if not finished.ok:
        raise OutsideError(
            f"syft did not list what is in {image.reference}: {finished.how}",
            hint="Say `container-build: sbom: never` to go on without.",
        )
    return _FILE
