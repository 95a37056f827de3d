"""`ci-steps version`: questions a shell script may ask."""

from __future__ import annotations

from typing import Any

import click

from ci_steps.cli import shell
from ci_steps.cli.groups import CommandGroup
from ci_steps.versions import (
    SCHEMES,
    Satisfaction,
    bump_between,
    parse_requirement,
    parse_version,
)


def _scheme_option(command: Any) -> Any:
    return click.option(
        "--scheme",
        type=click.Choice(SCHEMES),
        help="How the versions are written, when the text alone does not say it.",
    )(command)


@click.group(cls=CommandGroup)
def group() -> None:
    """Ask about versions: v1_20171001-2 (dated), 1.1.3 (semver), 201610 (calver)."""


@group.command()
@click.argument("text")
@_scheme_option
@shell.json_option
def parse(text: str, scheme: str | None, *, as_json: bool) -> None:
    """Say what TEXT is: its scheme and its line.

    Example: ci-steps version parse v1_20171001-2
    """
    version = parse_version(text, scheme)
    document = {
        "schema": "ci-steps/version/1",
        "version": str(version),
        "scheme": version.scheme,
        "line": version.line,
        "prerelease": version.is_prerelease,
    }
    _answer(document, f"{version}: {version.scheme}, line {version.line}", as_json=as_json)


@group.command()
@click.argument("a")
@click.argument("b")
@_scheme_option
@shell.json_option
def compare(a: str, b: str, scheme: str | None, *, as_json: bool) -> None:
    """Print <, = or >: whether version A is older than, equal to or newer than B.

    Example: ci-steps version compare 1.9.0 1.10.0
    """
    old, new = parse_version(a, scheme), parse_version(b, scheme)
    # Compared first: equality alone does not say that two schemes have no order.
    order = "<" if old < new else ">" if new < old else "="
    document = {"schema": "ci-steps/comparison/1", "a": str(old), "b": str(new), "order": order}
    _answer(document, order, as_json=as_json)


@group.command()
@click.argument("old")
@click.argument("new")
@_scheme_option
@shell.json_option
def bump(old: str, new: str, scheme: str | None, *, as_json: bool) -> None:
    """Say what the step from OLD to NEW is.

    One of: same, bugfix, feature, may_break, major, rollback, prerelease, scheme_change.

    Example: ci-steps version bump 1.1.0 2.0.0
    """
    before, after = parse_version(old, scheme), parse_version(new, scheme)
    found = bump_between(before, after)
    document = {
        "schema": "ci-steps/bump/1",
        "old": str(before),
        "new": str(after),
        "bump": found.value,
    }
    _answer(document, found.value, as_json=as_json)


@group.command()
@click.argument("requirement")
@click.argument("version")
@_scheme_option
@shell.json_option
def satisfies(requirement: str, version: str, scheme: str | None, *, as_json: bool) -> int:
    """Say whether VERSION satisfies REQUIREMENT: yes, no or unknown.

    Exit status 0 only for yes.

    Example: ci-steps version satisfies auth-1.1 1.2.0
    """
    needs, found = parse_requirement(requirement), parse_version(version, scheme)
    answer, reason = needs.satisfied_by(found), needs.why_not(found)
    document = {
        "schema": "ci-steps/satisfaction/1",
        "requirement": str(needs),
        "version": str(found),
        "verdict": answer.value,
        "reason": reason,
    }
    _answer(document, f"{answer.value}: {reason}" if reason else answer.value, as_json=as_json)
    return 0 if answer is Satisfaction.YES else 1


def _answer(document: dict[str, Any], text: str, *, as_json: bool) -> None:
    console = shell.console_of(as_json)
    if as_json:
        console.answer(document)
    else:
        console.result(text)
