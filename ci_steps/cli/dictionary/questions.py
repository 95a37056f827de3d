"""The questions of `ci-steps dictionary`: who needs whom, what runs, who owns it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ci_steps.cli import shell
from ci_steps.cli.dictionary import question_tables, tables
from ci_steps.cli.dictionary.printed import answer
from ci_steps.cli.dictionary.unreachable import unreachable

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary

_there = click.option("--environment", default="", help="Only what is live there.")


@click.command()
@click.argument("service")
@click.argument("line", required=False, default="")
@_there
@shell.dictionary_option
@shell.json_option
def dependents(
    service: str, line: str, environment: str, dictionary: str, *, as_json: bool
) -> None:
    """Show which live services need SERVICE, or one LINE of it, and who owns them.

    Example: ci-steps dictionary dependents auth 1
    """
    with shell.dictionary_of(dictionary) as opened:
        _check_environment(opened, environment)
        main = line.removeprefix("v")
        found = opened.dependents(service, main, environment)
        if not found:
            _check_names(opened, service, main)
        nobody = unreachable(opened, [one.service for one in found])
        answer([tables.dependents_table(found), nobody], "dependents", as_json=as_json)


@click.command()
@click.argument("service")
@_there
@shell.dictionary_option
@shell.json_option
def dependencies(service: str, environment: str, dictionary: str, *, as_json: bool) -> None:
    """Show what the live versions of SERVICE need.

    Example: ci-steps dictionary dependencies gis --environment production
    """
    from ci_steps.dictionary import questions

    with shell.dictionary_of(dictionary) as opened:
        _check_environment(opened, environment)
        present = opened.known_service(service).name
        with opened.reading() as connection:
            found = questions.dependencies(connection, present, environment)
        nobody = unreachable(opened, [present, *(one.requirement.provider for one in found)])
        answer([question_tables.dependencies_table(found), nobody], "dependencies", as_json=as_json)


@click.command()
@click.argument("service")
@click.argument("line", required=False, default="")
@_there
@shell.dictionary_option
@shell.json_option
def impact(service: str, line: str, environment: str, dictionary: str, *, as_json: bool) -> None:
    """Show whom a change of SERVICE, or of one LINE of it, reaches, and by which path.

    Example: ci-steps dictionary impact auth 1
    """
    from ci_steps.dictionary.impacts.impact import impact as reached

    with shell.dictionary_of(dictionary) as opened:
        _check_environment(opened, environment)
        main = line.removeprefix("v")
        with opened.reading() as connection:
            found = reached(connection, service, main, environment)
        if not found:
            _check_names(opened, service, main)
        nobody = unreachable(opened, [one.service for one in found])
        answer([question_tables.impact_table(found), nobody], "impact", as_json=as_json)


@click.command()
@click.argument("environment", required=False, default="")
@shell.dictionary_option
@shell.json_option
def live(environment: str, dictionary: str, *, as_json: bool) -> None:
    """Show what runs in ENVIRONMENT, or everywhere.

    Example: ci-steps dictionary live production
    """
    with shell.dictionary_of(dictionary) as opened:
        _check_environment(opened, environment)
        found = opened.live(environment)
        nobody = unreachable(opened, [one.service for one in found])
        answer([tables.live_table(found), nobody], "live", as_json=as_json)


@click.command()
@shell.dictionary_option
@shell.json_option
def owners(dictionary: str, *, as_json: bool) -> None:
    """Show the owners, how they are reached and what they own.

    Example: ci-steps dictionary owners
    """
    with shell.dictionary_of(dictionary) as opened:
        found = question_tables.owners_table(opened.owners(), opened.services())
        answer([found, unreachable(opened)], "owners", as_json=as_json)


@click.command()
@shell.dictionary_option
@shell.json_option
def unowned(dictionary: str, *, as_json: bool) -> None:
    """Show the services that nobody owns or whose owner cannot be reached, and where they run.

    Example: ci-steps dictionary unowned
    """
    from ci_steps.dictionary import owners

    with shell.dictionary_of(dictionary) as opened:
        with opened.reading() as connection:
            found = owners.unowned(connection)
        answer([question_tables.unowned_table(found)], "unowned", as_json=as_json)


@click.command()
@click.argument("service")
@shell.dictionary_option
@shell.json_option
def history(service: str, dictionary: str, *, as_json: bool) -> None:
    """Show every deployment of SERVICE, newest first, and what was passed on purpose.

    Example: ci-steps dictionary history gis
    """
    from ci_steps.dictionary.history import history as lived

    with shell.dictionary_of(dictionary) as opened:
        present = opened.known_service(service).name
        with opened.reading() as connection:
            found = lived(connection, present)
        nobody = unreachable(opened, [present])
        answer([question_tables.history_table(found), nobody], "history", as_json=as_json)


@click.command()
@click.argument("environment")
@shell.dictionary_option
@shell.json_option
def drift(environment: str, dictionary: str, *, as_json: bool) -> None:
    """Show where what answers in ENVIRONMENT is not what was recorded.

    Example: ci-steps dictionary drift production
    """
    from ci_steps.dictionary.drift import drift as found_in
    from ci_steps.dictionary.drift import not_asked
    from ci_steps.dictionary.verdicts.reasons import some

    with shell.dictionary_of(dictionary) as opened:
        _check_environment(opened, environment)
        with opened.reading() as connection:
            found = found_in(connection, environment)
            silent = not_asked(connection, environment)
        nobody = unreachable(opened, [one.service for one in found])
    drifted = question_tables.drift_table(found)
    unknown = (question_tables.not_asked_table(silent),) if as_json else ()
    answer([drifted, *unknown, nobody], "drift", as_json=as_json)
    if silent:
        way = f"ci-steps probe {silent[0]} {environment} --keep"
        said = f"nobody has asked what answers for {some(silent)}: {way}"
        shell.console_of(as_json).note(said)


COMMANDS = (dependents, dependencies, impact, live, owners, unowned, history, drift)


def _check_environment(dictionary: Dictionary, environment: str) -> None:
    if environment:
        dictionary.known_environment(environment)


def _check_names(dictionary: Dictionary, service: str, line: str) -> None:
    """Tell names that nobody knows from what nobody needs."""
    from ci_steps.dictionary.release_questions import check_line, lines_of

    name = dictionary.known_service(service).name
    with dictionary.reading() as connection:
        # Of a service that was never released nobody knows which lines it will have.
        if line and lines_of(connection, name):
            check_line(connection, name, line)
