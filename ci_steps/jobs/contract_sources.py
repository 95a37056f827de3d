"""Where a contract is read from: a file or folder, a commit of git, the dictionary."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ci_steps.comparisons.changes import Contract
from ci_steps.comparisons.files import SPLIT
from ci_steps.errors import ContractError, UsageError

if TYPE_CHECKING:
    from ci_steps.outside import Outside

MOST_BYTES = 50_000_000
_MOST_FILES = 20_000
_GIT = "git:"


class _Files(Mapping[str, bytes]):
    """Files below a folder, read when somebody asks for one, and then kept."""

    def __init__(self) -> None:
        self._read: dict[str, bytes] = {}

    def __getitem__(self, name: str) -> bytes:
        if name not in self._read:
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts or "\0" in name:
                raise KeyError(name)
            self._read[name] = self._content(name)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        names = sorted(self._names())
        if len(names) > _MOST_FILES:
            raise ContractError(f"the folder of the contract has more than {_MOST_FILES:,} files")
        return iter(names)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _content(self, name: str) -> bytes:
        raise NotImplementedError

    def _names(self) -> Iterator[str]:
        raise NotImplementedError


class _FolderFiles(_Files):
    def __init__(self, root: Path, below: str = "") -> None:
        super().__init__()
        self._root, self._below = root.resolve(), below

    def _content(self, name: str) -> bytes:
        path = (self._root / name).resolve()
        if not path.is_relative_to(self._root) or not path.is_file():
            raise KeyError(name)  # a link that leads out of the folder is no part of it
        try:
            with path.open("rb") as file:
                return _limited(file.read(MOST_BYTES + 1), name)
        except OSError as error:
            reason = (error.strerror or "").lower()
            raise ContractError(f"{name}: the contract cannot be read: {reason}") from error

    def _names(self) -> Iterator[str]:
        for path in (self._root / self._below).rglob("*"):
            name = path.relative_to(self._root)
            is_hidden = any(part.startswith(".") for part in name.parts)
            if not is_hidden and path.is_file() and path.resolve().is_relative_to(self._root):
                yield name.as_posix()


class _GitFiles(_Files):
    def __init__(self, commit: str, below: str, outside: Outside) -> None:
        super().__init__()
        self._commit, self._below, self._outside = commit, below, outside

    def _content(self, name: str) -> bytes:
        # A question prints text; an archive keeps every byte.
        with self._outside.scratch({}) as folder:
            archive = folder / "archive.tar"
            command = (
                "git",
                "archive",
                f"--output={archive}",
                self._commit,
                "--",
                f":(literal){name}",
            )
            if not self._outside.ask(command).ok:
                raise KeyError(name)
            content = archive.read_bytes()
        import tarfile

        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            try:
                file = tar.extractfile(name)
            except KeyError:
                file = None
            if file is None:
                raise KeyError(name)
            return _limited(file.read(MOST_BYTES + 1), name)

    def _names(self) -> Iterator[str]:
        command = ("git", "ls-tree", "-r", "-z", "--name-only", self._commit)
        asked = self._outside.ask((*command, "--", self._below) if self._below else command)
        yield from (name for name in asked.output.split("\0") if name)


def read_contract(written: str, outside: Outside) -> Contract:
    """Return the contract a user names: a path, or ``git:REVISION:PATH`` from this folder.

    UsageError if there is no such file, folder or commit.
    """
    if written.startswith(_GIT):
        return _of_git(written, outside)
    path = Path(written)
    if not path.exists():
        raise UsageError(
            f"{written}: no such file or folder",
            hint="Name a file, a folder, git:REVISION:PATH or SERVICE@VERSION.",
        )
    here = Path.cwd()
    inside = path.resolve().is_relative_to(here)
    root = here if inside else path.resolve().parent
    return contract_at(root, path.resolve().relative_to(root).as_posix(), written)


def contract_at(root: Path, name: str, called: str = "") -> Contract:
    """Return the contract that begins in a file of *root*, or is a whole folder of it."""
    if (root / name).is_dir():
        return Contract(called or name, "", _below(_FolderFiles(root, name), name))
    return Contract(called or name, name, _FolderFiles(root))


def _of_git(written: str, outside: Outside) -> Contract:
    revision, colon, name = written.removeprefix(_GIT).partition(":")
    if not (revision and colon and name):
        raise UsageError(
            f"{written}: expected git:REVISION:PATH", hint="Like git:v1.1:openapi.yaml."
        )
    asked = outside.ask(
        ("git", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    )
    if not asked.ok and not outside.ask(("git", "rev-parse", "--git-dir")).ok:
        raise UsageError(
            f"{written}: there is no git repository here", hint="Run it in a folder of the clone."
        )
    if not asked.ok:
        raise UsageError(
            f"{written}: git knows no commit {revision!r} here",
            hint="A clone of only the last commit has no others: fetch it first.",
        )
    commit, name = asked.output.strip(), PurePosixPath(name).as_posix()
    kind = outside.ask(("git", "cat-file", "-t", f"{commit}:./{name}"))
    if not kind.ok:
        raise UsageError(f"{written}: no such file or folder in that commit")
    if kind.output.strip() == "tree":
        return Contract(written, "", _below(_GitFiles(commit, name, outside), name))
    return Contract(written, name, _GitFiles(commit, "", outside))


def _below(files: Mapping[str, bytes], folder: str) -> Mapping[str, bytes]:
    """Return the files of a folder that is a contract as a whole, by their names in it."""
    start = "" if folder == "." else f"{folder}/"
    return {name.removeprefix(start): files[name] for name in files if name.startswith(start)}


def _limited(content: bytes, name: str) -> bytes:
    if len(content) > MOST_BYTES:
        raise ContractError(f"{name}: the contract is longer than {MOST_BYTES:,} bytes", hint=SPLIT)
    return content
