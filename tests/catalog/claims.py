"""The few lines that import a text and say what came of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from ci_steps.catalog.backstage import read_backstage
from ci_steps.catalog.codeowners import read_codeowners
from ci_steps.catalog.directory import read_directory
from ci_steps.catalog.importing import Imported, import_catalog, known_names, mailboxes
from ci_steps.config.document import parse_all
from ci_steps.errors import ConfigError
from tests.parts.dictionaries import NOON

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ci_steps.catalog.findings import Catalog
    from ci_steps.dictionary.store import Dictionary
    from ci_steps.errors import Problem


def backstage(
    dictionary: Dictionary, *texts: str, hours: float = 1, dry_run: bool = False
) -> Imported:
    """Import texts as the files a.yaml, b.yaml, …"""
    documents = [
        document
        for name, text in zip("abc", texts, strict=False)
        for document in parse_all(text, f"{name}.yaml")
    ]
    catalog = read_backstage(documents, known_names(dictionary))
    return record(dictionary, catalog, hours=hours, dry_run=dry_run)


def directory(dictionary: Dictionary, text: str) -> Imported:
    """Import a text as a directory of owners."""
    documents = parse_all(text, "owners.yaml")
    return record(dictionary, read_directory(documents, known_names(dictionary)))


def codeowners(dictionary: Dictionary, text: str, folder: str = "services/gis") -> Imported:
    """Import a text as a CODEOWNERS file of gis."""
    known = mailboxes(dictionary)
    catalog = read_codeowners(text, "CODEOWNERS", service="gis", folder=folder, mailboxes=known)
    return record(dictionary, catalog)


def record(
    dictionary: Dictionary, catalog: Catalog, *, hours: float = 1, dry_run: bool = False
) -> Imported:
    """Record a catalog some hours after noon."""
    return import_catalog(dictionary, catalog, NOON + timedelta(hours=hours), dry_run=dry_run)


def refused(dictionary: Dictionary, *texts: str) -> list[str]:
    """Return what is wrong with Backstage files, a line each, without hints."""
    with pytest.raises(ConfigError) as raised:
        backstage(dictionary, *texts)
    return lines(raised.value.problems)


def lines(problems: Iterable[Problem]) -> list[str]:
    """Return problems as people read them."""
    return [str(problem) for problem in problems]


def changes(imported: Imported) -> dict[str, tuple[int, int]]:
    """Return how many of each kind were added and changed, if any were."""
    return {
        kind: (count.added, count.changed)
        for kind, count in imported.counts.items()
        if count.added or count.changed
    }


def component(name: str, *annotations: str, spec: str = "", line: str = "Component") -> str:
    """Return a component in few lines: annotations in line 6 and later, the spec after them."""
    notes = "\n".join(f"    ci-steps.io/{one}" for one in annotations)
    return (
        f"---\napiVersion: backstage.io/v1alpha1\nkind: {line}\nmetadata:\n  name: {name}\n"
        f"  annotations:\n{notes}\nspec: {{type: service, {spec}}}\n"
    )


def group(name: str, spec: str = "", *annotations: str, kind: str = "Group") -> str:
    """Return a group, or a user, in few lines."""
    return component(name, *annotations, spec=spec, line=kind)
