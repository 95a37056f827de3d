"""Who shares calls out among the lines of a service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ci_steps.outside import Outside


@dataclass(frozen=True)
class Lines:
    """The lines of a service among which the calls to one address are shared out.

    `addresses` are where each of them answers, and `slots` in which instance place, by the line.
    """

    service: str
    environment: str
    addresses: Mapping[str, str]
    slots: Mapping[str, str] = field(default_factory=dict)

    def filled(self, text: str, line: str) -> str:
        """Return *text* with {service}, {environment}, {line} and its {slot} filled in."""
        told = {
            "service": self.service,
            "environment": self.environment,
            "line": line,
            "slot": self.slots.get(line, line),
        }
        for name, value in told.items():
            text = text.replace(f"{{{name}}}", value)
        return text


class Balancer(Protocol):
    """Who shares calls out among lines: ``balancers/haproxy.py``, ``balancers/kubernetes.py``.

    One that may know no parts has ``moves_all_or_none(options)`` as well.
    """

    @property
    def Options(self) -> type[Any]:  # noqa: N802
        """What ci-steps.yaml may say under the balancer's name."""

    def shares(self, lines: Lines, options: Any, outside: Outside) -> Mapping[str, int]:
        """Return the percent of the calls that each line gets now."""

    def shift(
        self, lines: Lines, wanted: Mapping[str, int], options: Any, outside: Outside
    ) -> None:
        """Give each line the percent that is *wanted*; an error says that all is as before."""


@dataclass(frozen=True)
class Traffic:
    """The balancer of an environment with its options, as a step uses it."""

    shares: Callable[[Lines], Mapping[str, int]]
    shift: Callable[[Lines, Mapping[str, int]], None]
    moves_all_or_none: bool = False
