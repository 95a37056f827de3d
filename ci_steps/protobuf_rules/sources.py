"""Which ``.proto`` files a comparison needs."""

from __future__ import annotations

import re

from ci_steps.comparisons.changes import Contract, Location
from ci_steps.comparisons.files import files_of, text_of

_IMPORT = re.compile(
    r"""(?:^|;)[ \t]*import\s+(?:public\s+|weak\s+|option\s+)?["']([^"'\n]+)["']""", re.MULTILINE
)


def sources(contract: Contract) -> dict[str, bytes]:
    """Return the files of *contract* and what they import of it; the rest is buf's to miss."""
    found: dict[str, bytes] = {}
    waiting = list(files_of(contract, ".proto"))
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        text = text_of(contract, name)
        found[name] = text.encode()
        waiting += [other for other in _IMPORT.findall(text) if other in contract.files]
    return found


def imported_at(contract: Contract, place: Location) -> str:
    """Return the name of the file that an import at *place* names, nothing if none is seen."""
    lines = text_of(contract, place.file).splitlines(keepends=True)[place.line - 1 :]
    found = _IMPORT.match("".join(lines)[place.column - 1 :])
    return found[1] if found else ""
