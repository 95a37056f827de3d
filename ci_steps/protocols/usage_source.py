"""How it is seen who calls a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from ci_steps.usage import Usage, UsageQuestion

if TYPE_CHECKING:
    from ci_steps.outside import Outside


class UsageSource(Protocol):
    """A way to see who calls a line: ``usages/prometheus.py``, ``usages/access_log.py``."""

    @property
    def Options(self) -> type[Any]:  # noqa: N802
        """What ci-steps.yaml may say under the source's name."""

    def observe(self, question: UsageQuestion, options: Any, outside: Outside) -> Usage:
        """Return what was seen; a problem is an answer too, nothing is raised."""
