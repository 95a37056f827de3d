"""Read the version off the labels of the containers that Compose runs, line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ci_steps.deploying.containers import PROJECT, SERVICE
from ci_steps.images.labels import VERSION
from ci_steps.options import option
from ci_steps.probing.running_containers import Asked, read_labels

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.protocols import Found, Question


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `compose`."""

    service: str = option("{provider}", "Name of the service in its file of Compose.")
    project: str = option(
        "",
        "Its project; {provider} and {environment} are filled in. Without one, every project "
        "that has the service, and each may be another line.",
        example="shop-{environment}",
    )
    version_label: str = option(VERSION, "Label that holds the version.")
    port: int = option(
        0, "Port that tells the address of a container; 0 is the only one it has.", at_least=0
    )
    context: str = option(
        "", "Context of docker; {environment} is filled in.", example="shop-{environment}"
    )


def ask(question: Question, options: Options, outside: Outside) -> tuple[Found, ...]:
    """Return what every container of the service says; at build time none is asked."""
    if not question.environment:
        return ()
    project = question.filled(options.project)
    asked = Asked(
        labels=(
            f"{SERVICE}={question.filled(options.service)}",
            *((f"{PROJECT}={project}",) if project else ()),
        ),
        version_label=options.version_label,
        port=options.port,
        context=question.filled(options.context),
        group=lambda container: container.labels.get(PROJECT, ""),
    )
    return read_labels(asked, question, outside)
