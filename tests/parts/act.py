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

_RELEASED = "OWNER/ci-steps@v1"
_CALLER = Path(".github", "workflows", "release.yml")

_BESIDE = Path(sys.executable).with_name("act")
PROGRAM = str(_BESIDE) if _BESIDE.exists() else shutil.which("act")
_COMMAND = ("-P", "ubuntu-latest=-self-hosted", "--no-cache-server", "--pull=false")
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
    return _acted(service, *_secrets(secrets), offline=offline)


def call_workflow(
    service: Repository, dist: Path, caller: str, *secrets: str, event: Path
) -> Acted:
    """Commit *caller* beside the workflow that this project offers, and let *event* happen.

    That workflow names the action by its release; here it is the one in the repository.
    """
    offered = (ROOT / ".github" / "workflows" / "ci-steps.yml").read_text()
    assert _RELEASED in offered
    prepare(service, dist, caller, offered.replace(_RELEASED, ACTION))
    how = ("--workflows", str(_CALLER), "--eventpath", str(event))
    return _acted(service, *how, *_secrets(secrets))


def happen(service: Repository, event: str, *arguments: str) -> Acted:
    """Let *event* happen to the workflows that are committed."""
    return _acted(service, *arguments, event=event)


def _secrets(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part for secret in given for part in ("-s", secret))


def _acted(
    service: Repository, *arguments: str, offline: bool = False, event: str = "push"
) -> Acted:
    page = service.folder.parent / "page.md"
    page.unlink(missing_ok=True)
    ran = service.call(
        *(OFFLINE if offline else ()),
        *("env", f"PATH={Path(BARE).parent}:{service.environ['PATH']}"),
        *(str(PROGRAM), event, *_COMMAND, *arguments),
    )
    content = page.read_text() if page.exists() else ""
    return Acted(ran.returncode == 0, ran.stdout + ran.stderr, content)


def prepare(service: Repository, dist: Path, workflow: str, called: str = "") -> None:
    """Commit the workflow, the one it calls, and the action to the service's repository."""
    here = service.folder / ".github"
    (here / "workflows").mkdir(parents=True, exist_ok=True)
    keep = service.folder.parent / "keep.sh"
    keep.write_text(_KEEP_PAGE.format(page=service.folder.parent / "page.md"))
    service.environ["BASH_ENV"] = str(keep)
    (service.folder / _CALLER).write_text(workflow)
    if called:
        (here / "workflows" / "ci-steps.yml").write_text(called)
    (here / "ci-steps" / "action").mkdir(parents=True, exist_ok=True)
    for name in ("action.yml", "action/start.py"):
        shutil.copy(ROOT / name, here / "ci-steps" / name)
    if not (here / "ci-steps" / "dist").exists():
        (here / "ci-steps" / "dist").symlink_to(dist)
    service.commit()


def step(name: str, inputs: str, env: str = "", *, whatever: bool = False) -> str:
    """Return a step of a workflow that uses the action; *inputs* is YAML in braces.

    It runs *whatever* happened before, or only after what passed.
    """
    told = f"\n        env: {env}" if env else ""
    when = "        if: always()\n" if whatever else ""
    return f"      - id: {name}\n{when}        uses: {ACTION}\n        with: {inputs}{told}\n"


def show(text: str) -> str:
    """Return a step that shows *text* whatever happened before."""
    return f'      - if: always()\n        run: echo "shown {text}"\n'
