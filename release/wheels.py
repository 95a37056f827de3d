"""The wheels a release is made of, each by its hash.

`wheels.txt` is what `pip download --require-hashes` reads. Nearly all wheels run anywhere. Two
exist only for one kind of machine: of those the compiled part is left out.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
LOCK = HERE / "wheels.txt"
CONSTRAINTS = HERE.parent / "constraints.txt"

ANYWHERE = (
    "alembic",
    "attrs",
    "certifi",
    "charset-normalizer",
    "click",
    "idna",
    "Jinja2",
    "junitparser",
    "Mako",
    "packaging",
    "requests",
    "rich",
    "slack_sdk",
    "SQLAlchemy",
    "tomli",
    "typing_extensions",
    "urllib3",
)
WITH_A_COMPILED_PART = ("MarkupSafe", "PyYAML")
# What the others name as needed, and no step loads.
NEVER_LOADED = ("greenlet", "markdown-it-py", "mdurl", "Pygments")

_PIP = ("-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps")
_PURE = ("--implementation", "py", "--abi", "none", "--platform", "any")
_ONE_KIND = ("--implementation", "cp", "--abi", "cp310", "--platform", "manylinux2014_x86_64")


def download(folder: Path) -> None:
    """Put exactly the wheels of the lock into *folder*."""
    for names, kind in ((ANYWHERE, _PURE), (WITH_A_COMPILED_PART, _ONE_KIND)):
        wanted = folder / f"{kind[1]}.txt"
        wanted.write_text("".join(f"{line}\n" for line in locked() if _name(line) in names))
        _pip(folder, *kind, "--require-hashes", "--requirement", str(wanted))
        wanted.unlink()


def lock(folder: Path) -> None:
    """Write the lock anew for the versions in constraints.txt."""
    for names, kind in ((ANYWHERE, _PURE), (WITH_A_COMPILED_PART, _ONE_KIND)):
        _pip(folder, *kind, "--constraint", str(CONSTRAINTS), *names)
    found = {path.name.split("-")[0].lower(): path for path in folder.glob("*.whl")}
    lines = []
    for name in sorted((*ANYWHERE, *WITH_A_COMPILED_PART), key=str.lower):
        wheel = found[name.lower().replace("-", "_")]
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        lines.append(f"{name}=={wheel.name.split('-')[1]} --hash=sha256:{digest}\n")
    LOCK.write_text("".join(lines))


def locked() -> list[str]:
    """Return the lines of the lock."""
    return LOCK.read_text().splitlines()


def _name(line: str) -> str:
    return line.partition("==")[0]


def _pip(folder: Path, *arguments: str) -> None:
    oldest = ("--only-binary=:all:", "--python-version", "3.10", "--dest", str(folder))
    subprocess.run([sys.executable, *_PIP, *oldest, *arguments], check=True)
