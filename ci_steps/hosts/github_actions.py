"""GitHub Actions."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from ci_steps.host_apis import github as github_api
from ci_steps.protocols import Facts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ci_steps.model import Mark
    from ci_steps.outside import Outside
    from ci_steps.protocols import Deployed

# https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
_MOST_SUMMARY_BYTES = 1_000_000  # GitHub takes 1 MiB a step, and shows nothing of a longer one
_CUT = "\n\nThe rest is too long for this page; all of it is in the log.\n"
_SHORTEST_SECRET_LINE = 4  # a brace of a JSON key must not become *** everywhere
# A command stands at the beginning of a line, behind white space; one of the older kind, with
# two number signs and a bracket, anywhere in it. A carriage return ends a line, too.
_COMMAND = re.compile(r"((?:^|[\r\n])\s*)::")
_OLDER_COMMAND = "##["


def is_here(environ: Mapping[str, str]) -> bool:
    """Return whether the process runs in a workflow."""
    return environ.get("GITHUB_ACTIONS") == "true"


def facts(environ: Mapping[str, str]) -> Facts:
    """Return what the workflow says about itself."""
    server, repository = environ.get("GITHUB_SERVER_URL", ""), environ.get("GITHUB_REPOSITORY", "")
    run = environ.get("GITHUB_RUN_ID", "")
    return Facts(
        commit=environ.get("GITHUB_SHA", ""),
        # A pull request has its own branch in HEAD_REF, and a merge of it in REF_NAME.
        branch=environ.get("GITHUB_HEAD_REF") or environ.get("GITHUB_REF_NAME", ""),
        url=f"{server}/{repository}/actions/runs/{run}" if server and repository and run else "",
        actor=environ.get("GITHUB_TRIGGERING_ACTOR") or environ.get("GITHUB_ACTOR", ""),
        is_disposable=environ.get("RUNNER_ENVIRONMENT", "") == "github-hosted",
    )


def mask(secret: str) -> str:
    """Return a command for each line of *secret*: the log is masked line by line."""
    lines = secret.splitlines()
    wanted = [line for line in lines if len(line) >= _SHORTEST_SECRET_LINE or len(lines) == 1]
    return "\n".join(f"::add-mask::{_escaped(line)}" for line in wanted)


def quoted(text: str) -> str:
    """Put a mark before every line that GitHub would obey."""
    return _COMMAND.sub(r"\1| ::", text).replace(_OLDER_COMMAND, "# #[")


def group(title: str) -> tuple[str, str]:
    """Return the commands around a foldable part of the log.

    Inside it nothing a test prints is taken for a command: only our random word ends that.
    """
    word = f"end-{secrets.token_hex(16)}"
    return f"::group::{_escaped(title)}\n::stop-commands::{word}", f"::{word}::\n::endgroup::"


def annotation(level: str, text: str, file: str = "", line: int = 0) -> str:
    """Return the command that marks a place in a file of the repository."""
    place = ",".join(
        f"{key}={_escaped_property(str(value))}"
        for key, value in (("file", file), ("line", line))
        if value
    )
    return f"::{level} {place}::{_escaped(text)}" if place else f"::{level}::{_escaped(text)}"


def keep_marks(marks: Sequence[Mark], outside: Outside) -> None:
    """Do nothing: an annotation stands in the log."""
    del marks, outside


def outputs_text(values: Mapping[str, str]) -> str:
    """Return what is appended to $GITHUB_OUTPUT; a value may have any number of lines."""
    # A random end mark: with a fixed one, a value that contains it could set other outputs.
    end = f"end-{secrets.token_hex(16)}"
    return "".join(f"{name}<<{end}\n{value}\n{end}\n" for name, value in values.items())


def hand_over(outputs: Mapping[str, str], summary: str, outside: Outside) -> None:
    """Append to the files GitHub names; a summary too long for it is cut, and says so."""
    named = outside.environ.get
    if outputs and (output_file := named("GITHUB_OUTPUT")):
        outside.append(Path(output_file), outputs_text(outputs))
    if summary and (summary_file := named("GITHUB_STEP_SUMMARY")):
        outside.append(Path(summary_file), f"{_fitting(summary)}\n")


def comment(topic: str, text: str, outside: Outside) -> str:
    """Keep one comment of *topic* under the pull request, where the job has a token for it."""
    number = github_api.pull_request(outside.environ)
    if not number or not outside.environ.get(github_api.TOKEN):
        return ""
    github_api.comment(topic, text, outside)
    return f"pull request {number}"


def deployed(where: Deployed, outside: Outside) -> None:
    """Tell the page of environments, where the job has a token for it."""
    if outside.environ.get(github_api.TOKEN):
        github_api.deployed(where, outside)


def _fitting(summary: str) -> str:
    content = summary.encode()
    if len(content) <= _MOST_SUMMARY_BYTES:
        return summary
    kept = content[: _MOST_SUMMARY_BYTES - len(_CUT)].decode("utf-8", "ignore")
    # Not in the middle of a line: half a row of a table would take the text after it along.
    return kept[: kept.rfind("\n")] + _CUT


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
