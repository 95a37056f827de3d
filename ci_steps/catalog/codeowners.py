"""CODEOWNERS -> the owner of a service: whoever owns every new file in its folder.

https://docs.github.com/articles/about-code-owners and
https://docs.gitlab.com/user/project/codeowners/reference: the last rule that matches wins, in
GitLab's sections each by itself.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ci_steps.catalog.codeowners_rules import Rule, read_rules
from ci_steps.catalog.findings import EMAIL, Catalog, check_email, check_owner_name
from ci_steps.errors import Problem, UsageError
from ci_steps.model import Contact, Owner, Service

if TYPE_CHECKING:
    from collections.abc import Mapping

# No pattern names these, so a rule that matches them matches every file of the folder.
_ANY_FILE = ("\x01folder", "\x01file")


def read_codeowners(
    text: str, file: str, *, service: str, folder: str, mailboxes: Mapping[str, str]
) -> Catalog:
    """Return who owns *service*, whose files are in *folder* of the repository.

    *mailboxes* has the owners that the dictionary knows, by their e-mail address.
    """
    catalog = Catalog()
    rules = read_rules(text, file, catalog.problems)
    path = (*_segments(folder), *_ANY_FILE)
    found = [rule for rule in _winners(rules, path) if rule.owners]
    if catalog.problems:
        return catalog
    owners = {who: rule for rule in reversed(found) for who in rule.owners}
    chosen = next((who for rule in found for who in _preferred(rule)), "")
    catalog.services[service] = Service(service)
    if not chosen:
        text = f"nobody owns every file there: {service} gets no owner"
        catalog.note(Problem(file, 0, folder, ""), text)
        return catalog
    place = Problem(file, owners[chosen].line, folder, "")
    name = _take(catalog, chosen, place, mailboxes)
    if name:
        catalog.services[service] = Service(service, name)
        catalog.places["service", service] = place
    for who, rule in sorted(owners.items(), key=lambda one: one[1].line):
        if who != chosen:
            text = f"{who} owns it too: the dictionary has one owner for each service, {name}"
            catalog.note(Problem(file, rule.line, folder, ""), text)
    return catalog


def _preferred(rule: Rule) -> list[str]:
    """Return the owners of a rule, teams first, for a team outlives its people; no roles."""
    owners = [who for who in rule.owners if not who.startswith("@@")]
    return sorted(owners, key=lambda who: "/" not in who)


def _segments(folder: str) -> tuple[str, ...]:
    parts = PurePosixPath(folder.strip("/") or ".").parts
    if ".." in parts:
        raise UsageError(
            f"{folder!r} is not a folder of the repository",
            hint="Write it from the root of the repository: services/gis.",
        )
    return parts


def _winners(rules: list[Rule], path: tuple[str, ...]) -> list[Rule]:
    """Return the last rule of each section that matches, optional sections at the end."""
    sections: dict[str, list[Rule]] = {}
    for rule in rules:
        sections.setdefault(rule.section, []).append(rule)
    winners = []
    for members in sections.values():
        matching = [rule for rule in members if rule.matches(path)]
        # What a section of GitLab excludes, nothing in it includes again.
        if matching and not any(rule.excludes for rule in matching):
            winners.append(matching[-1])
    return sorted(winners, key=lambda rule: (rule.is_optional, rule.section != ""))


def _take(catalog: Catalog, who: str, place: Problem, mailboxes: Mapping[str, str]) -> str:
    """Put an owner into the catalog, and return its name."""
    contacts: tuple[Contact, ...] = ()
    if who.startswith("@"):
        name = who.removeprefix("@").rsplit("/", 1)[-1].lower()
    else:
        name = mailboxes.get(who.lower(), who.lower())
        contacts = (Contact(EMAIL, who),)
    try:
        check_owner_name(name)
        if contacts:
            check_email(who)
    except UsageError as error:
        catalog.wrong(place, str(error))
        return ""
    catalog.owners[name] = Owner(name, contacts=contacts)
    catalog.partial.add(name)
    catalog.places["owner", name] = place
    return name
