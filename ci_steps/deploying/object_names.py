"""Names for objects of other systems, which allow less than the names of ours."""

from __future__ import annotations

import hashlib
import re

_HASH_CHARACTERS = 8
LONGEST_LABEL = 63  # https://www.rfc-editor.org/rfc/rfc1123


def object_name(*parts: str, longest: int = LONGEST_LABEL) -> str:
    """Return one name of small letters, digits and single hyphens; it begins with a letter.

    Other parts give another name. It is one way: nobody reads the parts in it.
    """
    told = "-".join(parts)
    plain = re.sub(r"[^a-z0-9]+", "-", told.lower()).strip("-")
    if plain == told and plain[:1].isalpha() and len(plain) <= longest and len(parts) > 0:
        return plain
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_HASH_CHARACTERS]
    room = longest - _HASH_CHARACTERS - 1
    start = plain if plain[:1].isalpha() else f"x-{plain}"
    return f"{start[:room].strip('-')}-{digest}"


def object_suffix(text: str, longest: int = 30) -> str:
    """Return *text* as it may end such a name: it may begin with a digit."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    if plain == text and plain and len(plain) <= longest:
        return plain
    digest = hashlib.sha256(text.encode()).hexdigest()[:_HASH_CHARACTERS]
    return f"{plain[: longest - _HASH_CHARACTERS - 1]}-{digest}".strip("-")
