"""PromQL about the calls of a line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# A rise is seen between two scrapes, which are usually a minute or two apart.
_RISE = "10m"
# How exactly a last call is found.
_STEP = "5m"


@dataclass(frozen=True)
class Calls:
    """The counter of a service's requests, and which of its labels say what.

    `labels` must be equal. `not_callers` are names or patterns (RE2) of whoever only looks
    whether the service is well.
    """

    metric: str
    labels: Mapping[str, str]
    version_label: str
    caller_label: str
    not_callers: tuple[str, ...] = ()

    def scraped(self, line: str, span: str) -> str:
        """Ask how many samples there are of the line, those of health checks included.

        That another line is scraped does not say that this one is.
        """
        return f"sum(count_over_time({self._series(self._version(line))}[{span}]))"

    def without_version(self, span: str) -> str:
        """Ask for calls that belong to no version: some of them may be of the line."""
        unknown = self._series(f'{self.version_label}=""', *self._no_checks())
        return f"sum(increase({unknown}[{span}])) > 0"

    def risen(self, line: str, span: str) -> str:
        """Ask when each caller's counter rose for the last time, in seconds since 1970."""
        return self._last(f"increase({self._of(line)}[{_RISE}]) > 0", span)

    def begun(self, line: str, span: str) -> str:
        """Ask when a counter of each caller that is not zero was there for the first time.

        Whoever calls only once leaves a series that never rises.
        """
        of_line = self._of(line)
        return self._last(f"({of_line} > 0) unless ({of_line} offset {_RISE})", span)

    def counted(self, line: str, span: str) -> str:
        """Ask how often each caller called the line."""
        return f"sum by ({self.caller_label}) (increase({self._of(line)}[{span}])) > 0"

    def _last(self, moments: str, span: str) -> str:
        last = f"max_over_time(timestamp({moments})[{span}:{_STEP}])"
        return f"max by ({self.caller_label}) ({last})"

    def _of(self, line: str) -> str:
        return self._series(self._version(line), *self._no_checks())

    def _version(self, line: str) -> str:
        """Match the versions of a line: 1 is written 1, v1, 1.4.2 or v1_20171001-2."""
        return f"{self.version_label}=~{quoted(f'v?{re.escape(line)}([._-].*)?')}"

    def _no_checks(self) -> Iterable[str]:
        if self.not_callers:
            yield f"{self.caller_label}!~{quoted('|'.join(self.not_callers))}"

    def _series(self, *matchers: str) -> str:
        equal = [f"{name}={quoted(value)}" for name, value in self.labels.items()]
        return f"{self.metric}{{{','.join([*equal, *matchers])}}}"


def quoted(text: str) -> str:
    """Return a string literal of PromQL, whatever is in *text*."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
