"""Take the dictionary's word for what runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ci_steps.addresses import without_credentials
from ci_steps.protocols import Found

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.protocols import Question


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `dictionary`: nothing, the job knows its dictionary."""


def ask(question: Question, options: Options, outside: Outside) -> tuple[Found, ...]:  # noqa: ARG001 (the shape of a probe)
    """Return what is live in the environment; at build time, what is live anywhere."""
    return tuple(
        Found(
            f"dictionary, {deployment.environment}",
            deployment.version,
            recorded=True,
            address=without_credentials(deployment.address),
        )
        for deployment in question.live
        if question.environment in {"", deployment.environment}
    )
