"""`ci-steps contract`: what callers of one description of an API notice of another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ci_steps.cli import shell
from ci_steps.cli.contract import forms
from ci_steps.cli.groups import CommandGroup

if TYPE_CHECKING:
    from ci_steps.cli.contract.for_whom import Dependent, NarrowedFor
    from ci_steps.comparisons.changes import Change, Contract
    from ci_steps.console import Console
    from ci_steps.jobs.comparing import Formats
    from ci_steps.outside import Outside


@click.group(cls=CommandGroup)
def group() -> None:
    """Compare descriptions of APIs."""


@group.command()
@click.argument("old")
@click.argument("new")
@click.option("--format", "format_", default="", help="The format, where the files do not tell.")
@click.option(
    "--fail-on",
    type=click.Choice(["breaking", "warning", "never"]),
    default="breaking",
    show_default=True,
    help="The least level with which the exit status is 1.",
)
@click.option(
    "--for",
    "for_",
    default="",
    metavar="DEPENDENT",
    help="Only what touches a live service; or pact:FILE, or the path of a ci-steps.yaml.",
)
@click.option("--provider", default="", help="Whose contract it is, where OLD and NEW do not tell.")
@click.option("--markdown", "form", flag_value="markdown", help="Answer as Markdown.")
@click.option("--sarif", "form", flag_value="sarif", help="Answer as SARIF, for code scanning.")
@click.option("--all", "with_all", is_flag=True, help="List every change, however many.")
@shell.dictionary_option
@shell.json_option
def diff(
    old: str,
    new: str,
    format_: str,
    fail_on: str,
    for_: str,
    provider: str,
    form: str | None,
    dictionary: str,
    *,
    with_all: bool,
    as_json: bool,
) -> int:
    """Say what callers of OLD notice when they meet NEW, the worst first.

    Each is a file, a folder, git:REVISION:PATH, or SERVICE@VERSION from the dictionary. The
    exit status is 1 if anything breaks callers, and 2 if the two cannot be compared. With --for
    it is about one dependent that says what it uses; where nobody says, every change counts.

    Example: ci-steps contract diff git:main:openapi.yaml openapi.yaml --for gis
    """
    from ci_steps.comparisons.changes import Level, worst
    from ci_steps.jobs.comparing import Formats

    console = shell.console_of(as_json or form is not None)
    outside = shell.outside_of(console)
    before, after = (_read(one, dictionary, outside) for one in (old, new))
    formats = Formats(outside)
    found = None
    if for_:
        from ci_steps.cli.contract.for_whom import dependent_of

        dependent = dependent_of(for_, provider, (old, new), dictionary)
        found = _narrowed(formats, dependent, before, after, format_)
    changes = found.narrowed.touching if found else formats.compare(before, after, format_)
    form = "json" if as_json else form
    _answer(console, before, after, changes, found, form, with_all=with_all)
    if fail_on == "never":
        return 0
    return int(worst(changes) >= Level[fail_on.upper()])


def _narrowed(
    formats: Formats, dependent: Dependent, old: Contract, new: Contract, format_: str
) -> NarrowedFor:
    from ci_steps.cli.contract.for_whom import NarrowedFor
    from ci_steps.uses.narrowed import Narrowed

    if dependent.uses is None:
        return NarrowedFor(dependent, Narrowed(formats.compare(old, new, format_)))
    return NarrowedFor(dependent, formats.compare_for(old, new, dependent.uses, format_))


def _answer(
    console: Console,
    old: Contract,
    new: Contract,
    changes: tuple[Change, ...],
    found: NarrowedFor | None,
    form: str | None,
    *,
    with_all: bool,
) -> None:
    said = found.sentences if found else []
    if form == "json":
        console.answer(forms.document(old, new, changes, found.document if found else None))
    elif form == "sarif":
        console.answer(forms.sarif(changes, said))
    elif form == "markdown":
        console.result(forms.markdown(old, new, changes, said))
    else:
        for table in forms.tables(changes, with_all=with_all):
            console.table(table, result=True)
        said += forms.hidden(changes, with_all=with_all)
        console.result("\n".join([forms.sentence(changes), *said]))


def _read(written: str, dictionary: str, outside: Outside) -> Contract:
    """Return what a user names; a path wins over a service, which no folder is called."""
    from ci_steps.jobs.contract_sources import read_contract

    service, at, version = written.partition("@")
    is_release = at and "/" not in written and not written.startswith("git:")
    return _kept(service, version, dictionary) if is_release else read_contract(written, outside)


def _kept(service: str, version: str, dictionary: str) -> Contract:
    from ci_steps.dictionary.contracts.kept import kept_contract
    from ci_steps.errors import UsageError
    from ci_steps.versions import parse_version

    parsed = parse_version(version)
    with shell.dictionary_of(dictionary) as opened:
        opened.known_service(service)
        release = opened.release(service, parsed)
        if release is None:
            raise UsageError(
                f"{service} {version} was never recorded",
                hint=f"ci-steps dictionary show {service} lists its releases.",
            )
        with opened.reading() as connection:
            name = f"{service}@{release.version}"
            found = kept_contract(connection, release.contract_digest, name)
    if found is None:
        raise UsageError(
            f"the dictionary has no contract of {service} {version}",
            hint="It is kept with each release that is deployed with contract: in ci-steps.yaml.",
        )
    return found
