"""Read the released versions of a provider off the tags of its git repository."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from ci_steps.addresses import without_credentials
from ci_steps.errors import OutsideError, VersionError
from ci_steps.options import REQUIRED, option
from ci_steps.protocols import Found
from ci_steps.versions import Version, parse_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_steps.outside import Outside
    from ci_steps.outside.processes import Finished
    from ci_steps.protocols import Question

_TAG = re.compile(r"[0-9a-f]{40,64}\trefs/tags/(.+)")
# gitremote-helpers: <transport>::<address> starts a program; ext:: starts any.
_STARTS_A_PROGRAM = re.compile(r"[\w+.-]*::")
_PROTOCOLS = "file:git:http:https:ssh"
_PROBLEM_CHARACTERS = 120


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `git`."""

    repository: str = option(
        REQUIRED,
        "Address or path of the provider's git repository.",
        example="https://git.shop.example/auth.git",
    )
    prefix: str = option("", "Text before the version in the tags that count.", example="auth-")


def ask(question: Question, options: Options, outside: Outside) -> tuple[Found, ...]:
    """Return every version that is a tag; which one runs, tags do not know."""
    if question.environment:
        return ()
    where = without_credentials(options.repository)
    problem = _refusal(options.repository)
    if problem:
        return (Found(where, problem=problem, released=True),)
    try:
        finished = _tags(options.repository, outside, question.timeout_seconds)
    except OutsideError as error:
        return (Found(where, problem=str(error), released=True),)
    if not finished.ok:
        return (Found(where, problem=_problem(finished), released=True),)
    versions = _versions(finished.output, options.prefix)
    if not versions:
        return (Found(where, problem="no tag is a version", released=True),)
    return tuple(Found(where, version, released=True) for version in versions)


def _refusal(repository: str) -> str:
    if not repository or repository.startswith("-") or not repository.isprintable():
        return "it is not the address of a repository"
    if _STARTS_A_PROGRAM.match(repository):
        return "an address that starts a program is not asked"
    return ""


def _tags(repository: str, outside: Outside, timeout_seconds: float) -> Finished:
    return outside.ask(
        ("git", "ls-remote", "--tags", "--refs", "--", repository),
        env=_variables(outside.environ),
        timeout_seconds=timeout_seconds,
    )


def _variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what keeps git from asking anybody, and from starting what an address names."""
    ssh = environ.get("GIT_SSH_COMMAND") or "ssh"
    return {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_SSH_COMMAND": f"{ssh} -o BatchMode=yes",
        "GIT_ALLOW_PROTOCOL": _PROTOCOLS,
        "LC_ALL": "C",
    }


def _versions(output: str, prefix: str) -> tuple[Version, ...]:
    found: dict[Version, None] = {}
    for line in output.splitlines():
        tag = _TAG.fullmatch(line)
        if tag is None or not tag[1].startswith(prefix):
            continue
        try:
            found[parse_version(tag[1][len(prefix) :])] = None
        except VersionError:
            continue  # a tag of another kind
    return tuple(found)


def _problem(finished: Finished) -> str:
    """Return what git says in one line, without the credentials an address may hold."""
    if finished.timed_out:
        return f"git was {finished.how}"
    said = [line for line in finished.output.splitlines() if line.startswith(("fatal:", "ssh:"))]
    text = said[0].partition(":")[2].strip() if said else f"git ended with {finished.how}"
    return without_credentials(text)[:_PROBLEM_CHARACTERS]
