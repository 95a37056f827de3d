"""`ci-steps dictionary import` and `export-catalog`: what other systems know about owners."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from ci_steps.cli import shell
from ci_steps.cli.dictionary import tables
from ci_steps.cli.dictionary.unreachable import unreachable, unreachable_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci_steps.catalog.findings import Catalog
    from ci_steps.catalog.importing import Imported
    from ci_steps.config.document import Document
    from ci_steps.dictionary.store import Dictionary
    from ci_steps.errors import Problem
    from ci_steps.model import Table

_MOST_BYTES = 10_000_000
_FORMATS = ("backstage", "codeowners", "directory")


@click.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@click.option("--from", "origin", type=click.Choice(_FORMATS), help="The format, if not by itself.")
@click.option("--service", default="", help="Whose owner a CODEOWNERS file says.")
@click.option("--path", "folder", default=".", help="The service's folder in its repository.")
@click.option("--new", is_flag=True, help="The service is recorded, if nobody knows it.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@shell.dictionary_option
@shell.json_option
def import_command(
    files: tuple[Path, ...],
    origin: str | None,
    service: str,
    folder: str,
    dictionary: str,
    *,
    new: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import owners and services from Backstage files, CODEOWNERS or a directory of owners.

    Importing the same again changes nothing, and nothing a pipeline recorded is lost. The
    forms are in docs/reference/catalog.md.

    Example: ci-steps dictionary import CODEOWNERS --service gis --path services/gis
    """
    from ci_steps.catalog.importing import import_catalog

    console = shell.console_of(as_json)
    now = shell.outside_of(console).now()
    with shell.dictionary_of(dictionary) as opened:
        catalog = _catalog(opened, files, origin, _Of(service, folder, new))
        imported = import_catalog(opened, catalog, now, dry_run=dry_run)
    found = _tables(imported)
    if as_json:
        console.answer({**tables.document(found, "import"), "dry_run": dry_run})
        return
    for table in found:
        if table.rows:
            console.table(table, result=True)
    if dry_run:
        console.note("dry run: nothing was recorded")


@click.command("export-catalog")
@shell.dictionary_option
@shell.json_option
def export_catalog(dictionary: str, *, as_json: bool) -> None:
    """Write the owners, services and what runs as Backstage entities, for catalog-info.yaml.

    Example: ci-steps dictionary export-catalog > catalog-info.yaml
    """
    from ci_steps.catalog.exporting import as_yaml, exported

    console = shell.console_of(as_json)
    with shell.dictionary_of(dictionary) as opened:
        entities = exported(opened)
        nobody = unreachable(opened)
    if as_json:
        console.answer({**tables.document([nobody], "catalog"), "entities": entities})
        return
    console.result(as_yaml(entities).rstrip("\n"))
    for service, _, why in nobody.rows:
        console.warning(f"no notice can be sent about {service}: {why}")


class _Of(NamedTuple):
    """Of which service a CODEOWNERS file says the owner, where it is, and whether it is new."""

    service: str
    folder: str
    is_new: bool


def _catalog(dictionary: Dictionary, files: Sequence[Path], origin: str | None, of: _Of) -> Catalog:
    from ci_steps.catalog.backstage import read_backstage
    from ci_steps.catalog.directory import read_directory
    from ci_steps.catalog.importing import known_names
    from ci_steps.errors import UsageError

    if (origin or "codeowners") == "codeowners" and (origin or _is_codeowners(files)):
        return _codeowners(dictionary, files, of)
    if of != _Of("", ".", is_new=False):
        raise UsageError(
            "--service, --path and --new are for a CODEOWNERS file",
            hint="Leave them out, or say --from codeowners.",
        )
    documents = _documents(files)
    known = known_names(dictionary)
    if (origin or _format(documents, files)) == "backstage":
        return read_backstage(documents, known)
    return read_directory(documents, known)


def _is_codeowners(files: Sequence[Path]) -> bool:
    return all(file.name == "CODEOWNERS" for file in files)


def _codeowners(dictionary: Dictionary, files: Sequence[Path], of: _Of) -> Catalog:
    from ci_steps.catalog.codeowners import read_codeowners
    from ci_steps.catalog.importing import mailboxes
    from ci_steps.config.document import read_text
    from ci_steps.errors import UsageError
    from ci_steps.versions import check_name

    if len(files) != 1 or not of.service:
        raise UsageError(
            "a CODEOWNERS file says who owns one service: --service is missing"
            if not of.service
            else f"{len(files)} CODEOWNERS files cannot be imported at once",
            hint="ci-steps dictionary import CODEOWNERS --service gis --path services/gis",
        )
    name = check_name(of.service, long_form=True)
    if not of.is_new:
        _check_known(dictionary, name)
    return read_codeowners(
        read_text(files[0], most_bytes=_MOST_BYTES),
        str(files[0]),
        service=name,
        folder=of.folder,
        mailboxes=mailboxes(dictionary),
    )


def _check_known(dictionary: Dictionary, service: str) -> None:
    """UsageError if others are known and this one is not: it may be a slip of the pen."""
    from ci_steps.errors import UsageError

    with dictionary.reading():
        if not dictionary.services():
            return
        try:
            dictionary.known_service(service)
        except UsageError as error:
            raise UsageError(str(error), hint="If it is a new service, say --new.") from None


def _documents(files: Sequence[Path]) -> list[Document]:
    """Return the documents of all files; what is wrong in any of them is said at once."""
    from ci_steps.errors import ConfigError

    problems: list[Problem] = []
    found = [document for file in files for document in _read(file, problems)]
    if problems:
        raise ConfigError(problems)
    return found


def _read(file: Path, problems: list[Problem]) -> tuple[Document, ...]:
    from ci_steps.config.document import parse_all, read_text
    from ci_steps.errors import ConfigError

    try:
        return parse_all(read_text(file, most_bytes=_MOST_BYTES), str(file))
    except ConfigError as error:
        problems += error.problems
        return ()


def _format(documents: Sequence[Document], files: Sequence[Path]) -> str:
    """Return the format of files that do not say it by their names."""
    from ci_steps.catalog.directory import PARTS
    from ci_steps.errors import UsageError

    content = documents[0].content if documents else None
    first = content[0] if isinstance(content, list) and content else content
    keys = set(first) if isinstance(first, dict) else set()
    if keys & {"kind", "apiVersion"}:
        return "backstage"
    if keys & set(PARTS):
        return "directory"
    raise UsageError(
        f"{files[0]} is neither a Backstage file nor a directory of owners",
        hint=f"Say which format it has: --from {' or '.join(_FORMATS)}.",
    )


def _tables(imported: Imported) -> tuple[Table, ...]:
    from ci_steps.model import Table

    notes = tuple((one.file, str(one.line), one.key, one.text) for one in imported.notes)
    return (
        tables.loaded_table(imported.counts, "Imported"),
        Table(("file", "line", "key", "text"), notes, "Notes"),
        unreachable_table(imported.unreachable),
    )
