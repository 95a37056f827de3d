"""`ci-steps init`: write ci-steps.yaml and the CI file from what lies in a repository."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ci_steps.cli import shell
from ci_steps.errors import UsageError

if TYPE_CHECKING:
    from ci_steps.console import Console
    from ci_steps.outside import Outside
    from ci_steps.scaffold.choices import Choices
    from ci_steps.scaffold.looking import Repository

FILE = "ci-steps.yaml"
_TARGETS = ("process", "compose", "kubernetes", "ecs", "none")
_ACTION = re.compile(r"[\w.-]+/[\w./-]+@[\w./-]+|\./[\w./-]+", re.ASCII)
_UNKNOWN = "OWNER"
_HOSTS = ("github", "jenkins", "gitlab", "none")


@click.command()
@click.option("--service", default="", metavar="NAME", help="The name of the service.")
@click.option("--owner", default="", metavar="NAME", help="Who answers for it.")
@click.option("--test-command", default="", metavar="COMMAND", help="How the unit tests are run.")
@click.option("--target", type=click.Choice(_TARGETS), help="How it is deployed.")
@click.option("--ci", "host", type=click.Choice(_HOSTS), help="Where the pipeline runs.")
@click.option(
    "--action", default="", metavar="REPOSITORY@REF", help="The action of GitHub; our release."
)
@click.option("--yes", is_flag=True, help="Ask nothing; take what is found.")
@click.option("--force", is_flag=True, help="Replace files that are there already.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@shell.json_option
def init(*, yes: bool, force: bool, dry_run: bool, as_json: bool, **given: Any) -> int:
    """Write ci-steps.yaml and the CI file for the service in this folder.

    What lies here decides: the language and its tests, where the version is, Dockerfile,
    description of the API, compose file, Kubernetes manifests or a task definition of ECS,
    CODEOWNERS, the CI system. On a terminal each choice is asked for; a flag answers before. No
    file is replaced without --force.

    Example: ci-steps init --yes --owner gis-team --ci github
    """
    from ci_steps.scaffold.looking import look

    console = shell.console_of(as_json)
    outside = shell.outside_of(console)
    found = look(Path.cwd(), outside)
    asking = sys.stdin.isatty() and not (yes or as_json)
    choices = _choices(found, given, asking=asking)
    files = _files(choices)
    if not dry_run:
        _refuse_to_replace(files, choices, force=force)
    done = _write(files, outside, force=force, dry_run=dry_run)
    _answer(choices, done, console, as_json=as_json, dry_run=dry_run)
    return 0


def _choices(found: Repository, given: dict[str, Any], *, asking: bool) -> Choices:
    from ci_steps.scaffold.choices import Choices
    from ci_steps.versions import check_name

    tests = shlex.join(found.tests.command) if found.tests else ""
    service = given["service"] or _ask("Service", found.service, asking=asking)
    owner = given["owner"] or _ask(
        "Owner, a team or person (may stay empty)", found.owner, asking=asking
    )
    command = given["test_command"] or _ask("Command of the unit tests", tests, asking=asking)
    target = given["target"] or _pick("Deployed how", _TARGETS, found.target, asking=asking)
    host = given["host"] or _pick("CI system", _HOSTS, found.host, asking=asking)
    if not service:
        raise UsageError(
            "the folder has no name that a service may have", hint="Say it: --service gis."
        )
    check_name(service)
    if not command.strip():
        raise UsageError(
            "no unit tests are found here", hint="Say how they are run: --test-command 'make test'."
        )
    action = _action(given["action"])
    return Choices(found, service, owner.strip(), _words(command), target, host, action)


def _action(written: str) -> str:
    if written and not _ACTION.fullmatch(written):
        raise UsageError(
            f"{written!r} names no action",
            hint="Write it like shop/ci-steps@v1, or ./folder for one in this repository.",
        )
    return written


def _words(command: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(command))
    except ValueError as error:
        raise UsageError(f"{command!r} is not a command: {str(error).lower()}") from None


def _ask(question: str, default: str, *, asking: bool) -> str:
    if not asking:
        return default
    return str(click.prompt(question, default=default, show_default=bool(default))).strip()


def _pick(question: str, names: tuple[str, ...], default: str, *, asking: bool) -> str:
    if not asking:
        return default
    return str(click.prompt(question, default=default, type=click.Choice(names)))


def _files(choices: Choices) -> dict[Path, str]:
    """Return what is to be written, by path; the file of the service is the first."""
    from ci_steps.scaffold.ci_files import ci_file
    from ci_steps.scaffold.configuration import configuration

    found = choices.repository
    files = {found.root / FILE: configuration(choices)}
    if found.version.written:
        files[found.root / found.version.value] = f"{found.version.written}\n"
    if pipeline := ci_file(choices):
        files[found.top / pipeline[0]] = pipeline[1]
    return files


def _refuse_to_replace(files: dict[Path, str], choices: Choices, *, force: bool) -> None:
    own = choices.repository.root / FILE
    if own in files and own.exists() and not force:
        raise UsageError(
            f"{FILE} is there already",
            hint="--force replaces it, --dry-run shows what would be written.",
        )


def _write(
    files: dict[Path, str], outside: Outside, *, force: bool, dry_run: bool
) -> list[tuple[Path, str, str]]:
    """Write what may be written; return every file with what became of it and its text."""
    done = []
    for path, text in files.items():
        kept = path.exists() and not force
        if not (kept or dry_run):
            outside.write(path, text.encode())
        status = "kept" if kept else "would be written" if dry_run else "written"
        done.append((path, status, text))
    return done


def _answer(
    choices: Choices,
    done: list[tuple[Path, str, str]],
    console: Console,
    *,
    as_json: bool,
    dry_run: bool,
) -> None:
    top = choices.repository.top
    if as_json:
        files = [
            {"path": path.relative_to(top).as_posix(), "status": status, "content": text}
            for path, status, text in done
        ]
        listed = [
            dict(zip(("key", "value", "because"), one, strict=True)) for one in choices.listed
        ]
        answer = {"schema": "ci-steps/init/1", "service": choices.service, "written": not dry_run}
        console.answer({**answer, "files": files, "choices": listed})
        return
    from ci_steps.model import Table

    console.table(Table(("key", "value", "because"), choices.listed, "Chosen"), result=True)
    for path, status, text in done:
        console.result(f"{path.relative_to(top)}: {status}")
        if dry_run:
            console.result(text)
    if any(f"{_UNKNOWN}/" in text for _, _, text in done):
        console.warning(
            f"{_UNKNOWN} stands for who publishes ci-steps where you are; "
            "say it with --action shop/ci-steps@v1"
        )
    if not dry_run:
        console.result("Next: read ci-steps.yaml, commit, and say: ci-steps rehearse")
