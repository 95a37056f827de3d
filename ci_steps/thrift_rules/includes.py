"""Which files a Thrift file includes, found before its parser goes to the disk for them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from ci_steps.comparisons.changes import Contract, Location
from ci_steps.comparisons.files import files_of, text_of, unreadable
from ci_steps.errors import ContractError

_LINE = re.compile(r"at line (\d+)")
_PLACE = re.compile(r" of the file '.*'|,? at line \d+")


def roots(contract: Contract) -> dict[str, dict[str, bytes]]:
    """Return the files that no other includes, each with the content of all it needs."""
    needed = {name: _closure(contract, name) for name in files_of(contract, ".thrift")}
    included = {name for root, files in needed.items() for name in files if name != root}
    top = {root: files for root, files in needed.items() if root not in included}
    if not top:
        raise ContractError(f"{contract.name}: its files include one another in a circle")
    return top


def _closure(contract: Contract, root: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    waiting = [root]
    while waiting:
        name = waiting.pop()
        if name not in found:
            text = text_of(contract, name)
            found[name] = text.encode()
            waiting += _includes(contract, name, text)
    return found


def _includes(contract: Contract, name: str, text: str) -> Iterator[str]:
    for line, written in _written(contract, name, text):
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(name), written))
        target = next((path for path in (beside, written) if path in contract.files), None)
        if target is None or target != posixpath.normpath(target):
            reason = f"includes {written!r}, which is not part of the contract"
            raise unreadable(contract, Location(name, line), reason)
        yield target


def _written(contract: Contract, name: str, text: str) -> Iterator[tuple[int, str]]:
    from ply import lex
    from thriftpy2.parser import lexer as rules
    from thriftpy2.parser.exc import ThriftLexerError

    lexer = lex.lex(module=rules)
    lexer.input(text)
    before = ""
    try:
        for token in lexer:
            if token.type == "LITERAL" and before == "INCLUDE":
                yield token.lineno, token.value
            before = token.type
    except ThriftLexerError as error:
        raise unreadable(
            contract, Location(name, line_of(str(error))), reason_of(str(error))
        ) from error


def line_of(message: str) -> int:
    """Return the line that a message of the parser names, or 0."""
    found = _LINE.search(message)
    return int(found[1]) if found else 0


def reason_of(message: str) -> str:
    """Return what a message of the parser says besides the place."""
    reason = _PLACE.sub("", message)
    return reason[:1].lower() + reason[1:]
