"""A catalog of a whole company: read and written in sets, whatever is new, changed or wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ci_steps.catalog.backstage import read_backstage
from ci_steps.catalog.importing import known_names
from ci_steps.config.document import parse_all
from ci_steps.dictionary.aliases import record_alias
from ci_steps.errors import ConfigError
from tests.catalog.claims import backstage, changes, component, group, lines, record, refused
from tests.parts.statements import statements

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary

# What a company says first, once more, and when something has changed.
STAGES: tuple[dict[str, str], ...] = (
    {},
    {},
    {"slack": "elsewhere", "needs": "1.1"},
    {"slack": "elsewhere", "version": "1.1"},
    {"slack": "elsewhere", "version": "2.0"},
)


def company(
    name: str, size: int, *, version: str = "1.0", needs: str = "1.0", slack: str = "here"
) -> str:
    """Return as many teams and services, each of which needs the next one, and one unversioned."""
    teams = (
        group(f"{name}-team-{one}", "", f"slack-channel: '#{slack}-{one}'", "time-zone: UTC")
        for one in range(size)
    )
    services = (
        component(
            f"{name}-x{one}",
            f"version: '{version}'",
            f"environments: {name}-staging, {name}-production",
            f"requirements: {name}-x{(one + 1) % size}-{needs}",
            spec=f"owner: {name}-team-{one}, dependsOn: [{name}-x{(one + 2) % size}]",
        )
        for one in range(size)
    )
    return "".join((*teams, *services))


def imported(dictionary: Dictionary, name: str, size: int) -> tuple[list[list[str]], list[Any]]:
    """Return the statements of every stage of a company, and what each changed."""
    asked, counts = [], []
    for hours, said in enumerate(STAGES):
        with statements(dictionary) as found:
            counts.append(changes(backstage(dictionary, company(name, size, **said), hours=hours)))
        asked.append(found)
    return asked, counts


def test_many_take_as_many_statements_as_few(dictionary: Dictionary) -> None:
    few, _ = imported(dictionary, "few", 3)
    many, counts = imported(dictionary, "many", 30)
    assert counts == [
        {
            "owners": (30, 0),
            "services": (30, 0),
            "environments": (2, 0),
            "releases": (30, 0),
            "deployments": (60, 0),
        },
        {},
        {"owners": (0, 30), "releases": (0, 30), "deployments": (0, 60)},
        {"releases": (30, 0), "deployments": (0, 60)},
        {"releases": (30, 0), "deployments": (60, 60)},  # another line, and the old one ends
    ]
    assert many == few
    assert max(map(len, many)) <= 50


def test_what_many_need_is_kept_with_each(dictionary: Dictionary) -> None:
    backstage(dictionary, company("many", 30))
    edges = {
        (one.service, one.requirement.written, one.environment)
        for number in range(30)
        for one in dictionary.dependents(f"many-x{number}")
    }
    assert edges == {
        (f"many-x{one}", f"many-x{(one + 1) % 30}-1.0", f"many-{place}")
        for one in range(30)
        for place in ("staging", "production")
    }


def test_one_service_by_two_of_its_names_is_refused_with_all_else_that_is_wrong(
    dictionary: Dictionary,
) -> None:
    backstage(dictionary, component("login"))
    dictionary.write(lambda to: record_alias(to, "login", "auth"))
    wrong = component("web", "version: '1.0'", "requirements: gis-1.0, gis-1.1")
    twice = (component(name, "version: '1.0'") for name in ("auth", "login"))
    assert refused(dictionary, wrong, *twice) == [
        (
            "a.yaml:5: metadata.name: web 1.0 needs gis twice: gis-1.0 and gis-1.1. "
            "Name each service once, with the version that is called."
        ),
        (
            "c.yaml:5: metadata.name: login is the same service as auth in b.yaml:5, renamed: "
            "leave one of them out"
        ),
    ]


def test_what_is_wrong_is_told_once_however_often_it_is_tried(dictionary: Dictionary) -> None:
    text = component("web", "version: '1.0'", "requirements: gis-1.0, gis-1.1")
    catalog = read_backstage(parse_all(text, "a.yaml"), known_names(dictionary))
    told = []
    for _ in range(2):
        with pytest.raises(ConfigError) as raised:
            record(dictionary, catalog)
        told.append(lines(raised.value.problems))
    assert told[0] == told[1]
    assert len(told[0]) == 1
