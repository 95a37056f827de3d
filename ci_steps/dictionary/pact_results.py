"""Results of Pact verifications, as JSON, read as verifications.

Shapes
    What the Pact Broker answers for ``GET …/verification-results/{number}``:
    ``{"providerName", "providerApplicationVersion", "success", "buildUrl",
    "verificationDate", "_links": {"pb:pact-version": {"href":
    "…/pacts/provider/P/consumer/C/version/V"}}}``; also a list of them under
    ``_embedded.verificationResults``, as for ``…/verification-results/…/latest``.
    What is posted to publish one: the same without the names, which the command line gives.
    The matrix of the broker, ``GET /matrix``: ``{"matrix": [{"consumer": {"name", "version":
    {"number"}}, "provider": {…}, "verificationResult": {"success", "verifiedAt"}}]}``; rows
    that nobody has verified have no result and are left out.
    The report of pact_verifier (``pact_verifier_cli --json FILE``): ``{"result", "errors",
    "pendingErrors", "notices", "output"}``; it names neither services nor versions.
Source
    https://docs.pact.io/pact_broker/advanced_topics/api_docs/publish_verification_result/,
    VerificationDecorator, VerificationSummaryDecorator and MatrixDecorator of
    pact-foundation/pact_broker, verifier-results.schema.json of pact_verifier.

Pact lets a version be any text, most often the commit: such a side has the commit instead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any
from urllib.parse import unquote, urlsplit

from ci_steps.dictionary.commits import commit_in
from ci_steps.errors import ConfigError, Problem, UsageError, VersionError
from ci_steps.moments import iso_moment
from ci_steps.versions import Version, check_name, parse_version

_PACT = re.compile(r"/pacts/provider/([^/]+)/consumer/([^/]+)/version/([^/]+)")
_SHAPES = (
    "Known are a verification result or the matrix of a Pact Broker, and the JSON report of "
    "pact_verifier."
)


@dataclass(frozen=True)
class Party:
    """One of the two that were tried together, as far as somebody says; a name may be all.

    Of a version that is none of ours, `commit` is what it was built of.
    """

    name: str = ""
    version: Version | None = None
    commit: str = ""

    def __str__(self) -> str:
        """Return how the command line writes it."""
        version = str(self.version or self.commit)
        return f"{self.name}@{version}" if version else self.name


@dataclass(frozen=True)
class Tried:
    """Two sides that were tried together, and the place in the file that says so."""

    place: Problem
    dependent: Party
    provider: Party
    passed: bool
    url: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Results:
    """What a file says was tried, and what it says that is about nothing of ours."""

    tried: tuple[Tried, ...]
    left_out: tuple[Problem, ...] = ()


class _NotOursError(UsageError):
    """A name or a version that Pact allows, and that no service or release of ours can have."""


@dataclass(frozen=True)
class _Said:
    """What one result says, as it is written there."""

    where: str
    passed: object
    dependent: tuple[object, object] = (None, None)
    provider: tuple[object, object] = (None, None)
    url: object = None
    at: object = None


def read_results(
    text: str, file: str, dependent: Party = Party(), provider: Party = Party()
) -> Results:
    """Return the results in a file; the command line says what the file does not.

    ConfigError names everything that is wrong: nothing of such a file counts. What can be about
    nothing of ours is left out.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        line, reason = getattr(error, "lineno", 0), str(error).partition(":")[0].lower()
        raise ConfigError([Problem(file, line, "", f"is not JSON: {reason}")]) from None
    found: list[Tried] = []
    left_out: list[Problem] = []
    problems: list[Problem] = []
    for said in _results(content):
        place = Problem(file, 0, said.where, "")
        try:
            found.append(_tried(said, place, dependent, provider))
        except _NotOursError as error:
            left_out.append(replace(place, text=str(error)))
        except UsageError as error:
            problems.append(replace(place, text=str(error)))
    if problems:
        raise ConfigError(problems)
    if not found and not left_out:
        raise ConfigError([Problem(file, 0, "", "holds no result of a verification")], hint=_SHAPES)
    return Results(tuple(found), tuple(left_out))


def _results(content: Any) -> Iterator[_Said]:
    if not isinstance(content, Mapping):
        return
    if "matrix" in content:
        yield from _matrix(content["matrix"])
    elif "success" in content and _embedded(content) is None:
        yield _published(content, "")
    elif "result" in content:
        yield _report(content)
    else:
        for index, one in enumerate(_embedded(content) or ()):
            if isinstance(one, Mapping):
                yield _published(one, f"_embedded.verificationResults[{index}]")


def _embedded(content: Mapping[str, Any]) -> list[Any] | None:
    found = _at(content, "_embedded", "verificationResults")
    return found if isinstance(found, list) else None


def _published(one: Mapping[str, Any], where: str) -> _Said:
    link = _at(one, "_links", "pb:pact-version", "href")
    match = _PACT.search(urlsplit(link).path) if isinstance(link, str) else None
    provider, consumer, version = map(unquote, match.groups()) if match else ("", "", "")
    return _Said(
        where,
        one.get("success"),
        dependent=(consumer, version),
        provider=(one.get("providerName") or provider, one.get("providerApplicationVersion")),
        url=one.get("buildUrl"),
        at=one.get("verificationDate"),
    )


def _matrix(rows: Any) -> Iterator[_Said]:
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        if not isinstance(row, Mapping) or not isinstance(row.get("verificationResult"), Mapping):
            continue
        result = row["verificationResult"]
        yield _Said(
            f"matrix[{index}]",
            result.get("success"),
            dependent=(_at(row, "consumer", "name"), _at(row, "consumer", "version", "number")),
            provider=(_at(row, "provider", "name"), _at(row, "provider", "version", "number")),
            url=_at(result, "_links", "self", "href"),
            at=result.get("verifiedAt"),
        )


def _report(content: Mapping[str, Any]) -> _Said:
    if content.get("interactionResults") == []:
        # A provider that was asked nothing answers everything.
        return _Said("interactionResults", "nothing was verified")
    return _Said("", content["result"])


def _tried(said: _Said, place: Problem, dependent: Party, provider: Party) -> Tried:
    if not isinstance(said.passed, bool):
        raise UsageError(f"expected true or false as the result, got {said.passed!r}")
    return Tried(
        place,
        _party(said.dependent, dependent, "dependent"),
        _party(said.provider, provider, "provider"),
        said.passed,
        said.url if isinstance(said.url, str) else "",
        _moment(said.at),
    )


def _party(said: tuple[object, object], given: Party, role: str) -> Party:
    """Return one side; the command line may add to what the file says, not contradict it."""
    name, written = said
    version, commit = _version(written) if written else (given.version, "")
    found = Party(_service_name(name) if name else given.name, version, commit)
    if not found.name or not (found.version or found.commit):
        missing = "name" if not found.name else "version"
        raise UsageError(f"the {missing} of the {role} is not said: give {role.upper()}@VERSION")
    for part in ("name", "version"):
        if getattr(given, part) not in {"", None, getattr(found, part)}:
            raise UsageError(f"the {role} is {found}, and the command line says {given}")
    return found


def _version(written: object) -> tuple[Version | None, str]:
    """Return a version, or the commit in a text that is none of ours."""
    try:
        return parse_version(written), ""  # type: ignore[arg-type]  # says what is wrong with others
    except VersionError:
        if not isinstance(written, str):
            raise
    commit = commit_in(written)
    if not commit:
        raise _NotOursError(f"{written!r} is neither a version of ours nor a commit")
    return None, commit


def _service_name(name: object) -> str:
    """Return the name of a service; people call it GIS Service where we say gis-service."""
    text = name if isinstance(name, str) else str(name)
    try:
        return check_name(re.sub(r"[\s_]+", "-", text.strip().lower()), long_form=True)
    except UsageError as error:
        raise _NotOursError(str(error)) from None


def _moment(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        moment = iso_moment(text)
    except ValueError:
        raise UsageError(f"{text[:40]!r} is not a time") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _at(content: Any, *keys: str) -> Any:
    for key in keys:
        if not isinstance(content, Mapping):
            return None
        content = content.get(key)
    return content
