"""Write the backend of a line of HAProxy into a file of its own: `haproxy -f CONFIG -f FILE`.

Who calls a line that is gone is in HAProxy's log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ci_steps.lifecycle.snippets import haproxy
from ci_steps.options import REQUIRED, Command, option
from ci_steps.placing import filled, place_file, remove_image

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.protocols import Leaving, Progress


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `haproxy`."""

    file: str = option(
        REQUIRED,
        "The file; {service}, {line} and {environment} are set.",
        example="/etc/haproxy/lines/{service}-{line}.cfg",
    )
    lines: tuple[str, ...] = option(
        REQUIRED,
        "What stands in the backend whatever callers meet: its servers.",
        example=["server v1 127.0.0.1:8081 check"],
    )
    backend: str = option("{service}-{line}", "The name of the backend.")
    reload: Command = option(
        Command(("systemctl", "reload", "haproxy")),
        "The program that lets HAProxy read it, and its arguments.",
    )
    remove: Command = option(
        Command(()), "The program that removes the image of the line, told in CI_STEPS_… what."
    )


def meet(leaving: Leaving, options: Options, outside: Outside, progress: Progress) -> str:
    """Write the file and let HAProxy read it; for the last step remove the image first."""
    if leaving.step == "removed":
        remove_image(leaving, options.remove, outside, progress)
    inner = [*haproxy(leaving), *options.lines]
    content = "\n".join(
        [
            "# Written by ci-steps retire; the next step writes it anew.",
            f"backend {filled(options.backend, leaving)}",
            *(f"    {line}" for line in inner),
            "",
        ]
    )
    return place_file(leaving, options.file, content, options.reload, outside, progress)
