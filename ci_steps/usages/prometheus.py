"""Ask a Prometheus who calls a line, by the metric with which the service counts its requests.

Whoever checks the health of a service is no caller. An empty answer is not zero calls: perhaps
nothing was scraped. And what was not kept was not observed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import attrs

from ci_steps.errors import CiStepsError
from ci_steps.monitoring.calls import Calls
from ci_steps.monitoring.prometheus_api import Prometheus, Series
from ci_steps.options import REQUIRED, option
from ci_steps.usage import Caller, Usage

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.usage import UsageQuestion

_HOUR = timedelta(hours=1)
_NOBODY = "a caller without a name"


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `prometheus`."""

    url: str = option(
        REQUIRED, "Address of the Prometheus.", example="https://prometheus.shop.example"
    )
    metric: str = option("http_requests_total", "The counter of requests.")
    labels: dict[str, str] = option(
        {},
        "Labels that the service's own series have, {service} and {environment} stand for both; "
        "without them the label service.",
        example={"job": "{service}", "namespace": "{environment}"},
    )
    version: str = option("version", "The label that holds the version.")
    caller: str = option("caller", "The label that holds who calls.")
    not_callers: tuple[str, ...] = option(
        ("health-?check.*", "kube-probe.*", "prometheus"),
        "Names or patterns (RE2) of those who only look whether it is well.",
    )
    token_env: str = option("", "Environment variable with a bearer token, if one is asked for.")
    timeout_seconds: float = option(30.0, "Seconds to wait for one answer.", at_least=0.1)


def observe(question: UsageQuestion, options: Options, outside: Outside) -> Usage:
    """Ask what was observed, and who called."""
    source = f"prometheus {options.metric}"
    try:
        look = _Look(question, _calls(question, options), _server(options, outside))
        return look.usage(source)
    except CiStepsError as error:
        return Usage(source, problem=str(error))


@dataclass(frozen=True)
class _Look:
    question: UsageQuestion
    calls: Calls
    server: Prometheus

    def usage(self, source: str) -> Usage:
        since = self._observed_since()
        if since is None:
            return Usage(
                source, problem=f"no sample of line {self.question.line} within the last hour"
            )
        if self.server.at(self.calls.without_version(self._span), self.question.at):
            label = self.calls.version_label
            return Usage(source, problem=f"there are calls without the label {label}")
        callers = self._callers()
        last = max((one.last_call for one in callers if one.last_call), default=None)
        return Usage(source, since, last, callers)

    @property
    def _span(self) -> str:
        return f"{int((self.question.at - self.question.since).total_seconds())}s"

    def _observed_since(self) -> datetime | None:
        """Return the end of the last hour in which nothing was scraped, None if it is this one."""
        asked = self.question
        hours = int((asked.at - asked.since) / _HOUR)
        start = asked.at - hours * _HOUR
        found = self.server.between(self.calls.scraped(asked.line, "1h"), start, asked.at, _HOUR)
        seen = {round(moment) for moment, _ in (found[0].points if found else ())}
        ends = (asked.at - back * _HOUR for back in range(hours + 1))
        since = None
        for end in ends:
            if round(end.timestamp()) not in seen:
                break
            since = end - _HOUR
        return since

    def _callers(self) -> tuple[Caller, ...]:
        span, asked = self._span, self.question
        last: dict[str, float] = {}
        for expression in (self.calls.risen, self.calls.begun):
            for series in self.server.at(expression(asked.line, span), asked.at):
                name = self._name(series)
                last[name] = max(last.get(name, 0.0), series.number)
        counted = self.server.at(self.calls.counted(asked.line, span), asked.at)
        calls = {self._name(one): round(one.number) for one in counted}
        return tuple(
            Caller(name, calls.get(name, 0), datetime.fromtimestamp(at, timezone.utc))
            for name, at in sorted(last.items())
        )

    def _name(self, series: Series) -> str:
        return series.labels.get(self.calls.caller_label) or _NOBODY


def _calls(question: UsageQuestion, options: Options) -> Calls:
    written = options.labels or {"service": "{service}"}
    labels = {
        name: value.replace("{service}", question.service).replace(
            "{environment}", question.environment
        )
        for name, value in written.items()
    }
    return Calls(options.metric, labels, options.version, options.caller, options.not_callers)


def _server(options: Options, outside: Outside) -> Prometheus:
    token = outside.secret(options.token_env) if options.token_env else ""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Prometheus(options.url, outside, options.timeout_seconds, headers)
