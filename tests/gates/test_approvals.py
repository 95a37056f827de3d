"""Somebody answers for a build: for just this one, and not its author where that is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ci_steps.deploying.places import choose_slot
from ci_steps.dictionary.store import Dictionary
from ci_steps.gates.approvals import approval, approve
from ci_steps.gates.gate import judge
from ci_steps.model import Environment
from ci_steps.outside import Outside
from ci_steps.protocols import Job
from tests.fakes import job_of
from tests.parts.commands import typed
from tests.parts.dictionaries import dictionary_at
from tests.parts.git import ENVIRON, HAS_GIT, WITHOUT_GIT, git, repository
from tests.parts.shop import check_answer

pytestmark = pytest.mark.skipif(not HAS_GIT, reason=WITHOUT_GIT)
PRODUCTION = Environment("production", production=True)
CONFIGURATION = """\
service: auth
owner: auth-team
version: {text: 1.1.0}
pipeline: [deploy production]
environments:
  production: {production: true, approval: other, target: {process: {command: ["true"]}}}
"""


@pytest.fixture
def dictionary(tmp_path: Path) -> Iterator[Dictionary]:
    with dictionary_at(str(tmp_path / "dictionary.db")) as opened:
        yield opened


@pytest.fixture
def job(dictionary: Dictionary, tmp_path: Path) -> Job:
    """A job of a commit whose author git calls auth-team."""
    root = repository(tmp_path / "auth")
    return job_of(
        dictionary,
        commit=git(root, "rev-parse", "HEAD"),
        root=root,
        outside=Outside(ENVIRON),
        environment=PRODUCTION,
        approval="other",
    )


def test_the_gate_is_there_where_it_is_asked_for_and_says_who_and_why(job: Job) -> None:
    def names(asking: Job) -> list[str]:
        return [one.name for one in judge(asking, choose_slot(asking, "auto"), strict=False)]

    assert "approval" not in names(replace(job, approval="never"))
    assert "approval" in names(job)
    assert approval(job).reason == "nobody has approved this commit"
    job.dictionary.record_evidence(approve(job, "bob", "tried in staging", given=True))
    gate = approval(job)
    assert (gate.passed, gate.reason) == (True, "by bob: tried in staging")


def test_another_commit_environment_or_image_was_not_approved(job: Job) -> None:
    job.dictionary.record_evidence(approve(job, "bob", "tried", given=True))
    assert not approval(replace(job, commit="c2")).passed
    assert not approval(replace(job, environment=Environment("staging"))).passed
    built = job.evidence("container-build", True, digest="sha256:abc", text="auth:1.1.0")
    job.dictionary.record_evidence(built)
    assert approval(job).reason == "bob approved another image (none)"


def test_what_is_taken_back_is_no_approval(job: Job) -> None:
    job.dictionary.record_evidence(approve(job, "bob", "tried", given=True))
    job.dictionary.record_evidence(approve(job, "eve", "it leaks", given=False))
    assert approval(job).reason == "taken back by eve: it leaks"


@pytest.mark.parametrize("name", ["auth-team", "AUTH-team", "auth-team@shop.example"])
def test_the_author_is_not_somebody_else(job: Job, name: str) -> None:
    job.dictionary.record_evidence(approve(job, name, "mine", given=True))
    assert "is the author of the commit" in approval(job).reason
    assert approval(replace(job, approval="anyone")).passed


def test_the_command_keeps_it_and_refuses_what_the_gate_would(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (job.root / "ci-steps.yaml").write_text(CONFIGURATION, "utf-8")
    monkeypatch.setenv("CI_STEPS_DICTIONARY", str(tmp_path / "dictionary.db"))
    monkeypatch.chdir(job.root)
    ended = typed(capsys, "approve", "production", "--by", "bob", "--reason", "tried", "--json")
    assert ended.status == 0
    check_answer(ended.document)
    assert approval(job).passed
    for arguments, problem in (
        (("--by", "bob"), "an approval needs a reason"),
        (("--by", "auth-team", "--reason", "mine"), "auth-team is the author of this commit"),
    ):
        refused = typed(capsys, "approve", "production", *arguments)
        assert (refused.status, problem in refused.err) == (2, True), refused.err
    typed(capsys, "approve", "production", "--by", "bob", "--reason", "no", "--revoke")
    assert not approval(job).passed
