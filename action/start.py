# ruff: noqa: INP001 (no package: action.yml calls this file)
"""Start ci-steps on the runner's own python3.

A release carries ci-steps with all it needs, unpacked and compiled, so that it starts at once
and downloads nothing. In a bare checkout, where there is no such folder, ci-steps is used where
it is installed, and otherwise installed once in a job, into a folder of the runner. An old
Python must be able to read this file, so that it gets a sentence and no traceback.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

_OLDEST = (3, 10)
_SHIPPED = Path(__file__).parents[1] / "dist" / "lib"
# -I: neither the repository that is being built nor its PYTHONPATH may put modules before ours.
_ASK = ("-I", "-c", "from importlib.metadata import distribution; distribution('ci-steps')")
_RUN = ("-I", "-m", "ci_steps.cli.action")


def main() -> None:
    """Become ci-steps, or say why not."""
    if sys.version_info < _OLDEST:
        found = ".".join(map(str, sys.version_info[:2]))
        refuse(
            f"python3 of this runner is {found}, and ci-steps needs 3.10 or newer; "
            "put actions/setup-python before this step",
            status=2,
        )
    if _SHIPPED.is_dir():
        run_shipped()
    python = sys.executable if has_ci_steps(sys.executable) else installed()
    os.execv(python, [python, *_RUN])  # noqa: S606 (no shell is what is wanted)


def run_shipped() -> None:
    """Run what the release carries, in this very process."""
    compiled = f"__init__.{sys.implementation.cache_tag}.pyc"
    if not (_SHIPPED / "ci_steps" / "__pycache__" / compiled).exists():
        # A Python newer than the release: what it compiles is kept for the next step.
        sys.pycache_prefix = str(Path(os.environ["RUNNER_TEMP"], "ci-steps-compiled"))
    sys.path.insert(0, str(_SHIPPED))
    from ci_steps.cli.action import main as run

    run(extras=str(_SHIPPED.parent / "extras"))


def has_ci_steps(python: str) -> bool:
    """Return whether ci-steps is installed there, and with it all that it needs."""
    nothing = subprocess.DEVNULL
    return subprocess.call([python, *_ASK], stdout=nothing, stderr=nothing) == 0


def installed() -> str:
    """Return a Python that has ci-steps of exactly this action."""
    source = os.environ["GITHUB_ACTION_PATH"]
    name = "ci-steps-" + hashlib.sha256(source.encode()).hexdigest()[:12]
    folder = Path(os.environ["RUNNER_TEMP"], name)
    python = folder / "bin" / "python"
    if not (python.exists() and has_ci_steps(str(python))):
        call(sys.executable, "-m", "venv", "--clear", str(folder))
        call(str(python), "-m", "pip", "install", "--quiet", "--no-input", source)
    return str(python)


def call(*command: str) -> None:
    """Run a part of the installation."""
    status = subprocess.call(command)
    if status:
        what = " ".join(command[1:3])
        refuse(f"ci-steps cannot be installed: {what} ended with status {status}", status=3)


def refuse(text: str, status: int) -> None:
    """End the step with a sentence on the page of the run."""
    sys.stdout.write(f"::error::{text}\n")
    sys.exit(status)


main()
