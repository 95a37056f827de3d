"""The main job, end to end: real processes, a real dictionary, the real command line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import select

from ci_steps.dictionary.tables import acknowledgement
from tests.parts.dictionaries import dictionary_at
from tests.parts.services import await_end
from tests.parts.shop import Shop, shop_in
from tests.parts.slack import TOKEN
from tests.parts.slack import slack as slack_server
from tests.parts.smtp import mail_server

DEMO = Path(__file__).parent.parent / "examples" / "shop" / "demo.py"

pytestmark = pytest.mark.slow


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with shop_in(tmp_path) as opened:
        yield opened
    assert await_end(tmp_path) == {}


def released(shop: Shop, service: str) -> None:
    done = shop.ci_steps(service, "run")
    assert done.returncode == 0, done.stderr


def recipients(shop: Shop) -> list[str]:
    """Return the services that the mails name, one text a mail."""
    found = []
    for content in shop.letters().values():
        letter = message_from_bytes(content, policy=policy.default)
        found.append(str(letter["Subject"]).rpartition("update ")[2])
    return sorted(found)


def test_a_release_reaches_production_and_the_dictionary_knows_it(shop: Shop) -> None:
    shop.service("auth", "1.1.0")
    report = shop.answer("auth", "run")
    assert report["passed"]
    assert [step["status"] for step in report["steps"]] == [
        "passed",
        "passed",
        "skipped",
        "passed",
        "passed",
        "passed",
        "skipped",
    ]
    assert shop.live("staging") == shop.live("production") == {"auth": ["1.1.0"]}
    kinds = [row["kind"] for row in shop.answer("", "dictionary", "show", "auth")["evidence"]]
    assert sorted(kinds) == ["integration-test", "unit-test", "version-check"]


def test_steps_one_at_a_time_come_to_the_same_end(shop: Shop) -> None:
    shop.service("auth", "1.1.0")
    for arguments in (
        ("unit-test",),
        ("version-check",),
        ("container-build",),
        ("deploy", "staging"),
        ("integration-test", "staging"),
        ("deploy", "production"),
        ("notify-owners",),
    ):
        done = shop.ci_steps("auth", *arguments)
        assert done.returncode == 0, done.stderr
    assert shop.live() == {"auth": ["1.1.0"]}


def test_the_owners_of_dependents_are_told_of_a_major_once(shop: Shop) -> None:
    shop.own()
    shop.service("auth", "1.1.0")
    released(shop, "auth")
    shop.service("gis", "v1_20171001-2", "auth-1.1")
    released(shop, "gis")
    shop.service("mail", "201610")
    released(shop, "mail")
    assert shop.letters() == {}
    [gis] = shop.answer("", "notices", "who", "auth", "2")["who"]
    assert (gis["owner"], gis["needs"]) == ("gis-team", "auth-1.1")
    assert (gis["declared_in"], gis["link"]) == ("ci-steps.yaml:4", "")

    shop.service("auth", "2.0.0")
    released(shop, "auth")
    assert recipients(shop) == ["gis"]
    assert shop.live()["auth"] == ["1.1.0", "2.0.0"]

    told = shop.letters()
    assert b"gis needs auth-1.1, in ci-steps.yaml:4\r\n" in next(iter(told.values()))
    again = shop.ci_steps("auth", "run")
    assert again.returncode == 0
    assert "nobody has to be told" in again.stderr
    shop.service("auth", "2.0.1")
    released(shop, "auth")
    assert shop.letters() == told


def test_an_owner_who_has_moved_is_not_told_of_the_next_build(shop: Shop) -> None:
    shop.own()
    shop.service("auth", "1.1.0")
    released(shop, "auth")
    shop.service("gis", "v1_20171001-2", "auth-1.1")
    released(shop, "gis")
    shop.service("auth", "2.0.0")
    released(shop, "auth")
    shop.service("gis", "v1_20171102-1", "auth-2.0")
    released(shop, "gis")
    shop.service("auth", "3.0.0")
    released(shop, "auth")
    subjects = [
        str(message_from_bytes(content, policy=policy.default)["Subject"])
        for content in shop.letters().values()
    ]
    assert sorted(subject.partition("] ")[2] for subject in subjects) == [
        "auth 2.0.0 in production",  # its own owners hear that all have moved
        "auth 2.0.0 in production: update gis",
        "auth 3.0.0 in production: update gis",
        "gis moved to auth-2 in production",
    ]


_TWELVE = [f"service-{number}" for number in range(12)]


def loaded(shop: Shop, owner: str, contacts: list[str], *services: str) -> None:
    """Load a world in which these services of one owner run and need auth 1.1."""
    lines = [
        "environments: {production: {production: true}}",
        f"owners: {{{owner}: {{contacts: [{', '.join(contacts)}]}}}}",
        "services:",
        "  auth:",
        *(f"  {name}: {{owner: {owner}}}" for name in services),
        "releases:",
        "  - {service: auth, version: 1.1.0, commit: c1}",
        *(
            f"  - {{service: {name}, version: 1.0.0, commit: c1, depends_on: [auth-1.1]}}"
            for name in services
        ),
        "deployments:",
        *(
            f'  - {{service: {name}, environment: production, at: "2026-01-01"}}'
            for name in ("auth, version: 1.1.0", *(f"{one}, version: 1.0.0" for one in services))
        ),
    ]
    (shop.folder / "world.yaml").write_text("\n".join(lines))
    done = shop.ci_steps("", "dictionary", "load", "world.yaml")
    assert done.returncode == 0, done.stderr


def test_twelve_services_of_one_owner_are_one_slack_message_and_one_mail(shop: Shop) -> None:
    contacts = [
        "{channel: slack, address: '#gis-team'}",
        "{channel: email, address: gis@shop.example}",
    ]
    loaded(shop, "gis-team", contacts, *_TWELVE)
    with slack_server() as slack, mail_server() as mail:
        shop.environ["SLACK_TOKEN"] = TOKEN
        by_mail = f"host: 127.0.0.1, port: {mail.port}, security: plain, sender: ci@shop.example"
        channels = f"{{slack: {{url: '{slack.url}'}}, email: {{{by_mail}}}}}"
        shop.service("auth", "2.0.0")
        with (shop.services["auth"] / "ci-steps.yaml").open("a") as config:
            config.write(f"notify: {{channels: {channels}}}\n")
        shop.commit("auth")
        released(shop, "auth")
        done = shop.ci_steps("auth", "notices", "tick")
        assert done.returncode == 0, done.stderr
    [posted], [letter] = slack.posted, mail.mails
    assert all(name in json.dumps(posted["blocks"]) for name in _TWELVE)
    text = message_from_bytes(letter.content, policy=policy.default).get_body(("plain",))
    assert text is not None
    assert all(name in text.get_content() for name in _TWELVE)


def test_the_commit_that_an_owner_deploys_may_ask_for_more_time(shop: Shop) -> None:
    loaded(shop, "gis-team", ["{channel: file, address: gis-team}"], "gis", "geo")
    shop.service("auth", "2.0.0")
    released(shop, "auth")
    until = datetime.now(timezone.utc).date() + timedelta(days=60)
    said = f"Ci-Steps-Ack: auth-2/production/{{}} until {until} the new client comes"
    shop.service("gis", "1.0.1", "auth-1.1")
    (shop.services["gis"] / "notes.txt").write_text("a bugfix")
    shop.commit("gis", f"Mend\n\n{said.format('gis-team')}\n{said.format('web-team')}\n")
    # In staging auth 2 has taken the place of auth 1, and so nothing was tested there.
    for step in ("unit-test", "version-check"):
        assert shop.ci_steps("gis", step).returncode == 0
    passed = ("--override", "integration-test", "--reason", "auth 1 is not in staging")
    done = shop.ci_steps("gis", "deploy", "production", *passed)
    assert done.returncode == 0, done.stderr
    with dictionary_at(shop.environ["CI_STEPS_DICTIONARY"]) as opened, opened.reading() as asked:
        kept = asked.execute(select(acknowledgement)).all()
    assert [(one.until, one.reason, one.source) for one in kept] == [
        (until, "the new client comes", "trailer")
    ] * 2


def test_a_bugfix_with_a_failing_unit_test_reaches_production_only_by_a_recorded_override(
    shop: Shop,
) -> None:
    shop.service("auth", "1.1.0")
    released(shop, "auth")
    shop.service("auth", "1.1.1", unit_test="raise SystemExit(1)")
    ways = (
        ("run",),
        ("run", "--from", "version-check"),
        ("run", "--only", "deploy production"),
        ("deploy", "production"),
        ("deploy", "production", "--override", "integration-test", "--reason", "tired"),
        ("deploy", "production", "--override", "unit-test"),
    )
    for way in ways:
        done = shop.ci_steps("auth", *way)
        assert done.returncode in {1, 2}, (way, done.stderr)
        assert shop.live() == {"auth": ["1.1.0"]}, way

    reason = "the login is down and the failing test is about the colour of a button"
    assert shop.ci_steps("auth", "deploy", "staging").returncode == 0
    assert shop.ci_steps("auth", "integration-test", "staging").returncode == 0
    done = shop.ci_steps(
        "auth", "deploy", "production", "--override", "unit-test", "--reason", reason
    )
    assert done.returncode == 0, done.stderr
    assert shop.live() == {"auth": ["1.1.1"]}
    rows = shop.answer("", "dictionary", "show", "auth")["evidence"]
    (override,) = [row for row in rows if row["kind"] == "override"]
    assert (override["by"], override["reason"]) == ("tester", reason)


def test_a_version_that_does_not_answer_leaves_the_old_one_in_place(shop: Shop) -> None:
    shop.service("auth", "1.1.0")
    released(shop, "auth")
    shop.service("auth", "1.2.0", behaviour="html")
    done = shop.ci_steps("auth", "run")
    assert done.returncode == 1
    assert "deploy staging" in done.stderr
    assert shop.live("staging") == {"auth": ["1.1.0"]}
    (address,) = [
        row["address"] for row in shop.answer("", "dictionary", "live", "staging")["live"]
    ]
    checked = shop.ci_steps("auth", "version-check", "--environment", "staging")
    assert address.startswith("http://127.0.0.1:")
    assert checked.returncode == 0, checked.stderr


def test_a_version_that_was_released_from_another_commit_is_refused(shop: Shop) -> None:
    shop.service("auth", "1.1.0")
    released(shop, "auth")
    (shop.services["auth"] / "note.txt").write_text("one line more")
    shop.commit("auth")
    done = shop.ci_steps("auth", "run")
    assert done.returncode == 1
    assert "already released from commit" in done.stderr
    assert "1.1.1" in done.stderr


def test_the_demo_tells_the_right_owners_and_the_second_one_nobody(tmp_path: Path) -> None:
    command = [sys.executable, str(DEMO), str(tmp_path / "demo"), "--any-port"]
    first, second = (
        subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ))
        for _ in range(2)
    )
    assert first.returncode == 0, first.stdout + first.stderr
    assert second.returncode == 0, second.stdout + second.stderr
    assert "notify-owners ............... passed" in first.stderr
    assert "notify-owners ............... passed" not in second.stderr
    assert "gis-owners@shop.example" in second.stdout
    assert await_end(tmp_path) == {}


def test_the_demo_builds_images_where_there_is_an_engine(
    tmp_path: Path, docker: Mapping[str, str], base_tar: Path
) -> None:
    imported = ["docker", "import", str(base_tar), "python:3.12-slim"]
    subprocess.run(imported, check=True, env=docker, capture_output=True)
    command = [sys.executable, str(DEMO), str(tmp_path / "demo"), "--any-port"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(docker))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Images are built with docker" in done.stdout
    built = re.findall(
        r"^container-build \.+ passed .* (\S+) built by docker", done.stderr, re.MULTILINE
    )
    assert built == ["auth:1.1.0", "gis:v1_20171001-2", "mail:201610", "web:3.2.0", "auth:2.0.0"]
    # The second run of auth 2.0.0 finds the image of its commit.
    assert "auth:2.0.0 was already built for this commit" in done.stderr
    assert await_end(tmp_path) == {}
