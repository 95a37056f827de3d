from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from ci_steps.dictionary.worlds.world import Count, Loaded, load_world
from ci_steps.errors import ConfigError
from ci_steps.model import Contact, Environment, Owner, Service
from ci_steps.versions import parse_requirement, parse_version, requirement
from tests.parts.dictionaries import NOON, deployed, dictionary_at, release, ship
from tests.parts.statements import statements

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary

ROOT = Path(__file__).parents[2]

WORLD = """
owners:
  auth-team:
    title: Auth team
    contacts: [{channel: email, address: auth-owners@shop.example}]
services:
  auth: {owner: auth-team, repository: "https://git.shop.example/auth"}
  web:
environments:
  staging:
  production: {production: true}
releases:
  - {service: auth, version: "1.1", commit: c1, contract_digest: ab, recorded_at: "2017-10-01"}
  - {service: web, version: "2.0.3", commit: c2, depends_on: [
      auth-1.1, {service: gis-2, version: "1.4"}]}
deployments:
  - {service: auth, version: 1.1.0, environment: production, at: "2017-10-01T14:00:00+02:00"}
  - {service: web, version: "2.0.3", environment: staging, slot: blue,
     address: "http://web.example", digest: "sha256:ab"}
"""


def load(dictionary: Dictionary, text: str, *, hours: float = 0, **lines: int) -> Loaded:
    content = yaml.safe_load(text)
    places: dict[tuple[str | int, ...], int] = {(key,): line for key, line in lines.items()}
    return load_world(dictionary, content, "world.yaml", places, now=NOON + timedelta(hours=hours))


def problems(dictionary: Dictionary, text: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        load(dictionary, text)
    return [f"{problem.key}: {problem.text}" for problem in raised.value.problems]


def test_everything_in_a_file_is_recorded(dictionary: Dictionary) -> None:
    loaded = load(dictionary, WORLD)
    assert loaded == Loaded(
        owners=Count(added=1),
        services=Count(added=2),
        environments=Count(added=2),
        releases=Count(added=2),
        deployments=Count(added=2),
    )
    assert dictionary.owner_of("auth") == Owner(
        "auth-team", "Auth team", (Contact("email", "auth-owners@shop.example"),)
    )
    assert dictionary.services() == (
        Service("auth", "auth-team", "https://git.shop.example/auth"),
        Service("web"),
    )
    assert dictionary.environments() == (
        Environment("staging"),
        Environment("production", production=True),
    )
    midnight = datetime(2017, 10, 1, tzinfo=timezone.utc)
    auth = release("auth 1.1", contract="ab", final=True)
    web = replace(
        release("web 2.0.3", commit="c2", final=True),
        requirements=(parse_requirement("auth-1.1"), requirement("gis-2", "1.4")),
    )
    assert dictionary.releases("auth") == (replace(auth, recorded_at=midnight),)
    assert dictionary.releases("web") == (replace(web, recorded_at=NOON),)
    assert dictionary.live() == (
        deployed(auth),
        replace(
            deployed(web, "staging"), slot="blue", address="http://web.example", digest="sha256:ab"
        ),
    )


def test_the_same_file_twice_changes_nothing(dictionary: Dictionary) -> None:
    load(dictionary, WORLD)
    before = dictionary.history("auth"), dictionary.history("web"), dictionary.releases("web")
    loaded = load(dictionary, WORLD, hours=5)
    assert set(loaded.by_kind()) == {
        "owners",
        "services",
        "environments",
        "releases",
        "deployments",
    }
    for count in loaded.by_kind().values():
        assert (count.added, count.changed) == (0, 0)
    assert loaded.deployments.unchanged == 2
    after = dictionary.history("auth"), dictionary.history("web"), dictionary.releases("web")
    assert after == before


def test_many_take_as_many_statements_as_few(dictionary: Dictionary) -> None:
    def company(name: str, size: int, version: str) -> dict[str, Any]:
        names = [f"{name}-x{number}" for number in range(size)]
        return {
            "owners": {f"{one}-team": {} for one in names},
            "services": {one: {"owner": f"{one}-team"} for one in names},
            "environments": {name: {}},
            "releases": [
                {"service": one, "version": version, "commit": "c1", "depends_on": [f"{other}-1.0"]}
                for one, other in zip(names, reversed(names), strict=True)
            ],
            "deployments": [
                {"service": one, "version": version, "environment": name} for one in names
            ],
        }

    def loaded(name: str, size: int) -> tuple[list[list[str]], list[Loaded]]:
        asked, counts = [], []
        for hours, version in enumerate(("1.0", "1.0", "1.1")):
            with statements(dictionary) as found:
                content = company(name, size, version)
                now = NOON + timedelta(hours=hours)
                counts.append(load_world(dictionary, content, "world.yaml", now=now))
            asked.append(found)
        return asked, counts

    few, _ = loaded("few", 2)
    many, counts = loaded("many", 20)
    assert [(one.releases, one.deployments) for one in counts] == [
        (Count(added=20), Count(added=20)),
        (Count(unchanged=20), Count(unchanged=20)),
        (Count(added=20), Count(changed=20)),
    ]
    assert many == few


def test_what_a_file_leaves_out_stays_as_it_is_known(dictionary: Dictionary) -> None:
    load(dictionary, WORLD)
    before = dictionary.live(), dictionary.releases("web"), dictionary.owners()
    loaded = load(
        dictionary,
        """
        owners: {auth-team: }
        services: {auth: }
        environments: {production: }
        releases:
          - {service: auth, version: "1.1", commit: c1}
          - {service: web, version: "2.0.3", commit: c2}
        deployments: [{service: web, version: "2.0.3", environment: staging, slot: blue}]
        """,
    )
    assert all(not count.added and not count.changed for count in loaded.by_kind().values())
    assert (dictionary.live(), dictionary.releases("web"), dictionary.owners()) == before
    assert dictionary.service("auth") == Service(
        "auth", "auth-team", "https://git.shop.example/auth"
    )


def test_what_is_different_is_counted_as_changed(dictionary: Dictionary) -> None:
    load(dictionary, WORLD)
    loaded = load(
        dictionary,
        """
        owners: {auth-team: {title: The auth team}}
        services: {web: {owner: auth-team}}
        environments: {staging: {production: true}}
        releases: [{service: auth, version: "1.2", commit: c3}]
        deployments: [{service: auth, version: "1.2", environment: production}]
        """,
        hours=1,
    )
    assert loaded == Loaded(
        owners=Count(changed=1),
        services=Count(changed=1),
        environments=Count(changed=1),
        releases=Count(added=1),
        deployments=Count(changed=1),
    )


def test_a_file_that_pipelines_have_overtaken_changes_nothing(dictionary: Dictionary) -> None:
    load(dictionary, WORLD)
    ship(dictionary, "auth 1.2", hours=1)
    loaded = load(dictionary, WORLD, hours=2)
    assert loaded.deployments == Count(unchanged=2)
    assert [str(one.version) for one in dictionary.live(service="auth")] == ["1.2"]


def test_a_part_may_build_on_what_the_dictionary_knows(dictionary: Dictionary) -> None:
    load(dictionary, WORLD)
    load(dictionary, "services: {gis: {owner: auth-team}}")
    load(dictionary, "releases: [{service: gis, version: '201610', commit: c9}]")
    load(dictionary, "deployments: [{service: gis, version: '201610', environment: staging}]")
    assert len(dictionary.live(service="gis")) == 1


@pytest.mark.parametrize("content", [None, {}])
def test_an_empty_file_is_an_empty_world(dictionary: Dictionary, content: object) -> None:
    assert load_world(dictionary, content, "world.yaml") == Loaded()


def test_a_release_without_a_time_is_of_now(dictionary: Dictionary) -> None:
    before = datetime.now(timezone.utc)
    load_world(dictionary, yaml.safe_load(WORLD), "world.yaml")
    (web,) = dictionary.releases("web")
    assert web.recorded_at is not None
    assert before <= web.recorded_at <= datetime.now(timezone.utc)


def test_every_problem_is_said_at_once_and_nothing_is_recorded(dictionary: Dictionary) -> None:
    ship(dictionary, "gis 201610", commit="c1")
    text = """
    ownres: {}
    owners:
      auth-team: {name: Auth team, contacts: [{channel: email}]}
    services:
      auth: {owner: auth-teem}
      Web: {}
      auth-v1: {}
    environments:
      production: {production: "yes"}
      "two words": {}
    releases:
      - {service: auth, version: 1.10, commit: 1234567}
      - {service: auht, version: "1.2", commit: c1}
      - {version: "1.2"}
      - {service: auth, version: "1.2", commit: c1, depends_on: [gis-1.1.1.1, {service: gis}, 7]}
      - {service: auth, version: 1.2.0, commit: c1}
      - {service: gis, version: "201610", commit: c2}
      - {service: auth, version: "1.3", commit: c1, recorded_at: "yesterday"}
      - {service: auth, version: "1.4", commit: c1, recorded_at: "2017-10-01T12:00:00"}
    deployments:
      - {service: auth, version: "1.2", environment: prodution}
      - {service: auth, version: "1.9", environment: production}
      - {service: auth, version: "1.2", environment: production, slot: "1"}
      - {service: auth, version: "1.3", environment: production}
      - web
    """
    found = problems(dictionary, text)
    expected = [
        "ownres: unknown key, did you mean owners?",
        "owners.auth-team.name: unknown key; known: contacts, title",
        "owners.auth-team.contacts[0].address: must be given",
        "services.auth.owner: unknown owner 'auth-teem', did you mean auth-team?",
        "services.Web: 'Web' is not a service name: 'W' is not one of a-z, 0-9 and the hyphen",
        "services.auth-v1: 'auth-v1' is not a service name: 'v1' reads like a version",
        "environments.production.production: expected true or false, got 'yes'",
        "environments.two words: 'two words' is not a name",
        "releases[0].version: 1.1 is not a version: it is a number, and YAML turns an unquoted",
        "releases[0].commit: 1234567 is a number, not a text: put it in quotes",
        "releases[1].service: unknown service 'auht', did you mean auth?",
        "releases[2].service: must be given",
        "releases[2].commit: must be given",
        "releases[3].depends_on[0]: 'gis-1.1.1.1' is not a requirement",
        "releases[3].depends_on[1].version: must be given",
        "releases[3].depends_on[2]: 7 is not a requirement: it is a number",
        "releases[4]: is there already, as releases[3]",
        "releases[5]: gis 201610 is already released from commit c1. A release never changes",
        "releases[6].recorded_at: 'yesterday' is not a time: write it like 2017-10-01T12:00:00Z",
        "releases[7].recorded_at: 2017-10-01T12:00:00 has no time zone",
        "deployments[0].environment: unknown environment 'prodution', did you mean production?",
        "deployments[1].version: auth 1.9 was never released: list it under releases",
        "deployments[2]: is there already, as deployments[1]",
        "deployments[3]: is there already, as deployments[1]",
        "deployments[4]: expected keys and values, got a text",
    ]
    missing = [line for line in expected if not any(one.startswith(line) for one in found)]
    assert (missing, len(found)) == ([], len(expected)), "\n".join(found)
    assert dictionary.services() == (Service("gis"),)
    assert dictionary.owners() == ()
    assert [one.name for one in dictionary.environments()] == ["production"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([], "world.yaml: expected keys and values, got a list"),
        ("auth", "world.yaml: expected keys and values, got a text"),
        ({"services": ["auth"]}, "expected names and what is known about each, got a list"),
        ({"services": {1: None}}, "services[1]: 1 is not a name"),
        ({"releases": {"auth": "1.1"}}, "releases: expected a list, got keys and values"),
        ({"services": {"auth": date(2017, 10, 1)}}, "expected keys and values, got a date"),
    ],
)
def test_another_shape_is_a_problem_and_no_traceback(
    dictionary: Dictionary, content: Any, said: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        load_world(dictionary, content, "world.yaml")
    assert said in str(raised.value)


def test_a_problem_is_on_its_line_or_on_that_of_what_it_belongs_to(dictionary: Dictionary) -> None:
    lines = {("releases", 0): 3, ("releases", 0, "version"): 4, (): 1}
    content = {"releases": [{"version": 1.1, "commit": "c1"}], "extra": 1}
    with pytest.raises(ConfigError) as raised:
        load_world(dictionary, content, "world.yaml", lines)
    found = [(problem.line, problem.key) for problem in raised.value.problems]
    assert found == [(1, "extra"), (3, "releases[0].service"), (4, "releases[0].version")]


def test_two_requirements_on_one_provider_are_a_problem(dictionary: Dictionary) -> None:
    text = """
    services: {web: }
    releases: [{service: web, version: "1.0", commit: c1, depends_on: [auth-1.1, auth-2]}]
    """
    (found,) = problems(dictionary, text)
    assert found.startswith("releases[0]: web 1.0 needs auth twice: auth-1.1 and auth-2")


def test_times_that_yaml_has_read_already_are_taken(dictionary: Dictionary) -> None:
    text = """
    services: {auth: }
    releases:
      - {service: auth, version: "1.1", commit: c1, recorded_at: 2017-10-01T12:00:00Z}
      - {service: auth, version: "1.2", commit: c1, recorded_at: 2017-10-02}
    """
    load(dictionary, text)
    times = {str(one.version): one.recorded_at for one in dictionary.releases("auth")}
    assert times == {"1.1": NOON, "1.2": NOON + timedelta(hours=12)}


def test_the_shop_of_the_examples_loads() -> None:
    with dictionary_at() as dictionary:
        load(dictionary, (ROOT / "examples/shop/world.yaml").read_text(encoding="utf-8"))
        owner = dictionary.owner_of("gis")
        assert owner is not None
        assert owner.title == "GIS team"
        assert len(dictionary.services()) == 4


def test_the_example_of_the_reference_page_loads(dictionary: Dictionary) -> None:
    page = (ROOT / "docs/reference/world-file.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    load(dictionary, example)
    assert [str(one.requirement) for one in dictionary.dependencies("web")] == [
        "auth-1.1",
        "gis-2-1.4",
    ]
    assert dictionary.predecessor("auth", parse_version("1.1")) is not None
