"""What pages are made of: HTML that needs nothing from anywhere, in which data is text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

# What no page can hold, and what would turn the order of the letters around it.
_UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def html_page(title: str, style: str, body: str, script: str = "") -> str:
    """Return a whole page; *body* and *script* are HTML and code already."""
    code = f"<script>{script}</script>\n" if script else ""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text(title)}</title>\n"
        f"<style>{style}</style>\n</head>\n<body>\n<main>\n{body}</main>\n{code}</body>\n</html>\n"
    )


def text(content: str) -> str:
    """Return *content* so that it is shown, and is no markup."""
    return escape(_UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", content))


def section(title: str, parts: Iterable[str]) -> str:
    """Return a titled part of a page; nothing where it is empty."""
    content = "".join(parts)
    return f"<section>\n<h2>{text(title)}</h2>\n{content}</section>\n" if content else ""


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells that are HTML already; nothing where there is no row.

    Each cell knows its column, for a screen that is too narrow for columns.
    """
    body = "".join(f"<tr>{''.join(map(_cell, columns, row))}</tr>\n" for row in rows)
    if not body:
        return ""
    head = "".join(f"<th>{text(column)}</th>" for column in columns)
    heading = f"<h3>{text(title)}</h3>\n" if title else ""
    return f'{heading}<div class="table"><table><tr>{head}</tr>\n{body}</table></div>\n'


def _cell(column: str, content: str) -> str:
    return f'<td data-column="{text(column)}">{content}</td>'


def mark(word: str) -> str:
    """Return a word with a rim, in the colour of its meaning."""
    return f'<span class="mark {text(word)}">{text(word)}</span>'


def code(content: str) -> str:
    """Return what one would type; nothing stays nothing."""
    return f"<code>{text(content)}</code>" if content else ""


def link(address: str, content: str) -> str:
    """Return a link; an address of any other kind is shown and cannot be followed."""
    if not address.startswith(("http://", "https://")):
        return text(content)
    return f'<a href="{text(address)}">{text(content)}</a>'
