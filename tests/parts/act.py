"""act, which runs workflows on this machine; the action is the one of this project."""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.parts.repository import Repository

ROOT = Path(__file__).parents[2]
ACTION = "./.github/ci-steps"

_BESIDE = Path(sys.executable).with_name("act")
PROGRAM = str(_BESIDE) if _BESIDE.exists() else shutil.which("act")
_COMMAND = ("push", "-P", "ubuntu-latest=-self-hosted", "--no-cache-server", "--pull=false")
_WORKFLOW = """\
on: push
jobs:
  release:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
"""
# A step has a page of its own, and act empties it before the next one: bash keeps a copy.
_KEEP_PAGE = """trap 'cat "$GITHUB_STEP_SUMMARY" >> "{page}"' EXIT\n"""


@dataclass(frozen=True)
class Acted:
    """What a workflow did: its log, line by line without the name of the job, and its page."""

    passed: bool
    log: str
    page: str

    @property
    def printed(self) -> list[str]:
        """Return what the steps printed, without what act says about them."""
        return re.findall(r"^\[[^\]]*\]\s+\|\s(.*)$", self.log, re.MULTILINE)

    @property
    def errors(self) -> list[str]:
        """Return the annotations that act understood."""
        return re.findall(r"❗\s+::error(.*)$", self.log, re.MULTILINE)


def run(service: Repository, steps: str, *secrets: str) -> Acted:
    """Commit a workflow with *steps* to the service's repository, and run it."""
    here = service.folder / ".github"
    (here / "workflows").mkdir(parents=True, exist_ok=True)
    page = service.folder.parent / "page.md"
    keep = service.folder.parent / "keep.sh"
    keep.write_text(_KEEP_PAGE.format(page=page))
    service.environ["BASH_ENV"] = str(keep)
    (here / "workflows" / "release.yml").write_text(_WORKFLOW + steps)
    (here / "ci-steps" / "action").mkdir(parents=True, exist_ok=True)
    for name in ("action.yml", "action/start.py"):
        shutil.copy(ROOT / name, here / "ci-steps" / name)
    service.commit()
    given = [part for secret in secrets for part in ("-s", secret)]
    ran = service.call(str(PROGRAM), *_COMMAND, *given)
    content = page.read_text() if page.exists() else ""
    return Acted(ran.returncode == 0, ran.stdout + ran.stderr, content)


def step(name: str, inputs: str, env: str = "") -> str:
    """Return a step of a workflow that uses the action; *inputs* is YAML in braces."""
    told = f"\n        env: {env}" if env else ""
    return f"      - id: {name}\n        uses: {ACTION}\n        with: {inputs}{told}\n"


def show(text: str) -> str:
    """Return a step that shows *text* whatever happened before."""
    return f'      - if: always()\n        run: echo "shown {text}"\n'
