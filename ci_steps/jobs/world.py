"""What is around the plan of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ci_steps.console import Console
from ci_steps.model import Evidence
from ci_steps.outside import Outside
from ci_steps.protocols import Facts, Host

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary


@dataclass(frozen=True)
class World:
    """Everything around a plan: where it runs and what it writes to."""

    outside: Outside
    console: Console
    host: Host
    facts: Facts
    dictionary: Dictionary
    ask: Callable[[str], str] = lambda question: ""

    def shown(self, evidence: Evidence) -> Evidence:
        """Return evidence without the secrets that a program or a person may have written."""
        if evidence.kind == "container-build":
            return evidence  # its text is what the image is called
        text, reason = map(self.console.masked, (evidence.text, evidence.reason))
        return replace(evidence, text=text, reason=reason)
