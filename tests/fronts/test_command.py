"""A command of the user is told what callers are to meet."""

from __future__ import annotations

import json
import sys

import pytest

from ci_steps.errors import RefusedError
from ci_steps.fronts import command
from ci_steps.moments import iso_text
from ci_steps.options import Command
from ci_steps.outside import Outside
from tests.fakes import Shown
from tests.parts.fronts import leaving, now_or_later

_TELLS = """
import os
for name in ("SERVICE", "LINE", "ENVIRONMENT", "RETIRE_STEP", "RETIRE"):
    print(os.environ["CI_STEPS_" + name])
"""


def test_it_is_told_the_step_and_what_callers_are_to_meet() -> None:
    shown, window = Shown(), now_or_later()
    options = command.Options(Command((sys.executable, "-c", _TELLS)))
    command.meet(leaving("brown-out", window), options, Outside(), shown)
    *names, told = shown.lines
    assert names == ["auth", "1", "staging", "brown-out"]
    said = json.loads(told)
    assert (said["status"], said["slots"]) == (0, ["1"])
    assert said["brown_outs"][0]["begin"] == iso_text(window.begin)
    assert said["headers"]["Sunset"] == "Wed, 23 Dec 2026 00:00:00 GMT"


def test_its_failure_is_a_no_with_what_it_printed() -> None:
    script = "import sys; print('no such route'); sys.exit(3)"
    options = command.Options(Command((sys.executable, "-c", script)))
    with pytest.raises(RefusedError, match="exit status 3") as no:
        command.meet(leaving("gone"), options, Outside(), Shown())
    assert "| no such route" in no.value.hint
