"""Pact files, specification 2 to 4 -> what their consumer uses.

Shapes
    2: ``interactions[] {description, request {method, path, query "a=1&b=2", headers, body,
    matchingRules {"$.body.x": …}}, response {status, headers, body, matchingRules}}``.
    3: ``query {"a": ["1"]}``, ``matchingRules {"body": {"$.x": …}, "query": …}``; messages lie
    under ``messages[] {contents}``.
    4: ``interactions[] {type "Synchronous/HTTP", …, body {contentType, encoded, content}}``,
    values of headers are lists, and messages are interactions of another type.
Source
    https://github.com/pact-foundation/pact-specification, versions 2, 3 and 4. A provider may
    always answer more than is expected, so what is not in the expected body is not read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from ci_steps.errors import ConfigError, Problem
from ci_steps.uses.fields import fields_in, read_field
from ci_steps.uses.operations import METHODS
from ci_steps.uses.values import EACH, Call, Field, Uses

_HTTP = "Synchronous/HTTP"
_VERSIONS = ("2", "3", "4")
# Where the rules of a body begin; in a list with those of headers and paths, or in one of its own.
_AMONG_OTHERS = re.compile(r"\$\.body(?![\w-])")
_OF_ITS_OWN = re.compile(r"\$")
# They say what is exchanged, and are no demand on the API.
_USUAL_HEADERS = {"accept", "content-type", "content-length", "host", "user-agent"}


def read_pact(text: str, file: str) -> Uses:
    """Return what the consumer of a pact uses; ConfigError with all that is wrong with *file*."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        reason = f"is not JSON: {error.msg.lower()}"
        raise ConfigError([Problem(file, error.lineno, "", reason)]) from None
    except RecursionError:
        raise ConfigError([Problem(file, 0, "", "is nested too deeply")]) from None
    reading = _Reading(file)
    uses = reading.pact(document)
    if reading.problems:
        raise ConfigError(reading.problems)
    return uses


@dataclass
class _Reading:
    """Reads one file, and gathers what is wrong with it."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def pact(self, document: object) -> Uses:
        if not isinstance(document, dict) or not {"interactions", "messages"} & set(document):
            self._wrong("", "is not a pact: it has neither interactions nor messages")
            return Uses()
        self._check_version(document)
        found = [
            self._interaction(f"interactions[{index}]", one)
            for index, one in self._list(document, "interactions")
        ]
        found += [self._message(one) for _, one in self._list(document, "messages")]
        return _together(found)

    def _check_version(self, document: Mapping[str, Any]) -> None:
        version = _specification(document.get("metadata"))
        if version and version.partition(".")[0] not in _VERSIONS:
            text = f"pact specification {version} is not known, only {', '.join(_VERSIONS)}"
            self._wrong("metadata", text)

    def _interaction(self, key: str, one: object) -> Uses:
        if not isinstance(one, dict):
            self._wrong(key, "expected an interaction with a request and a response")
            return Uses()
        if one.get("type", _HTTP) != _HTTP:
            return self._message(one)
        request = self._part(one, key, "request")
        response = self._part(one, key, "response")
        method, path = request.get("method"), request.get("path")
        if not isinstance(method, str) or method.upper() not in METHODS:
            self._wrong(f"{key}.request.method", f"expected a method such as GET, got {method!r}")
        if not isinstance(path, str) or not path.startswith("/"):
            self._wrong(f"{key}.request.path", f"expected a path such as /tokens, got {path!r}")
        if self.problems:
            return Uses()
        said = f"{self.file}: {one.get('description') or key}"
        return Uses((_call(str(method).upper(), unquote(str(path)), said, request, response),))

    def _message(self, one: object) -> Uses:
        said = one.get("description", "") if isinstance(one, dict) else ""
        return Uses(unmapped=(f"{self.file}: the message {said!r} is no HTTP operation",))

    def _part(self, one: Mapping[str, Any], key: str, name: str) -> Mapping[str, Any]:
        part = one.get(name)
        if isinstance(part, dict):
            return part
        self._wrong(f"{key}.{name}", "must be given" if part is None else "expected an object")
        return {}

    def _list(self, document: Mapping[str, Any], key: str) -> Iterator[tuple[int, Any]]:
        value = document.get(key)
        if value is not None and not isinstance(value, list):
            self._wrong(key, "expected a list")
        yield from enumerate(value if isinstance(value, list) else ())

    def _wrong(self, key: str, text: str) -> None:
        self.problems.append(Problem(self.file, 0, key, text))


def _together(found: list[Uses]) -> Uses:
    """Return what all use; adding them one by one would take the square of their number."""
    calls = dict.fromkeys(call for one in found for call in one.calls)
    unmapped = dict.fromkeys(sentence for one in found for sentence in one.unmapped)
    return Uses(tuple(calls), unmapped=tuple(unmapped))


def _specification(metadata: object) -> str:
    """Return the version of the specification; its key has had several names."""
    if not isinstance(metadata, dict):
        return ""
    for key in ("pactSpecification", "pact-specification"):
        if isinstance(metadata.get(key), dict):
            return str(metadata[key].get("version", ""))
    return str(metadata.get("pactSpecificationVersion", ""))


def _call(
    method: str, path: str, said: str, request: Mapping[str, Any], response: Mapping[str, Any]
) -> Call:
    path, _, in_path = path.partition("?")
    return Call(
        method,
        urlsplit(path).path or "/",
        said,
        query=tuple(sorted({*_query(request.get("query")), *_query(in_path)})),
        headers=_headers(request),
        sends=_fields(request),
        status=str(response.get("status", "")),
        reads=_fields(response),
        reads_headers=_headers(response),
    )


def _query(query: object) -> Iterator[str]:
    """Yield the names of parameters; ``ids[]=1`` and ``filter[a]=1`` have their brackets."""
    if isinstance(query, str):
        yield from (name for name, _ in parse_qsl(query, keep_blank_values=True))
    elif isinstance(query, dict):
        yield from map(str, query)


def _headers(part: Mapping[str, Any]) -> tuple[str, ...]:
    headers = part.get("headers")
    names = {str(name).lower() for name in headers} if isinstance(headers, dict) else set()
    return tuple(sorted(names - _USUAL_HEADERS))


def _fields(part: Mapping[str, Any]) -> tuple[Field, ...] | None:
    """Return what is sent or read of a body; None is all of one that is no JSON."""
    if part.get("body") is None:
        return ()
    body = part["body"]
    if isinstance(body, dict) and "content" in body and {"contentType", "encoded"} & set(body):
        if body.get("encoded"):
            return None
        body = body["content"]
    if not isinstance(body, dict | list):
        return None
    fields = fields_in(body)
    return tuple(dict.fromkeys([*fields, *_ruled(part.get("matchingRules"), fields)]))


def _ruled(rules: object, fields: tuple[Field, ...]) -> Iterator[Field]:
    """Yield the fields that only a rule names, and the example has not."""
    if not isinstance(rules, dict):
        return
    in_body = rules.get("body")
    begin = _OF_ITS_OWN if isinstance(in_body, dict) else _AMONG_OTHERS
    known = {way[:length] for way in fields for length in range(len(way) + 1)}
    for written in in_body if isinstance(in_body, dict) else rules:
        root = begin.match(str(written))
        way = (read_field(str(written)[root.end() :]) if root else None) or ()
        # A star at the end is every field of the example.
        while way and way[-1] == EACH:
            way = way[:-1]
        if way and way not in known and not _is_known(way, known):
            yield way


def _is_known(way: Field, known: set[Field]) -> bool:
    """Return whether the example has *way*; a star in it may be the name of any field."""
    return any(
        len(other) == len(way)
        and all(step in (EACH, one) for step, one in zip(way, other, strict=True))
        for other in known
    )
