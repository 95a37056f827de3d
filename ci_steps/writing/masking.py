"""A secret in every form in which somebody may repeat it."""

from __future__ import annotations

import re
from collections.abc import Iterator

# A shorter one is in half of all words, and hides nothing: a brace of a key in JSON.
SHORTEST_SECRET = 4
# Less of Base64 is in too many texts that are no secret.
_SHORTEST_CODED = 8
_ADDRESS = re.compile(r"https?://[^/?#\s]+/([^\s]{8,})")


def forms_of(secret: str) -> tuple[str, ...]:
    """Return *secret* as it is, and as addresses, JSON, mail and Base64 write it.

    In Base64 a text looks different by its place: SMTP's ``AUTH PLAIN`` has the password
    behind the user. What is returned is the part that is the same whatever is around it. Of the
    address of a webhook the path is the secret, and a server repeats it alone.
    """
    address = _ADDRESS.fullmatch(secret)
    parts = (secret, address[1]) if address else (secret,)
    return tuple(dict.fromkeys(form for one in parts for form in _forms(one) if form))


def _forms(secret: str) -> Iterator[str]:
    # Loaded only where there is a secret.
    import json
    from base64 import b64encode
    from urllib.parse import quote, quote_plus

    yield secret
    yield from (quote(secret, safe=""), quote(secret), quote_plus(secret))
    yield from (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    yield _quoted_printable(secret)
    content = secret.encode("utf-8", "surrogateescape")
    for place in range(3):
        coded = _coded(content, place)
        if len(coded) >= _SHORTEST_CODED:
            yield from (coded, coded.replace("+", "-").replace("/", "_"))
            yield b64encode(content).decode()


def _quoted_printable(secret: str) -> str:
    """Return it as RFC 2045, section 6.7, writes it."""
    content = secret.encode("utf-8", "surrogateescape")
    return "".join(chr(one) if 32 <= one < 127 and one != 61 else f"={one:02X}" for one in content)  # noqa: PLR2004 (ASCII)


def _coded(content: bytes, place: int) -> str:
    """Return the Base64 of *content* behind so many bytes, without what they are a part of."""
    from base64 import b64encode

    behind = b64encode(b"\0" * place + content).decode().rstrip("=")
    whole = 8 * (place + len(content)) // 6
    return behind[-(-8 * place // 6) : whole]
