"""`doctor` finds what is missing before a step does, and touches nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.parts.commands import Ended, service, typed_in
from tests.parts.dictionaries import dictionary_at
from tests.parts.git import HAS_GIT, WITHOUT_GIT
from tests.parts.shop import check_answer
from tests.parts.slack import TOKEN, slack
from tests.parts.smtp import PASSWORD, USER, authority, mail_server

pytestmark = pytest.mark.skipif(not HAS_GIT, reason=WITHOUT_GIT)

SERVICE = """\
service: web
owner: web-team
steps:
  unit-test: {command: [no-such-tool, --all]}
  container-build: {when: never}
  integration-test: {command: [./check.sh]}
probes: {auth: {consul: {token_env: CONSUL_TOKEN}}}
environments:
  staging: {target: {process: {command: [sh, serve], secrets: [WEB_KEY]}}}
notify: {channels: {slack: {}}}
"""


def doctor(folder: Path, *more: str, **environ: str) -> Ended:
    root = folder / "web"
    if not root.exists():
        service(root, SERVICE)
    return typed_in(root, "doctor", "--dictionary", str(folder / "d.db"), *more, more=environ)


def missing(ended: Ended) -> dict[str, list[str]]:
    """Return what is missing, and the steps that need it."""
    check_answer(ended.document)
    found: list[dict[str, Any]] = ended.document["findings"]
    return {one["what"]: one["needed_by"] for one in found if one["status"] == "missing"}


def test_what_is_missing_is_said_with_the_steps_that_need_it(tmp_path: Path) -> None:
    ended = doctor(tmp_path, "--json")
    assert ended.status == 1
    assert missing(ended) == {
        "no-such-tool": ["unit-test"],
        "./check.sh": ["integration-test staging"],
        "CONSUL_TOKEN": ["version-check", "deploy staging", "integration-test staging"],
        "WEB_KEY": ["deploy staging"],
        "SLACK_TOKEN": ["notify-owners"],
    }


def test_only_the_steps_that_are_named_are_looked_at(tmp_path: Path) -> None:
    ended = doctor(tmp_path, "deploy staging", "--json", WEB_KEY="hush", CONSUL_TOKEN="hush")
    assert (ended.status, missing(ended)) == (0, {})
    assert "hush" not in ended.out
    assert "sh" in [one["what"] for one in ended.document["findings"]]


def test_an_unknown_step_is_said(tmp_path: Path) -> None:
    ended = doctor(tmp_path, "deploy stagin")
    assert (ended.status, ended.out) == (2, "")
    assert "did you mean deploy staging?" in ended.err


def test_people_read_what_to_do(tmp_path: Path) -> None:
    ended = doctor(tmp_path)
    assert "no-such-tool: Install no-such-tool, or name another command" in ended.out
    assert "Give WEB_KEY to the job as a credential." in ended.out


def test_nothing_is_made(tmp_path: Path) -> None:
    doctor(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["web"]


@pytest.mark.parametrize(
    ("url", "status", "said"),
    [
        ("postgresql://ci:hush@127.0.0.1:1/d", 3, "does not answer"),
        ("/etc", 3, "it is a folder"),
    ],
)
def test_a_dictionary_that_cannot_be_used_is_said(
    tmp_path: Path, url: str, status: int, said: str
) -> None:
    root = service(tmp_path / "web", SERVICE)
    ended = typed_in(root, "doctor", "version-check", "--dictionary", url)
    assert ended.status == status
    assert said in " ".join(ended.out.split())
    assert "hush" not in ended.out + ended.err


def test_the_clock_of_a_server_is_compared(tmp_path: Path, postgres_url: str) -> None:
    with dictionary_at(postgres_url):
        root = service(tmp_path / "web", SERVICE)
        asked = ("doctor", "version-check", "--dictionary", postgres_url, "--json")
        ended = typed_in(root, *asked, more={"CONSUL_TOKEN": "hush"})
    found = {one["what"]: one["status"] for one in ended.document["findings"]}
    assert (ended.status, found["clock"], found["dictionary"]) == (0, "well", "well")


ONLINE = """\
service: web
owner: web-team
steps: {unit-test: {command: ["true"]}}
notify:
  channels:
    slack: {url: SLACK}
    email:
      host: 127.0.0.1
      port: MAIL
      sender: ci-steps@shop.example
      user_env: SMTP_USER
      ca_file: CA
"""
GOOD = {"SLACK_TOKEN": TOKEN, "SMTP_USER": USER, "SMTP_PASSWORD": PASSWORD}


def channels(ended: Ended) -> dict[str, str]:
    """Return what became of each receiver. The answer is for people: our user is a secret here."""
    found = re.findall(r"^\W*(well|missing)\W+channel (\S+)", ended.out, re.MULTILINE)
    return {name: status for status, name in found}


def asked_online(folder: Path, *more: str, **environ: str) -> tuple[Ended, list[str], int]:
    """Return what doctor says, what Slack was asked, and how many mails were taken."""
    trusted = authority(folder / "authority")
    with slack() as workspace, mail_server(tls=trusted.context, login=True) as mailbox:
        places = {
            "SLACK": workspace.url, "MAIL": str(mailbox.port), "CA": str(trusted.ca_file),
        }  # fmt: skip
        text = ONLINE
        for name, place in places.items():
            text = text.replace(f" {name}", f" {place}")
        root = service(folder / "web", text)
        command = ("doctor", "notify-owners", "--dictionary", str(folder / "d.db"), *more)
        ended = typed_in(root, *command, more={**GOOD, **environ})
        assert workspace.posted == []
    return ended, [method for method, _ in workspace.asked], len(mailbox.mails)


def test_online_every_receiver_is_asked_and_sent_nothing(tmp_path: Path) -> None:
    ended, asked, mails = asked_online(tmp_path, "--online")
    assert (ended.status, asked, mails) == (0, ["auth.test"], 0)
    assert channels(ended) == {"slack": "well", "email": "well"}


def test_nobody_is_asked_unless_it_is_wanted(tmp_path: Path) -> None:
    ended, asked, _ = asked_online(tmp_path)
    assert (ended.status, asked) == (0, [])
    assert "channel" not in ended.out


def test_online_a_refusal_is_said_without_the_secret(tmp_path: Path) -> None:
    wrong = {"SLACK_TOKEN": "xoxb-of-somebody-else", "SMTP_PASSWORD": "hush-hush"}
    ended, _, _ = asked_online(tmp_path, "--online", **wrong)
    assert ended.status == 3
    assert channels(ended) == {"slack": "missing", "email": "missing"}
    said = " ".join(ended.out.split())
    assert "Slack said invalid_auth" in said
    assert "127.0.0.1 at login: 535" in said
    assert not any(secret in ended.out + ended.err for secret in wrong.values())


def test_online_a_receiver_that_is_away_is_said(tmp_path: Path) -> None:
    away = ONLINE.replace("SLACK", "http://127.0.0.1:9/api/").replace("MAIL", "9")
    root = service(tmp_path / "web", away.replace("CA", "''"))
    command = ("doctor", "notify-owners", "--online", "--dictionary", "d.db")
    ended = typed_in(root, *command, more=GOOD)
    assert ended.status == 3
    assert channels(ended) == {"slack": "missing", "email": "missing"}


def test_online_a_channel_without_its_secret_is_not_asked(tmp_path: Path) -> None:
    ended, asked, _ = asked_online(tmp_path, "--online", SLACK_TOKEN="")
    assert (ended.status, asked, channels(ended)) == (1, [], {"email": "well"})
    assert "Give SLACK_TOKEN to the job" in ended.out
