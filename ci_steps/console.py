"""The only writer to the terminal; it masks every secret it has been told about."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TextIO

from ci_steps.errors import CiStepsError
from ci_steps.writing.indented_json import indented
from ci_steps.writing.masking import SHORTEST_SECRET, forms_of
from ci_steps.writing.tables import plain, table_text

if TYPE_CHECKING:
    from ci_steps.model import StepResult, Table

_NAME_WIDTH = 28
_TEXTS: frozenset[type[Any]] = frozenset({str})
# Their values are words of ours, by which scripts tell answers apart.
_OUR_WORDS = frozenset({"schema", "verdict", "status"})
_WIDE = 200
# Of what became of a step, as it is written.
_COLOR = {"passed": "32", "failed": "31", "skipped": "33", "would run": "36", "stands": "32"}


class Console:
    """Writes results to *out*, progress and errors to *err*; in colour, if at all, on terminals.

    `mask_command` says how the CI host is told of a secret, so that it hides it too, and
    `quoted` how a text is written so that the host takes no line of it for a command.
    """

    def __init__(self, out: TextIO, err: TextIO, *, color: bool, quiet: bool = False) -> None:
        self._out, self._err = out, err
        self._color, self._quiet = color, quiet
        self._known: set[str] = set()
        self._secrets: list[str] = []
        self._held: list[str] | None = None
        self.mask_command: Callable[[str], str] = lambda secret: ""
        self.quoted: Callable[[str], str] = lambda text: text

    def writes_to(self, out: TextIO, err: TextIO) -> bool:
        """Return whether these are its streams."""
        return self._out is out and self._err is err

    def mask(self, secret: str) -> bool:
        """Replace *secret* by ``***`` in everything written from now on, in whatever form.

        Return whether that can be: one that is too short is no secret.
        """
        if len(secret) < SHORTEST_SECRET:
            return not secret
        if secret in self._known:
            return True
        self._known.add(secret)
        self._tell(self.mask_command(secret))
        # What a program prints comes line by line, so a key of many lines is hidden so as well.
        lines = [line for line in secret.splitlines() if len(line) >= SHORTEST_SECRET]
        forms = {form for one in (secret, *lines) for form in forms_of(one)}
        # Longest first: a secret that contains another one is hidden whole.
        self._secrets = sorted({*self._secrets, *forms}, key=len, reverse=True)
        return True

    def masked(self, text: str) -> str:
        """Return *text* without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    def line(self, text: str) -> None:
        """Write one line that a command printed."""
        if not self._quiet:
            self._write(f"  {text}", self._err)

    def note(self, text: str) -> None:
        """Write one line about long work."""
        if not self._quiet:
            self._write(self._colored(plain(text), "2"), self._err)

    def step(self, title: str, result: StepResult, seconds: float) -> None:
        """Write one aligned line about a finished step."""
        word = result.status.value
        status = self._colored(f"{word:<9}", _COLOR[word])
        dots = "." * max(2, _NAME_WIDTH - len(title))
        summary = _indented(result.summary, "  | ")
        self._write(f"{title} {dots} {status} {seconds:6.1f} s  {summary}", self._err)
        for warning in result.warnings:
            self.warning(warning)
        self._hint(result.hint)

    def warning(self, text: str) -> None:
        """Write what is worth a second look and stops nothing."""
        self._write(f"{self._colored('warning', '33')}: {_indented(text, '  | ')}", self._err)

    def error(self, error: CiStepsError) -> None:
        """Write an error and, on its own line, what to do about it."""
        for line in str(error).splitlines():
            self._write(f"{self._colored('error', '31')}: {plain(line)}", self._err)
        self._hint(error.hint)

    def detail(self, text: str) -> None:
        """Write what only somebody who looks for a mistake wants to see."""
        for line in text.splitlines():
            self._write(self._colored(f"debug: {plain(line)}", "2"), self._err)

    def last_line(self, text: str) -> None:
        """Write what a run came to."""
        self._write(self._colored(text, "1"), self._err)

    def raw(self, text: str) -> None:
        """Write a line that the CI host reads; it must stand at the beginning of a line."""
        self._tell(self.masked(text))

    @contextmanager
    def fold(self, opened: str, closed: str) -> Iterator[None]:
        """Write between two lines of the CI host; it takes nothing between them for a command.

        What the host must be told meanwhile waits for the end: it would be shown as text, and
        a command that masks a secret would show the secret.
        """
        self.raw(opened)
        self._held = [] if opened else None
        try:
            yield
        finally:
            held, self._held = self._held or [], None
            self.raw(closed)
            for text in held:
                self._tell(text)

    def result(self, text: str) -> None:
        """Write what the command was asked for; a script may read it."""
        self._write(text, self._out)

    def answer(self, document: Mapping[str, Any]) -> None:
        """Write what the command was asked for as JSON."""
        # Masked before it is written as JSON: there a secret with a quote looks different.
        self._print(indented(self.masked_document(document)), self._out)

    def masked_document(self, document: Any) -> Any:
        """Return what can be written as JSON, without secrets in any of its texts.

        What an answer is, and what it says in one word, can be read whatever a secret is.
        """
        if isinstance(document, str):
            return self.masked(document)
        if isinstance(document, Mapping):
            return {
                key: value if _is_our_word(key, value) else self.masked_document(value)
                for key, value in document.items()
            }
        if isinstance(document, list | tuple):
            if not self._secrets and _TEXTS.issuperset(map(type, document)):
                return list(document)  # lists of operations are long
            return [self.masked_document(value) for value in document]
        return document

    def table(self, table: Table, *, result: bool = False) -> None:
        """Write a table; as a result when the command was asked for it."""
        if self._quiet and not result:
            return
        stream = self._out if result else self._err
        width = None if stream.isatty() else _WIDE
        # Masked before it is laid out: what is wrapped cannot be found any more.
        hidden = replace(table, rows=tuple(tuple(map(self.masked, row)) for row in table.rows))
        text = rendered(hidden, color=self._is_colored(stream), width=width)
        self._write(f"\n{text}\n", stream)

    def _hint(self, hint: str) -> None:
        if hint:
            self._write(f" hint: {_indented(hint, '       ')}", self._err)

    def _is_colored(self, stream: TextIO) -> bool:
        return self._color and stream.isatty()

    def _colored(self, text: str, code: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self._is_colored(self._err) else text

    def _tell(self, command: str) -> None:
        if not command:
            return
        if self._held is not None:
            self._held.append(command)
        else:
            self._print(command, self._err)

    def _write(self, text: str, stream: TextIO) -> None:
        shown = self.masked(text)
        if stream is self._err and self._held is None:
            shown = self.quoted(shown)
        self._print(shown, stream)

    def _print(self, text: str, stream: TextIO) -> None:
        try:
            print(text, file=stream, flush=True)
        except BrokenPipeError:
            # Whoever read it has had enough; what is under way goes on to its end.
            _write_nowhere(stream)


def _is_our_word(key: object, value: object) -> bool:
    return key in _OUR_WORDS and isinstance(value, str)


def _write_nowhere(stream: TextIO) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _indented(text: str, indent: str) -> str:
    """Return *text* with every line after the first one moved in, and nothing but text."""
    return f"\n{indent}".join(map(plain, text.splitlines()))


def rendered(table: Table, *, color: bool, width: int | None) -> str:
    """Return a table as text; without a width, as wide as the terminal."""
    return table_text(table.columns, table.rows, table.title, color=color, width=width)
