"""The version in what a running service answers over HTTP."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ci_steps.addresses import is_web, without_credentials
from ci_steps.endings import Ending, read_ending
from ci_steps.errors import OutsideError, VersionError
from ci_steps.versions import Version, parse_version

if TYPE_CHECKING:
    from ci_steps.outside import Outside

_LIMIT_BYTES = 100_000
_SHOWN_CHARACTERS = 60
_ACCEPT = "application/json, text/plain;q=0.9, */*;q=0.1"
_REDIRECTS = range(300, 400)


class NoVersionError(OutsideError):
    """Something answered, but not with a version; the message says with what."""


@dataclass(frozen=True)
class Running:
    """What answers: its version, and what it says about its own end, if it does."""

    version: Version
    ending: Ending | None = None


def running_version(
    outside: Outside,
    url: str,
    *,
    key: str = "version",
    header: str = "",
    timeout_seconds: float = 5.0,
) -> Version:
    """Ask *url* which version runs there, as `running` does."""
    return running(outside, url, key=key, header=header, timeout_seconds=timeout_seconds).version


def running(
    outside: Outside,
    url: str,
    *,
    key: str = "version",
    header: str = "",
    timeout_seconds: float = 5.0,
    at: str = "",
) -> Running:
    """Ask *url* what runs there, or the replica of it *at* one address.

    OutsideError says in a few words why there is no answer; it does not repeat the address.
    A redirect is not followed: what answers elsewhere is not what was asked.
    """
    if not is_web(url):
        raise NoVersionError("only http and https addresses can be asked")
    answer = outside.get(
        url,
        headers={"Accept": _ACCEPT},
        timeout_seconds=timeout_seconds,
        limit_bytes=_LIMIT_BYTES,
        follow_redirects=False,
        at=at,
    )
    # The names of headers have no case, and an answer keeps them as they came.
    headers = {name.lower(): value for name, value in answer.headers.items()}
    if answer.status in _REDIRECTS:
        elsewhere = _shorten(without_credentials(headers.get("location", "another address")))
        raise NoVersionError(f"it redirects to {elsewhere}, which is not followed")
    if not answer.ok:
        raise NoVersionError(f"it answers HTTP {answer.status}")
    ending = read_ending(headers)
    if not header:
        return Running(version_in(answer.text, key), ending)
    if header.lower() not in headers:
        raise NoVersionError(f"the answer has no header {header}")
    return Running(version_of(headers[header.lower()].strip()), ending)


def version_in(text: str, key: str = "version") -> Version:
    """Return the version in *text*; NoVersionError says what is there instead.

    Shapes
        ``{"version": "1.1.0"}`` with *key* ``version``, ``{"build": {"version": "1.1.0"}}``
        with *key* ``build.version``, ``"1.1.0"`` as JSON, or the version alone: ``1.1.0``.
    """
    text = text.lstrip("\ufeff").strip()
    if not text:
        raise NoVersionError("the answer is empty")
    if text.startswith("<"):
        raise NoVersionError("the answer is HTML or XML, not a version")
    # Only these two: 1.10 alone is JSON as well, and the number 1.1.
    if text[0] in '{"':
        return version_of(_value(_read_json(text), key))
    return version_of(text)


def _read_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise NoVersionError(f"the answer begins like JSON and is none: {_quote(text)}") from None


def _value(document: Any, key: str) -> Any:
    if not isinstance(document, dict):
        return document
    if key in document:
        return document[key]
    value: Any = document
    for part in key.split("."):
        if not isinstance(value, dict) or part not in value:
            raise NoVersionError(f"the JSON has no {key!r}{_keys_of(value)}")
        value = value[part]
    return value


def _keys_of(value: Any) -> str:
    if not isinstance(value, dict) or not value:
        return ""
    return f", only {_shorten(', '.join(sorted(value)))}"


def version_of(value: object) -> Version:
    """Return the version that *value* is; NoVersionError says what it is instead."""
    if not isinstance(value, str):
        kind = "a number" if isinstance(value, (int, float)) else "no text"
        raise NoVersionError(f"the version is {kind}, {_shorten(json.dumps(value))}")
    try:
        return parse_version(value)
    except VersionError as wrong:
        raise NoVersionError(f"{_quote(value)} is not a version: {wrong.reason}") from None


def _quote(text: str) -> str:
    return repr(_shorten(text))


def _shorten(text: str) -> str:
    # What comes from outside must not write lines of its own.
    line = re.sub(r"[\x00-\x1f\x7f]+", " ", text)
    return line if len(line) <= _SHOWN_CHARACTERS else f"{line[: _SHOWN_CHARACTERS - 1]}…"
