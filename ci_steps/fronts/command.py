"""Let any command take a line out of service: a gateway's, a cloud's, a script of yours.

It gets CI_STEPS_RETIRE_STEP (nothing where all steps are undone), CI_STEPS_SERVICE,
CI_STEPS_LINE, CI_STEPS_ENVIRONMENT, and all that callers are to meet as JSON in
CI_STEPS_RETIRE. It is told the step that holds now, and may be told the same again.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs

from ci_steps.lifecycle.snippets import headers_of, status_of
from ci_steps.moments import iso_text
from ci_steps.options import REQUIRED, Command, option
from ci_steps.placing import carried_out

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.protocols import Leaving, Progress


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `command`."""

    command: Command = option(
        REQUIRED, "The program and its arguments.", example=["python3", "retire.py"]
    )


def meet(leaving: Leaving, options: Options, outside: Outside, progress: Progress) -> str:
    """Run it; its exit status says whether it is done."""
    told = {
        "step": leaving.step,
        "status": status_of(leaving),
        "headers": headers_of(leaving),
        "brown_outs": [
            {"begin": iso_text(one.begin), "end": iso_text(one.end), "status": one.status}
            for one in leaving.windows
        ],
        "links": dict(leaving.links),
        "slots": list(leaving.slots),
    }
    more = {"CI_STEPS_RETIRE": json.dumps(told)}
    carried_out(leaving, options.command, outside, progress, more)
    return f"{options.command[0]} has done {leaving.step or 'as before'}"
