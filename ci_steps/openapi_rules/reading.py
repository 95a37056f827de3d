"""A contract -> the API that it describes."""

from __future__ import annotations

import re

from ci_steps.comparisons.changes import Contract
from ci_steps.comparisons.files import files_of
from ci_steps.documents.library import Library
from ci_steps.documents.node import Node
from ci_steps.errors import ContractError
from ci_steps.openapi_rules.description import Api, Dialect
from ci_steps.openapi_rules.reader import Reader
from ci_steps.openapi_rules.shapes import SHAPES

SUFFIXES = (".yaml", ".yml", ".json")
_VERSION = re.compile(r"(2\.0|3\.[01])(\.\d+)?(-\w+)?")
_KNOWN = "OpenAPI 2.0, 3.0 and 3.1 are read"


def read(contract: Contract, shared: Library | None = None) -> Api:
    """Return the API of *contract*; ContractError where it is wrong, all of it at once.

    Of two releases the second one *shared* what it read with the first.
    """
    library = Library(contract, shared)
    root = _root(contract, library)
    dialect = _dialect(library, root)
    library.check((root, SHAPES[dialect]))
    return Api(root, dialect, _reader(dialect))


def _reader(dialect: Dialect) -> Reader:
    if dialect is not Dialect.SWAGGER_2_0:
        return Reader()
    from ci_steps.openapi_rules.swagger import SwaggerReader

    return SwaggerReader()


def _root(contract: Contract, library: Library) -> Node:
    """Return the document of *contract*; in a folder the one that says it is OpenAPI."""
    names = files_of(contract, *SUFFIXES)
    roots = [library.document(name).root for name in names]
    if len(roots) > 1:
        roots = [root for root in roots if _version(root) is not None]
    if len(roots) != 1:
        found = ", ".join(root.document.file.name for root in roots) or "none"
        raise ContractError(
            f"{contract.name}: one document of OpenAPI is expected, found {found}",
            hint="Name the file of the document, and not its folder.",
        )
    return roots[0]


def _version(root: Node) -> Node | None:
    return root.get("openapi") or root.get("swagger")


def _dialect(library: Library, root: Node) -> Dialect:
    version = _version(root)
    if version is None:
        raise library.wrong(root, "neither 'openapi' nor 'swagger' says a version")
    written = str(version.value)
    found = _VERSION.fullmatch(written)
    if found is None or (found[1] == "2.0") != (version.name == "swagger"):
        raise library.wrong(version, f"{version.name} {written!r} is not known: {_KNOWN}")
    return Dialect(found[1])
