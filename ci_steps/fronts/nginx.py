"""Write what callers of a line meet into a file that a location of nginx includes.

    location /v1/ { include /etc/nginx/lines/auth-1.conf; proxy_pass http://auth_v1; }

The file has to be there before nginx starts, at first an empty one. Who calls a line that is
gone is in the access log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ci_steps.lifecycle.snippets import nginx
from ci_steps.options import REQUIRED, Command, option
from ci_steps.placing import place_file, remove_image

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.protocols import Leaving, Progress


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `nginx`."""

    file: str = option(
        REQUIRED,
        "The file; {service}, {line} and {environment} are set.",
        example="/etc/nginx/lines/{service}-{line}.conf",
    )
    reload: Command = option(
        Command(("nginx", "-s", "reload")),
        "The program that lets nginx read it, and its arguments.",
    )
    remove: Command = option(
        Command(()), "The program that removes the image of the line, told in CI_STEPS_… what."
    )


def meet(leaving: Leaving, options: Options, outside: Outside, progress: Progress) -> str:
    """Write the file and let nginx read it; for the last step remove the image first."""
    if leaving.step == "removed":
        remove_image(leaving, options.remove, outside, progress)
    return place_file(leaving, options.file, nginx(leaving), options.reload, outside, progress)
