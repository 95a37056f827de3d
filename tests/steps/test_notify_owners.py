"""notify-owners: what became of the notices, and when that is a failure."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ci_steps.dictionary.store import Dictionary
from ci_steps.model import Status, StepResult
from ci_steps.protocols import Sent
from ci_steps.steps.notify_owners import Options, run
from tests.fakes import Shown, job_of
from tests.parts.dictionaries import dictionary_at


@pytest.fixture
def dictionary() -> Iterator[Dictionary]:
    with dictionary_at() as opened:
        yield opened


def result_of(dictionary: Dictionary, sent: Sent, *, strict: bool = False) -> StepResult:
    return run(job_of(dictionary, send=lambda budget: sent), Options(strict=strict))


def test_who_was_told_is_listed(dictionary: Dictionary) -> None:
    result = result_of(dictionary, Sent(delivered=("gis-team (slack #gis): 1 service",)))
    assert (result.status, result.summary) == (Status.PASSED, "1 told")
    assert result.tables[0].rows == (("gis-team (slack #gis): 1 service", "sent"),)
    assert result.outputs == {"told": "1", "undelivered": "0"}


def test_nothing_to_tell_is_no_success_to_report(dictionary: Dictionary) -> None:
    assert result_of(dictionary, Sent()).status is Status.SKIPPED


@pytest.mark.parametrize("left", [Sent(waiting=("a: later",)), Sent(undelivered=("a: refused",))])
def test_what_is_not_delivered_is_a_warning_and_fails_only_where_strict(
    dictionary: Dictionary, left: Sent
) -> None:
    assert result_of(dictionary, left).status is Status.PASSED
    assert result_of(dictionary, left).warnings == (*left.waiting, *left.undelivered)
    strict = result_of(dictionary, left, strict=True)
    assert (strict.status, strict.exit_code) == (Status.FAILED, 4)


def test_a_rehearsal_shows_the_very_message(dictionary: Dictionary) -> None:
    job = job_of(dictionary, send=lambda budget: Sent(("a",), previews=("Subject: x\n\nhello",)))
    run(job, Options())
    assert isinstance(job.progress, Shown)
    assert job.progress.lines == ["", "Subject: x", "", "hello"]
