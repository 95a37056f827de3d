"""Read the version off the labels of the containers that run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ci_steps.images.labels import TITLE, VERSION
from ci_steps.options import option
from ci_steps.probing.running_containers import Asked, read_labels

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.protocols import Found, Question


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `docker`."""

    labels: dict[str, str] = option(
        {TITLE: "{provider}"},
        "Labels that the provider's containers have; {provider} and {environment} are filled in.",
    )
    version_label: str = option(VERSION, "Label that holds the version.")
    lines: bool = option(
        False,
        "Whether callers choose a line; otherwise all containers must be of one version.",
    )
    port: int = option(
        0, "Port that tells the address of a container; 0 is the only one it has.", at_least=0
    )
    context: str = option(
        "", "Context of docker; {environment} is filled in.", example="shop-{environment}"
    )


def ask(question: Question, options: Options, outside: Outside) -> tuple[Found, ...]:
    """Return what every container of the provider says; at build time none is asked."""
    if not question.environment:
        return ()
    asked = Asked(
        labels=tuple(f"{name}={question.filled(text)}" for name, text in options.labels.items()),
        version_label=options.version_label,
        port=options.port,
        context=question.filled(options.context),
        by_line=options.lines,
    )
    return read_labels(asked, question, outside)
