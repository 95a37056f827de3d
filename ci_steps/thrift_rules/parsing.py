"""Thrift files -> the modules that thriftpy2's parser makes of them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ci_steps.comparisons.changes import Contract, Location
from ci_steps.comparisons.files import unreadable
from ci_steps.errors import ContractError
from ci_steps.thrift_rules.includes import line_of, reason_of, roots

if TYPE_CHECKING:
    from ci_steps.outside import Outside


def parsed(contract: Contract, outside: Outside) -> Iterator[tuple[Path, list[Any]]]:
    """Yield (folder, modules) for each file that no other includes, with all that it includes."""
    for index, (root, files) in enumerate(roots(contract).items()):
        with outside.scratch(files) as folder:
            modules = _parse(contract, root, folder, f"{folder.name}-{index}")
        # The parser keeps what is included by a name that two files may share.
        if {file_of(module, folder) for module in modules} != set(files):
            raise ContractError(f"{contract.name}: {root}: its files are included ambiguously")
        yield folder, modules


def declared(module: Any, kind: str) -> list[Any]:
    """Return what *module* has of ``structs``, ``enums``, ``includes``."""
    return list(getattr(module, "__thrift_meta__", {}).get(kind, ()))


def file_of(thing: Any, folder: Path) -> str:
    """Return the name, in the contract, of the file that declares *thing*."""
    name = os.path.relpath(thing.__thrift_file__, folder)
    return Path(name).as_posix()


def _parse(contract: Contract, root: str, folder: Path, prefix: str) -> list[Any]:
    from thriftpy2.parser import parser
    from thriftpy2.parser.exc import ThriftParserError

    path = folder / root
    try:
        # What is included is kept by the parser under a name that begins with *prefix*.
        module = parser.parse(
            str(path),
            module_name=f"{prefix}.{path.stem}_thrift",
            include_dirs=[str(folder)],
            enable_cache=False,
        )
    except ThriftParserError as error:
        raise _unreadable(contract, root, folder, str(error)) from error
    except (AssertionError, AttributeError, KeyError, TypeError, ValueError, OSError) as error:
        # The parser does not expect these; what it has not understood is not compared.
        raise unreadable(contract, Location(root), f"not a Thrift file: {error}") from error
    except RecursionError:
        raise unreadable(contract, Location(root), "nested too deeply") from None
    return _reached(module)


def _unreadable(contract: Contract, root: str, folder: Path, message: str) -> ContractError:
    inside = re.search(re.escape(f"{folder}/") + r"([^']+)", message)
    name = inside[1] if inside else root
    reason = reason_of(message).replace(f"{folder}/", "")
    return unreadable(contract, Location(name, line_of(message)), reason)


def _reached(module: Any) -> list[Any]:
    found: list[Any] = []
    waiting = [module]
    while waiting:
        this = waiting.pop()
        if all(this is not other for other in found):
            found.append(this)
            waiting += declared(this, "includes")
    return found
