"""`ci-steps notices preview`: the very message that a release would send."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ci_steps.cli import shell
from ci_steps.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

    from ci_steps.config.notify import Notify
    from ci_steps.dictionary.store import Dictionary
    from ci_steps.notices.presenting import Manner
    from ci_steps.protocols import Message
    from ci_steps.versions import Version

FORMS = ("text", "slack", "html")
# Not those that tell of something that has not happened: a test, a move, a withdrawal.
_STAGES = ("announced", "urgent", "t-14", "t-7", "t-3", "t-1", "due", "overdue")


@click.command()
@click.argument("service")
@click.argument("line")
@click.argument("environment", default="production")
@click.option(
    "--as",
    "form",
    type=click.Choice([*FORMS, "email"]),
    default="text",
    help="As plain text, as Slack's blocks, or as the page of a mail. email is text.",
)
@click.option("--to", "owner", default="", metavar="OWNER", help="Only what this owner is told.")
@click.option("--stage", type=click.Choice(_STAGES), default="announced", help="Which reminder.")
@click.option("--config", default="", metavar="FILE", help="The file, instead of ci-steps.yaml.")
@shell.dictionary_option
def preview(
    service: str,
    line: str,
    environment: str,
    form: str,
    owner: str,
    stage: str,
    config: str,
    dictionary: str,
) -> None:
    """Show the messages that LINE of SERVICE would send; it need not be there yet.

    LINE is a line such as 2, or a whole version. Nothing is written and nobody is told.

    Example: ci-steps notices preview auth 2 --to gis-team --as slack
    """
    from ci_steps.config.manner import manner_of
    from ci_steps.config.settings import NotifySettings
    from ci_steps.notices.moving.terms import Terms
    from ci_steps.notices.presenting import presented
    from ci_steps.notices.previewing import Wanted, previews

    console = shell.console_of(None)
    outside = shell.outside_of(console)
    notify = _notify(config, dictionary)
    settings = notify.settings if notify else NotifySettings()
    notifying = notify.notifying if notify else None
    channels = ("slack", "email", *(one.name for one in (notify.channels if notify else ())))
    manner = manner_of(settings, notifying)
    with shell.dictionary_of(dictionary) as opened:
        opened.known_service(service)
        opened.known_environment(environment)
        if owner:
            opened.known_owner(owner)
        version = version_of(line, opened, service, outside.today())
        wanted = Wanted(service, version, environment, stage, owner)
        said = notifying.terms if notifying else Terms()
        own = notify if notify and notify.service == service else None
        terms = replace(said, is_irreversible=own is not None and own.is_irreversible)
        found = previews(
            opened, wanted, channels, terms, outside.now(), grace_days=settings.grace_days
        )
    if not found:
        whom = f" of {owner}" if owner else ""
        console.result(f"{service} {line} obliges nobody{whom}")
    for message in {one.contact_owner.name: one for one in found}.values():
        console.result(_shown(presented(message, manner), form, manner))


def version_of(line: str, opened: Dictionary, service: str, today: date) -> Version:
    """Return a version of a line that is not there yet, or the version that is named.

    It is written as the service writes its versions.
    """
    from ci_steps.versions import parse_version

    number = line.removeprefix("v")
    if not number.isdecimal() or len(number) > 5:  # noqa: PLR2004 (six digits are a month)
        return parse_version(line)
    newest = next(iter(opened.releases(service)), None)
    if newest and newest.version.scheme == "dated":
        return parse_version(f"v{int(number)}_{today:%Y%m%d}-1")
    return parse_version(f"{int(number)}.0.0")


def _notify(config: str, dictionary: str) -> Notify | None:
    from ci_steps.config.notify import load_notify
    from ci_steps.config.sources import FILE, Flags

    if not config and not Path(FILE).is_file():
        return None
    if config and not Path(config).is_file():
        raise UsageError(f"{config}: no such file", hint="Name a ci-steps.yaml with --config.")
    flags = Flags(config=config, dictionary=dictionary)
    return load_notify(shell.outside_of(shell.console_of(None)), flags)


def _shown(message: Message, form: str, manner: Manner) -> str:
    from ci_steps.notices.wording.blocks import slack_message
    from ci_steps.notices.wording.render import own_words_are, words

    with own_words_are(manner.own_words):
        if form == "slack":
            address = next(
                (one.address for one in message.contact_owner.contacts if one.channel == form), ""
            )
            blocks = slack_message(message, address)
            return json.dumps(blocks, ensure_ascii=False, indent=2)
        said = words(message)
        return said.html if form == "html" else f"Subject: {said.subject}\n\n{said.text}"
