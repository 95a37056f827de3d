"""The workflow that other repositories call, and the one that `init` writes, run whole in act.

Not proven: the reviewers of an environment and permissions, which act does not have.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from tests.parts import act
from tests.parts.repository import Repository, repository
from tests.parts.smtp import Mailbox, mail_server

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        act.PROGRAM is None, reason="not proven here that the workflow runs: there is no act"
    ),
]

SHIP = """\
on: push
jobs:
  ship:
    uses: ./.github/workflows/ci-steps.yml
    secrets: inherit
"""


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as opened:
        yield opened


@pytest.fixture
def service(tmp_path: Path, mailbox: Mailbox) -> Iterator[Repository]:
    """Return a service whose next release breaks another one."""
    with repository(tmp_path) as made:
        made.be_needed(mailbox.port)
        yield made


def ship(service: Repository, dist: Path, *, branch: str = "main") -> act.Acted:
    """Push to *branch*; the dictionary comes as a secret and in no other way."""
    event = service.folder.parent / "event.json"
    event.write_text(
        json.dumps({"ref": f"refs/heads/{branch}", "repository": {"default_branch": "main"}})
    )
    service.call("git", "checkout", "--quiet", "-B", branch)
    dictionary = service.environ["CI_STEPS_DICTIONARY"]
    return act.call_workflow(service, dist, SHIP, f"CI_STEPS_DICTIONARY={dictionary}", event=event)


def test_a_push_goes_to_production_and_the_owners_of_what_breaks_are_told(
    service: Repository, dist: Path, mailbox: Mailbox
) -> None:
    shipped = ship(service, dist)
    assert shipped.passed, shipped.log
    assert service.answers("staging") == "1.1.0"
    assert service.answers("production") == "1.1.0"
    (mail,) = mailbox.mails
    assert mail.recipients == ["gis-owners@shop.example"]
    message = message_from_bytes(mail.content, policy=default)
    assert "auth 1.1.0" in message["Subject"]
    for step in ("unit-test", "version-check", "deploy production", "notify-owners"):
        assert f"| ✅ | {step} |" in shipped.page
    assert "owners told: 1" in shipped.page
    assert "opensesame" not in shipped.log


def test_a_branch_goes_to_staging_alone(service: Repository, dist: Path, mailbox: Mailbox) -> None:
    shipped = ship(service, dist, branch="$(touch${IFS}injected)-'\"quoted")
    assert shipped.passed, shipped.log
    assert service.answers("staging") == "1.1.0"
    assert service.answers("production") == ""
    assert mailbox.mails == []
    assert list(service.folder.parent.rglob("injected")) == []


def test_a_notice_that_is_not_delivered_is_said_and_undoes_nothing(
    service: Repository, dist: Path, mailbox: Mailbox
) -> None:
    mailbox.answers["RCPT"] = "550 no such user"
    shipped = ship(service, dist)
    assert shipped.passed, shipped.log
    assert service.answers("production") == "1.1.0"
    assert "undelivered" in shipped.page
    assert "::warning::gis-team (email gis-owners@shop.example)" in shipped.log


def test_a_secret_that_is_missing_is_named_before_anything_is_deployed(
    service: Repository, dist: Path
) -> None:
    del service.environ["KEY"]
    shipped = ship(service, dist)
    assert not shipped.passed
    assert service.answers("staging") == ""
    said = "::deploy staging: the environment variable KEY is not set"
    assert any(error.startswith(said) for error in shipped.errors), shipped.errors


def test_what_init_writes_runs_as_it_is(service: Repository, dist: Path) -> None:
    act.prepare(service, dist, SHIP)
    for name in ("ci-steps.yaml", ".github/workflows/release.yml"):
        (service.folder / name).unlink()
    told = ("--test-command", "python3 unit.py", "--target", "none", "--ci", "github")
    ended = service.call("ci-steps", "init", "--yes", *told, "--action", act.ACTION)
    assert ended.returncode == 0, ended.stderr
    service.commit()
    event = service.folder.parent / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7}}))
    asked = act.happen(service, "pull_request", "--eventpath", str(event))
    assert asked.passed, asked.log
    assert "### If auth 1.1.0 ships" in asked.page
    shipped = act.happen(service, "push")
    assert shipped.passed, shipped.log
    assert "## auth 1.1.0: passed" in shipped.page
