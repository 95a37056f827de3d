"""Two contracts -> what callers of the first one notice of the second one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ci_steps.asyncapi_rules import reader_2, reader_3
from ci_steps.asyncapi_rules.channels import compare_channels
from ci_steps.asyncapi_rules.description import Description
from ci_steps.asyncapi_rules.schemas import Schemas
from ci_steps.asyncapi_rules.servers import compare_servers
from ci_steps.asyncapi_rules.shapes import SHAPES
from ci_steps.comparisons.changes import Change, Contract
from ci_steps.comparisons.files import files_of
from ci_steps.documents.library import Library
from ci_steps.errors import ContractError
from ci_steps.schema_rules.comparison import Comparison
from ci_steps.schema_rules.shapes import SCHEMA, references_in

_SUFFIXES = (".yaml", ".yml", ".json")
_VERSION = re.compile(r"([23])\.\d+(\.\d+)?(-[\w.]+)?")
_READERS = {"2": reader_2.read, "3": reader_3.read}


def compare_descriptions(old: Contract, new: Contract) -> Iterator[Change]:
    """Yield every change; ContractError where either contract is wrong."""
    library = Library(old)
    before, after = read(old, library), read(new, Library(new, library))
    yield from compare_servers(before, after)
    schemas = Schemas(Comparison(references_in(library)))
    yield from compare_channels(before, after, schemas)
    yield from schemas.changes()


def read(contract: Contract, library: Library) -> Description:
    """Return what *contract* describes; ContractError where it is wrong, all of it at once."""
    names = files_of(contract, *_SUFFIXES)
    roots = [library.document(name).root for name in names]
    found = [root for root in roots if root.get("asyncapi") is not None]
    if len(found) != 1:
        shown = ", ".join(root.document.file.name for root in found) or "none"
        raise ContractError(
            f"{contract.name}: one document of AsyncAPI is expected, found {shown}",
            hint="Name the file of the document, and not its folder.",
        )
    (root,) = found
    version = root.get("asyncapi")
    known = _VERSION.fullmatch(str(version.value)) if version is not None else None
    if known is None or version is None:
        written = version.value if version is not None else ""
        reason = f"asyncapi {written!r} is not known: AsyncAPI 2 and 3 are read"
        raise library.wrong(version or root, reason)
    library.check((root, SHAPES[known[1]]))
    description = _READERS[known[1]](root)
    schemas = (node for message in description.messages() for node in message.schemas)
    library.check(*((node, SCHEMA) for node in schemas))
    return description
