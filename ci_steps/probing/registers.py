"""Instances of a service as a register of services has them, read over HTTP as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ci_steps.addresses import is_protected, is_web
from ci_steps.deploying.replicas import agreeing
from ci_steps.errors import OutsideError
from ci_steps.probing.labelled import said
from ci_steps.protocols import Found

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_steps.outside import Outside
    from ci_steps.outside.web import Answer

_LIMIT_BYTES = 2_000_000
_SHOWN_CHARACTERS = 200
_REDIRECTS = range(300, 400)
_WHO = {401: "wants to know who asks", 403: "does not let us read it"}


@dataclass(frozen=True)
class Instance:
    """One instance: where it answers, its state, and the version that was registered with it."""

    name: str
    state: str
    version: object
    address: str = ""


@dataclass(frozen=True)
class Register:
    """A register at *url*, and the headers that say who asks.

    They are secret, and go nowhere without TLS but on this machine.
    """

    url: str
    outside: Outside
    secrets: Mapping[str, str]
    timeout_seconds: float

    def read(self, path: str) -> Answer:
        """Return what it answers, whatever that is; OutsideError if nothing does."""
        if not is_web(self.url):
            raise OutsideError("only http and https addresses can be asked")
        if self.secrets and not is_protected(self.url):
            raise OutsideError("a secret is not sent without TLS: write https://")
        return self.outside.get(
            f"{self.url.rstrip('/')}{path}",
            headers={"Accept": "application/json", **self.secrets},
            timeout_seconds=self.timeout_seconds,
            limit_bytes=_LIMIT_BYTES,
            follow_redirects=False,
        )


def document_in(answer: Answer, kind: type[Any]) -> Any:
    """Return the JSON of an answer; OutsideError says what came instead."""
    if answer.status in _WHO:
        raise OutsideError(f"it {_WHO[answer.status]} (HTTP {answer.status})")
    if answer.status in _REDIRECTS:
        raise OutsideError("it redirects, which is not followed")
    if not answer.ok:
        raise OutsideError(f"it answers HTTP {answer.status}")
    try:
        document = json.loads(answer.text)
    except (ValueError, RecursionError):
        what = "HTML or XML" if answer.text.lstrip().startswith("<") else "no JSON"
        raise OutsideError(f"the answer is {what}") from None
    if not isinstance(document, kind):
        raise OutsideError("the answer is JSON of another form")
    return document


def found_of(
    instances: Iterable[Instance], good: str, what: str, where: str, *, by_line: bool
) -> tuple[Found, ...]:
    """Return what the instances say whose state is *good*; none is a problem.

    *what* is where the version stands, *where* names the service in its register.
    """
    known = tuple(instances)
    here = tuple(one for one in known if one.state == good)
    if not here:
        return (Found(where, problem=_nobody(known, good)),)
    return agreeing((_found(one, what, where) for one in here), by_line=by_line)


def _found(one: Instance, what: str, where: str) -> Found:
    place = f"{where}: {_plain(one.name)}"
    address = _plain(one.address) or place
    if one.version is None:
        return Found(place, problem=f"it is registered without {what}", address=address)
    return said(place, one.version, what, address)


def _plain(text: str) -> str:
    """Return *text* so that whoever registered it writes no lines of ours."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", text)[:_SHOWN_CHARACTERS]


def _nobody(known: tuple[Instance, ...], good: str) -> str:
    if not known:
        return "nobody is registered"
    states = ", ".join(sorted({_plain(one.state) for one in known}))
    return f"none of {len(known)} registered is {good}, but {states}"
