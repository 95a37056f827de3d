"""act, which runs workflows on this machine; the action is the one of this project."""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.parts.repository import Repository
from tests.parts.shipped import BARE, OFFLINE

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


def run(service: Repository, dist: Path, steps: str, *secrets: str, offline: bool = False) -> Acted:
    """Commit a workflow with *steps* to the service's repository, and run it.

    The action has what a release ships in *dist*; nothing of ours is installed in its python3.
    """
    prepare(service, dist, _WORKFLOW + steps)
    page = service.folder.parent / "page.md"
    given = [part for secret in secrets for part in ("-s", secret)]
    ran = service.call(
        *(OFFLINE if offline else ()),
        *("env", f"PATH={Path(BARE).parent}:{service.environ['PATH']}"),
        *(str(PROGRAM), *_COMMAND, *given),
    )
    content = page.read_text() if page.exists() else ""
    return Acted(ran.returncode == 0, ran.stdout + ran.stderr, content)


def prepare(service: Repository, dist: Path, workflow: str) -> None:
    """Commit the workflow and the action to the service's repository."""
    here = service.folder / ".github"
    (here / "workflows").mkdir(parents=True, exist_ok=True)
    keep = service.folder.parent / "keep.sh"
    keep.write_text(_KEEP_PAGE.format(page=service.folder.parent / "page.md"))
    service.environ["BASH_ENV"] = str(keep)
    (here / "workflows" / "release.yml").write_text(workflow)
    (here / "ci-steps" / "action").mkdir(parents=True, exist_ok=True)
    for name in ("action.yml", "action/start.py"):
        shutil.copy(ROOT / name, here / "ci-steps" / name)
    if not (here / "ci-steps" / "dist").exists():
        (here / "ci-steps" / "dist").symlink_to(dist)
    service.commit()


def step(name: str, inputs: str, env: str = "") -> str:
    """Return a step of a workflow that uses the action; *inputs* is YAML in braces."""
    told = f"\n        env: {env}" if env else ""
    return f"      - id: {name}\n        uses: {ACTION}\n        with: {inputs}{told}\n"


def show(text: str) -> str:
    """Return a step that shows *text* whatever happened before."""
    return f'      - if: always()\n        run: echo "shown {text}"\n'
