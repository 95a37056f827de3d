"""How an answer of tables is printed: for people, or as one JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.cli import shell
from ci_steps.cli.dictionary import tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci_steps.model import Table

# What there is none of, where the title is no noun.
_NONE = {"Live": "nothing is live", "Unowned": "every service has an owner with a contact"}


def answer(found: Sequence[Table], name: str, *, as_json: bool) -> None:
    """Print tables; the first one says what there is none of, where all are empty."""
    console = shell.console_of(as_json)
    if as_json:
        console.answer(tables.document(found, name))
        return
    for table in found:
        if table.rows:
            console.table(table, result=True)
    if not any(table.rows for table in found):
        title = found[0].title
        console.result(_NONE.get(title, f"no {title.lower()}"))
