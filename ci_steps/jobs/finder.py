"""Which versions of a provider are there? Asked once a job, and what answered is kept."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from ci_steps import registry
from ci_steps.config.plan import Plugged
from ci_steps.protocols import Found, Question

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from ci_steps.dictionary.drift import Observation
    from ci_steps.dictionary.store import Dictionary
    from ci_steps.outside import Outside
    from ci_steps.versions import Version

# Without a word in the configuration: the addresses the dictionary knows, then its own word.
_USUAL = ("http", "dictionary")


class Finder:
    """Asks which versions of a provider are there; one answer is asked once."""

    def __init__(
        self,
        probes: Mapping[str, tuple[Plugged, ...]],
        outside: Outside,
        dictionary: Dictionary,
        timeout_seconds: float = 5.0,
    ) -> None:
        self._probes, self._outside, self._dictionary = probes, outside, dictionary
        self._timeout_seconds = timeout_seconds
        self._known: dict[tuple[str, str], tuple[Found, ...]] = {}
        self._seen: list[Observation] = []
        self._reading = Lock()

    def __call__(self, provider: str, environment: str) -> tuple[Found, ...]:
        """Return every answer about *provider*; with no environment, about all of them."""
        key = (provider, environment)
        if key not in self._known:
            with self._reading:
                live = self._dictionary.live(environment, provider)
            question = Question(provider, environment, live, self._timeout_seconds)
            self._known[key] = tuple(
                found for probe in self._asked(provider) for found in self._ask(probe, question)
            )
            self._note(question, self._known[key])
        return self._known[key]

    def forget(self) -> None:
        """Ask anew from now on: something was deployed."""
        self._known.clear()

    def keep_observations(self) -> None:
        """Write what answered since the last time: one transaction, however many were asked."""
        seen, self._seen = self._seen, []
        if not seen:
            return
        from ci_steps.dictionary import drift

        self._dictionary.write(lambda connection: drift.observe(connection, seen))

    def _note(self, question: Question, found: Sequence[Found]) -> None:
        """Remember what really answered; what exists, or is only recorded, was not observed.

        Of several replicas at one address the last word is that of one that is not as recorded.
        """
        if not question.environment:
            return
        from ci_steps.dictionary.drift import Observation

        now = self._outside.now()
        recorded = {one.version for one in question.live}
        self._seen.extend(
            Observation(
                question.provider,
                question.environment,
                one.address or one.where,
                one.version,
                now,
                one.problem,
            )
            for one in sorted(found, key=lambda one: _surprise(one, recorded))
            if not one.released and not one.recorded
        )

    def _asked(self, provider: str) -> tuple[Plugged, ...]:
        configured = self._probes.get(provider)
        if not configured:
            return tuple(map(_usual, _USUAL))
        named = {probe.name for probe in configured}
        return configured if "dictionary" in named else (*configured, _usual("dictionary"))

    def _ask(self, probe: Plugged, question: Question) -> tuple[Found, ...]:
        found: tuple[Found, ...] = probe.module.ask(question, probe.options, self._outside)
        return found


def _surprise(one: Found, recorded: Collection[Version]) -> int:
    if one.version is None:
        return 1
    return 0 if one.version in recorded else 2


def _usual(name: str) -> Plugged:
    module: Any = registry.PROBES[name]
    return Plugged(name, module, module.Options())
