"""Write where releases are into all that names it: `make coordinates REPOSITORY=shop/ci-steps`.

Whoever publishes ci-steps says it once; what `init` writes, the workflow that others call, and the
pages then name the repository that really has the release.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import ci_steps

ROOT = Path(__file__).parents[1]
_PLACES = ("ci_steps/__init__.py", ".github/workflows/*.yml", "gitlab/*.yml", "docs/*.md")
_NAME = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)


def main() -> None:
    """Replace the name in all files."""
    (name,) = sys.argv[1:] or [""]
    if not _NAME.fullmatch(name):
        sys.exit(f"error: {name!r} is no repository: make coordinates REPOSITORY=shop/ci-steps")
    for file in files(ROOT, ci_steps.__repository__):
        text = file.read_text("utf-8")
        file.write_text(text.replace(ci_steps.__repository__, name), "utf-8")
        print(file.relative_to(ROOT))  # noqa: T201 (a program)


def files(root: Path, name: str) -> Iterator[Path]:
    """Yield the files that name the repository *name*."""
    for pattern in _PLACES:
        for file in sorted(root.glob(pattern)):
            if name in file.read_text("utf-8"):
                yield file


if __name__ == "__main__":
    main()
