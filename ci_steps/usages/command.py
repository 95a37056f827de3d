"""Ask a command of the user who calls a line: whatever monitoring there is.

It gets `CI_STEPS_SERVICE`, `CI_STEPS_LINE`, `CI_STEPS_ENVIRONMENT`, `CI_STEPS_SINCE` and
`CI_STEPS_AT`, and answers with one JSON document on its standard output:

    {"observed_since": "2026-10-01T00:00:00Z", "last_call": null,
     "callers": [{"name": "billing", "calls": 740, "last_call": "2026-11-11T08:00:00Z"}]}
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs

from ci_steps.errors import CiStepsError, OutsideError
from ci_steps.moments import iso_moment, iso_text
from ci_steps.options import REQUIRED, Command, option
from ci_steps.outside.processes import written
from ci_steps.usage import Caller, Usage

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.usage import UsageQuestion

_KEYS = {"observed_since", "last_call", "callers"}
_CALLER_KEYS = {"name", "calls", "last_call"}


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `command`."""

    command: Command = option(
        REQUIRED, "The program and its arguments.", example=["python3", "usage.py"]
    )
    timeout_seconds: float = option(60.0, "Seconds it may take.", at_least=0.1)


def observe(question: UsageQuestion, options: Options, outside: Outside) -> Usage:
    """Run the command and read its answer strictly."""
    source = f"command {options.command[0]}" if options.command else "command"
    told = {
        "CI_STEPS_SERVICE": question.service,
        "CI_STEPS_LINE": question.line,
        "CI_STEPS_ENVIRONMENT": question.environment,
        "CI_STEPS_SINCE": iso_text(question.since),
        "CI_STEPS_AT": iso_text(question.at),
    }
    try:
        ran = outside.ask(options.command, env=told, timeout_seconds=options.timeout_seconds)
    except CiStepsError as error:
        return Usage(source, problem=str(error))
    if not ran.ok:
        return Usage(source, problem=f"{written(options.command)}: {ran.how}")
    try:
        return _usage(source, json.loads(ran.output))
    except (ValueError, RecursionError, OutsideError) as error:
        return Usage(source, problem=f"its answer is not understood: {error}")


def _usage(source: str, document: Any) -> Usage:
    _check(document, _KEYS, "the answer")
    if not document.get("observed_since"):
        return Usage(source, problem="it observed nothing")
    since = _moment(document, "observed_since")
    callers = tuple(map(_caller, document.get("callers") or ()))
    times = [one.last_call for one in callers] + [_moment(document, "last_call")]
    last = max((one for one in times if one), default=None)
    return Usage(source, since, last, callers)


def _caller(document: Any) -> Caller:
    _check(document, _CALLER_KEYS, "a caller")
    name, calls = document.get("name"), document.get("calls", 0)
    if not isinstance(name, str) or not name:
        raise OutsideError("a caller has no name")
    if not isinstance(calls, int) or isinstance(calls, bool) or calls < 0:
        raise OutsideError(f"calls of {name}: expected a whole number, got {calls!r}")
    return Caller(name, calls, _moment(document, "last_call"))


def _check(document: Any, known: set[str], what: str) -> None:
    if not isinstance(document, dict):
        raise OutsideError(f"{what} is no JSON object")
    unknown = sorted(set(document) - known)
    if unknown:
        raise OutsideError(f"{what} has an unknown key {unknown[0]!r}")


def _moment(document: dict[str, Any], key: str) -> datetime | None:
    value = document.get(key)
    if value is None:
        return None
    try:
        moment = iso_moment(str(value))
    except ValueError:
        raise OutsideError(f"{key}: {value!r} is not a time") from None
    if moment.tzinfo is None:
        raise OutsideError(f"{key}: {value!r} has no time zone")
    return moment
