"""What a service says it uses of a provider, read from the files it names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import attrs

from ci_steps.comparisons.files import MOST_BYTES
from ci_steps.errors import ConfigError, Problem, UsageError
from ci_steps.options import OperationText, option
from ci_steps.uses.operations import read_operation
from ci_steps.uses.values import Uses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_MOST_FILES = 1_000


@attrs.frozen
class Declared:
    """What the service uses of one provider; a change of anything else does not touch it."""

    SHORT_FOR: ClassVar[str] = "operations"

    operations: tuple[OperationText, ...] = option(
        (),
        "The operations it calls, each with the response fields that it reads or with none for "
        "all of them; or names of a schema.",
        example=["GET /tokens", "POST /login: token, user.name", "Token.expires"],
    )
    pact: str = option(
        "",
        "Its pact files, specification 2 to 4, read when a version is checked or deployed.",
        example="pacts/gis-auth.json",
    )
    graphql: str = option(
        "", "The GraphQL documents with the operations it sends.", example="queries/**/*.graphql"
    )
    proto: str = option("", "The protobuf files it compiles.", example="proto/auth/**/*.proto")


def read_uses(declared: Declared, root: Path, file: str, key: str) -> Uses:
    """Return what is *declared* under *key* of *file*, which lies in *root*.

    ConfigError with all that is wrong.
    Cost: every file that is named is read, each of at most 20 MB.
    """
    from ci_steps.uses.pact import read_pact

    reading = _Reading(root, file, key)
    uses = reading.operations(declared.operations)
    uses += reading.files(declared.pact, "pact", read_pact)
    uses += reading.files(
        declared.graphql, "graphql", lambda text, name: Uses(documents={name: text})
    )
    uses += reading.files(declared.proto, "proto", lambda text, name: Uses(interfaces={name: text}))
    if reading.problems:
        raise ConfigError(reading.problems)
    return uses


def read_text(path: Path, shown: str) -> str:
    """Return what a file says; ConfigError if it cannot be read or is too long."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) <= MOST_BYTES:
            return content.decode("utf-8-sig")
        reason = f"is longer than {MOST_BYTES:,} bytes"
    except OSError as error:
        reason = f"cannot be read: {(error.strerror or '').lower()}"
    except UnicodeDecodeError as error:
        reason = f"is not UTF-8 (byte {error.start})"
    except ValueError:  # a name with a zero character
        reason = "is not the name of a file"
    raise ConfigError([Problem(shown, 0, "", reason)])


class _Reading:
    def __init__(self, root: Path, file: str, key: str) -> None:
        self._root, self._file, self._key = root, file, key
        self.problems: list[Problem] = []

    def operations(self, lines: Sequence[str]) -> Uses:
        return sum((self._operation(*one) for one in enumerate(lines)), Uses())

    def _operation(self, index: int, line: str) -> Uses:
        try:
            return read_operation(line, f"{self._file}: {line}")
        except UsageError as error:
            self._wrong(f"operations[{index}]", f"{error}. {error.hint}".strip(". ") + ".")
            return Uses()

    def files(self, pattern: str, key: str, read: Callable[[str, str], Uses]) -> Uses:
        names = list(self._matching(pattern, key)) if pattern else []
        if pattern and not names:
            self._wrong(key, f"{pattern}: no such file")
        return sum((self._file_of(name, read) for name in names), Uses())

    def _file_of(self, name: str, read: Callable[[str, str], Uses]) -> Uses:
        try:
            return read(read_text(self._root / name, name), name)
        except ConfigError as error:
            self.problems += error.problems
            return Uses()

    def _matching(self, pattern: str, key: str) -> Iterator[str]:
        try:
            found = sorted(path for path in self._root.glob(pattern) if path.is_file())
        except (ValueError, NotImplementedError, IndexError):
            found = []
        if len(found) > _MOST_FILES:
            self._wrong(key, f"{pattern}: more than {_MOST_FILES:,} files")
        root = self._root.resolve()
        for path in found[:_MOST_FILES]:
            if path.resolve().is_relative_to(root):
                yield path.relative_to(self._root).as_posix()

    def _wrong(self, key: str, text: str) -> None:
        self.problems.append(Problem(self._file, 0, f"{self._key}.{key}", text))
