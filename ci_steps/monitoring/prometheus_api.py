"""Questions in PromQL, and answers as numbers.

https://prometheus.io/docs/prometheus/latest/querying/api/
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ci_steps.addresses import without_credentials
from ci_steps.errors import OutsideError

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from ci_steps.outside import Outside

_LIMIT_BYTES = 20_000_000
_SHOWN_CHARACTERS = 200


@dataclass(frozen=True)
class Series:
    """One time series of an answer: its labels, and points of seconds since 1970 and a number."""

    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]

    @property
    def number(self) -> float:
        """Return the number of the last point."""
        return self.points[-1][1]


@dataclass(frozen=True)
class Prometheus:
    """One server. OutsideError if it does not answer, or not as the API says."""

    url: str
    outside: Outside
    timeout_seconds: float = 30.0
    headers: Mapping[str, str] = field(default_factory=dict)

    def at(self, expression: str, moment: datetime) -> tuple[Series, ...]:
        """Return what *expression* is at *moment*."""
        asked = {"query": expression, "time": f"{moment.timestamp():.3f}"}
        return self._asked("query", asked, "vector", "value")

    def between(
        self, expression: str, start: datetime, end: datetime, step: timedelta
    ) -> tuple[Series, ...]:
        """Return what *expression* is at every *step* from *start* to *end*."""
        asked = {
            "query": expression,
            "start": f"{start.timestamp():.3f}",
            "end": f"{end.timestamp():.3f}",
            "step": f"{step.total_seconds():.0f}",
        }
        return self._asked("query_range", asked, "matrix", "values")

    def _asked(
        self, what: str, parameters: Mapping[str, str], kind: str, key: str
    ) -> tuple[Series, ...]:
        url = f"{self.url.rstrip('/')}/api/v1/{what}?{urlencode(parameters)}"
        try:
            answer = self.outside.get(
                url,
                headers=self.headers,
                timeout_seconds=self.timeout_seconds,
                limit_bytes=_LIMIT_BYTES,
                follow_redirects=False,
            )
        except OutsideError as error:
            raise self._wrong(str(error)) from error
        document = self._document(answer.text, answer.status)
        try:
            if document["status"] != "success":
                raise self._wrong(f"it answers {document.get('error', 'an error without words')}")
            if document["data"]["resultType"] != kind:
                raise self._wrong(f"expected a {kind}, got a {document['data']['resultType']}")
            return tuple(_series(one, key) for one in document["data"]["result"])
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise self._wrong("the answer is not that of a Prometheus") from error

    def _document(self, text: str, status: int) -> Any:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise self._wrong(f"it answers HTTP {status} without JSON") from None

    def _wrong(self, reason: str) -> OutsideError:
        line = " ".join(without_credentials(reason).split())
        return OutsideError(f"{without_credentials(self.url)}: {line[:_SHOWN_CHARACTERS]}")


def _series(one: Any, key: str) -> Series:
    raw = [one[key]] if key == "value" else one[key]
    points = tuple((float(moment), float(number)) for moment, number in raw)
    if any(math.isnan(number) for _, number in points):
        raise ValueError("NaN says nothing")
    labels = {str(name): str(value) for name, value in one["metric"].items()}
    return Series(labels, points)
