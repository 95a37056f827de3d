"""Markdown and Mermaid as CI hosts show them: what comes from data is text and never markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

# Also a formula, the number of an issue, and a name that would call somebody to the page. Within
# a word an underscore is none: v1_20171001-2.
_MARKUP = re.compile(r"[\\`*\[\]|~$]|^#|#(?=\d)|(?<!\w)_|_(?!\w)")
_ENTITIES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
}
_IN_A_PICTURE = re.compile(r"[^\w .,:;()/+=-]")


def text(content: str) -> str:
    """Return *content* so that it stays one line, one cell, and is no markup."""
    for sign, entity in _ENTITIES.items():
        content = content.replace(sign, entity)
    return _MARKUP.sub(r"\\\g<0>", " ".join(content.split())).replace("@", "&#64;")


def quoted(content: str) -> Iterator[str]:
    """Yield *content* line by line as a quotation; what a program printed stays as it was.

    Those are the lines that begin with a stroke (`ci_steps.deploying.last_words`).
    """
    for printed, lines in groupby(content.splitlines(), lambda line: line.startswith("| ")):
        if not printed:
            yield "\\\n".join(f"> {text(line)}" for line in lines)
            continue
        kept = [line[2:] for line in lines]
        fence = "~" * (3 + max(map(len, re.findall("~+", "\n".join(kept))), default=0))
        yield from ("> ", f"> {fence}", *(f"> {line}" for line in kept), f"> {fence}")


def grid(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Yield the lines of a table."""
    yield f"| {' | '.join(columns)} |"
    yield f"|{' --- |' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(map(text, row))} |"


def folded(title: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield *lines* behind a title that opens them."""
    yield from ("", f"<details><summary>{text(title)}</summary>", "")
    yield from lines
    yield from ("", "</details>")


def picture(
    nodes: Mapping[str, tuple[str, str]], edges: Iterable[tuple[str, str, str]], styles: str
) -> Iterator[str]:
    """Yield a Mermaid flowchart: nodes as {id: (label, class)}, edges as (from, to, label)."""
    yield from ("", "```mermaid", "flowchart LR")
    for name, (label, kind) in nodes.items():
        yield f'  {name}["{_label(label)}"]:::{kind}'
    for start, end, label in edges:
        arrow = f'-- "{_label(label)}" -->' if label else "-->"
        yield f"  {start} {arrow} {end}"
    yield from (styles, "```")


def _label(content: str) -> str:
    """Return a label; a sign that Mermaid could read as its own is written by its number."""
    one_line = " ".join(content.split())
    return _IN_A_PICTURE.sub(lambda found: f"#{ord(found[0])};", one_line)
