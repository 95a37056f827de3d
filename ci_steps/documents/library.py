"""The files of a contract as documents, and where references between them lead."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from ci_steps.comparisons.changes import Contract, Location
from ci_steps.comparisons.files import text_of, unreadable
from ci_steps.documents.identifiers import Identifiers, identifiers_of
from ci_steps.documents.json_file import JsonFile
from ci_steps.documents.node import Document, File, Node, Path
from ci_steps.documents.parts import DocumentError, Parts
from ci_steps.documents.shapes import Shape, Shapes
from ci_steps.errors import ContractError

_MOST_FILES = 2_000
_SCHEMES = {"http", "https", "ftp", "ftps"}


class Library:
    """The documents of a contract, read when something refers to them.

    Of two releases the second one *shared* what it read with the first: equal parts are read once.
    """

    def __init__(self, contract: Contract, shared: Library | None = None) -> None:
        self._contract = contract
        self.parts: dict[str, Parts] = shared.parts if shared else {}
        self.shapes: Shapes = shared.shapes if shared else Shapes()
        # The schemas of a document by those that they extend, where somebody asked.
        self.extending: dict[str, dict[Path, list[Node]]] = {}
        self._documents: dict[str, Document] = {}
        self._identifiers: dict[str, Identifiers] = {}
        self._targets: dict[tuple[str, str], Node] = {}

    def document(self, name: str) -> Document:
        """Return a file of the contract; ContractError if it cannot be read."""
        if name not in self._documents:
            if len(self._documents) >= _MOST_FILES:
                raise ContractError(f"{self._contract.name}: more than {_MOST_FILES:,} files")
            # Of two releases the file to start at may be called otherwise.
            role = "" if name == self._contract.main else name
            parts = self.parts.setdefault(role, Parts())
            self._documents[name] = Document(_read(self._contract, name, parts), self)
        return self._documents[name]

    def resolved(self, node: Node) -> Node:
        """Return what *node* stands for: itself, or what its `$ref` leads to in the end."""
        seen: set[tuple[str, Path]] = set()
        while (reference := _reference(node.value)) is not None:
            if node.place in seen:
                raise self.wrong(node, f"$ref {reference!r} leads to itself")
            seen.add(node.place)
            node = self.target(node, reference)
        return node

    def target(self, node: Node, reference: str) -> Node:
        """Return where a reference of *node* leads; ContractError if that is nowhere."""
        known = (node.document.file.name, reference)
        if known not in self._targets:
            self._targets[known] = self._found(node, reference)
        return self._targets[known]

    def check(self, *wanted: tuple[Node, Shape]) -> None:
        """Raise all that is wrong at once: values of another shape, references to nowhere."""
        problems = [one for node, shape in wanted for one in self.shapes.wrong(node, shape)]
        if problems:
            raise all_of(problems)

    def wrong(self, node: Node, reason: str) -> ContractError:
        """Return the error that something is wrong at *node*."""
        return unreadable(self._contract, node.location, reason)

    def _found(self, node: Node, reference: str) -> Node:
        file, _, fragment = reference.partition("#")
        own = self.document(node.document.file.name)
        start = self._file(node, reference, file) if file else own.root
        fragment = unquote(fragment) if "%" in fragment else fragment
        if fragment and not fragment.startswith("/"):
            path = self._of(start.document).anchors.get(fragment)
            target = _at(start.document.root, path) if path is not None else None
        else:
            target = _pointed(start, fragment)
        if target is None:
            raise self.wrong(node, f"$ref {reference!r} leads to nothing")
        return target

    def _file(self, node: Node, reference: str, file: str) -> Node:
        own = node.document.file.name
        identifiers = self._of(node.document)
        known = identifiers.ids.get(urljoin(identifiers.own, file))
        if known is not None:
            return _at(node.document.root, known)
        if urlsplit(file).scheme in _SCHEMES or file.startswith("//"):
            raise self.wrong(node, f"$ref {reference!r} is not read: nothing is over the network")
        name = posixpath.normpath(posixpath.join(posixpath.dirname(own), unquote(file)))
        is_elsewhere = PurePosixPath(name).is_absolute() or name.split("/")[0] in {"..", "file:"}
        if is_elsewhere:
            raise self.wrong(node, f"$ref {reference!r} leads out of the folder of the contract")
        if self._contract.files.get(name) is None:
            raise self.wrong(node, f"$ref {reference!r}: there is no file {name}")
        return self.document(name).root

    def _of(self, document: Document) -> Identifiers:
        name = document.file.name
        if name not in self._identifiers:
            self._identifiers[name] = identifiers_of(document.file.value)
        return self._identifiers[name]


def all_of(problems: Iterable[ContractError]) -> ContractError:
    """Return one error that says every problem once, in the order in which they were found."""
    errors = list(problems)
    return ContractError("\n".join(dict.fromkeys(map(str, errors))), hint=errors[0].hint)


def _read(contract: Contract, name: str, parts: Parts) -> File:
    text = text_of(contract, name)
    try:
        if text.lstrip()[:1] in {"{", "["}:
            try:
                return JsonFile(name, text, parts)
            except DocumentError:
                if name.lower().endswith(".json"):
                    raise
                # YAML may begin as JSON does; what is wrong is said as YAML says it.
                return _yaml(name, text, Parts())
        if name.lower().endswith(".json"):
            return JsonFile(name, text, parts)
        return _yaml(name, text, parts)
    except DocumentError as error:
        raise unreadable(contract, Location(name, error.line), str(error)) from error


def _yaml(name: str, text: str, parts: Parts) -> File:
    from ci_steps.documents.yaml_file import YamlFile  # who reads JSON has no need of YAML

    return YamlFile(name, text, parts)


def _reference(value: Any) -> str | None:
    found = value.get("$ref") if value.__class__ is dict else None
    return found if found.__class__ is str else None


def _at(node: Node, path: Path) -> Node:
    value: Any = node.value
    for key in path:
        value = value[key]
    return Node(node.document, (*node.path, *path), value)


def _pointed(node: Node, pointer: str) -> Node | None:
    """Return what a JSON pointer leads to, None if there is nothing."""
    path: list[str | int] = list(node.path)
    value: Any = node.value
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~") if "~" in part else part
        if isinstance(value, dict) and key in value:
            path.append(key)
            value = value[key]
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            path.append(int(key))
            value = value[int(key)]
        else:
            return None
    return Node(node.document, tuple(path), value)
