"""The report of a job: one form, whole or not at all, and nothing of two jobs mixed."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ci_steps.outside import Outside
from ci_steps.reporting import job_reports
from ci_steps.reporting.closing import duration, last_line
from ci_steps.reporting.page import page
from ci_steps.reporting.schema import report_schema
from tests.parts.commands import called, service
from tests.parts.git import HAS_GIT, WITHOUT_GIT

needs_git = pytest.mark.skipif(not HAS_GIT, reason=WITHOUT_GIT)


def step(title: str, status: str = "passed", seconds: float = 1.0, **facts: Any) -> dict[str, Any]:
    name, _, environment = title.partition(" ")
    return {
        "step": name,
        "environment": environment,
        "status": status,
        "summary": facts.pop("summary", "2 tests"),
        "began_at": "2026-11-23T09:41:00Z",
        "seconds": seconds,
        "hint": "",
        "warnings": [],
        "outputs": {},
        "outputs_file": f".ci-steps/outputs/{title.replace(' ', '-')}.json",
        "facts": facts,
        "tables": [],
    }


def report(*steps: dict[str, Any], url: str = "", commit: str = "c1") -> dict[str, Any]:
    return {
        "schema": "ci-steps/report/1",
        "service": "auth",
        "version": "1.2.0",
        "commit": commit,
        "passed": all(one["status"] != "failed" for one in steps),
        "status": steps[-1]["status"],
        "last_line": last_line("auth 1.2.0", steps, 1),
        "seconds": 1.0,
        "job": {"url": url, "branch": "", "by": ""},
        "steps": list(steps),
    }


DEPLOYMENT = {
    "service": "auth",
    "version": "1.2.0",
    "environment": "production",
    "slot": "1",
    "address": "https://auth.shop.example",
    "image": "",
    "digest": "",
    "replaces": "",
    "beside": [],
}
DEPLOYED = step("deploy production", deployment=DEPLOYMENT)
TOLD = step(
    "notify-owners",
    notices=[{"who": "gis-team (slack #gis)", "state": state} for state in ("sent", "sent")],
)


BEFORE = {"version": "1.1.0", "environment": "staging", "slot": "1", "address": ""}
ROLLED_BACK = (
    "auth 1.2.0 stopped at deploy staging: it ended; auth 1.1.0 runs on in staging; "
    "run again with x"
)
ROLLED_BACK_LATER = (
    "auth 1.2.0 stopped at deploy production: it ended; it is in staging; "
    "auth 1.1.0 runs on in production; run again with x"
)
REHEARSED = (
    "auth 1.2.0: rehearsed in 41 s, nothing was touched; it would be in production, "
    "2 owners would be told"
)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([DEPLOYED, TOLD], "auth 1.2.0 is in production, 2 owners told, 41 s"),
        ([step("unit-test")], "auth 1.2.0 passed 1 step, 41 s"),
        (
            [step("version-check", "failed", summary="no"), step("deploy staging", "skipped")],
            "auth 1.2.0 stopped at version-check: no; nothing was deployed; run again with x",
        ),
        (
            [step("deploy staging", "failed", summary="it ended", runs_on=BEFORE)],
            ROLLED_BACK,
        ),
        (
            [
                {**DEPLOYED, "environment": "staging"},
                step(
                    "deploy production",
                    "failed",
                    summary="it ended",
                    runs_on={**BEFORE, "environment": "production"},
                ),
            ],
            ROLLED_BACK_LATER,
        ),
        (
            [DEPLOYED, step("notify-owners", "failed", summary="1 waiting")],
            "auth 1.2.0 stopped at notify-owners: 1 waiting; it is in production; run again with x",
        ),
        (
            [step("unit-test", "would run"), step("version-check", "failed", summary="no")],
            "auth 1.2.0 stopped at version-check: no; nothing was touched",
        ),
        (
            [{**DEPLOYED, "status": "would run"}, TOLD],
            REHEARSED,
        ),
    ],
)
def test_the_last_line_says_where_it_is_and_what_to_do(
    steps: list[dict[str, Any]], said: str
) -> None:
    assert last_line("auth 1.2.0", steps, 41.2, "x") == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.6, "1 min 0 s"),
        (185.0, "3 min 5 s"),
        (3599.6, "1 h 0 min"),
        (7325.0, "2 h 2 min"),
    ],
)
def test_a_duration_is_said_as_people_say_it(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def kept(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / ".ci-steps" / "report.json").read_bytes())
    Draft202012Validator(report_schema()).validate(found)
    return found


def titles(found: dict[str, Any]) -> list[str]:
    return [f"{one['step']} {one['environment']}".strip() for one in found["steps"]]


def test_the_commands_of_one_job_make_one_report(tmp_path: Path) -> None:
    for one in (step("unit-test", "failed"), step("unit-test"), DEPLOYED):
        job_reports.keep(report(one), tmp_path, Outside({}))
    found = kept(tmp_path)
    assert titles(found) == ["unit-test", "deploy production"]
    assert (found["passed"], found["seconds"]) == (True, 2.0)
    assert found["last_line"] == "auth 1.2.0 is in production, 2.0 s"


def test_a_failure_stays_one_until_its_step_has_passed(tmp_path: Path) -> None:
    job_reports.keep(report(step("unit-test", "failed")), tmp_path, Outside({}))
    job_reports.keep(report(step("version-check")), tmp_path, Outside({}))
    assert (kept(tmp_path)["passed"], kept(tmp_path)["status"]) == (False, "failed")


def test_what_is_skipped_later_does_not_undo_what_was_done(tmp_path: Path) -> None:
    job_reports.keep(report(DEPLOYED), tmp_path, Outside({}))
    job_reports.keep(report(step("deploy production", "skipped")), tmp_path, Outside({}))
    assert kept(tmp_path)["steps"] == [DEPLOYED]


def test_two_jobs_in_one_workspace_have_a_report_each(tmp_path: Path) -> None:
    ours, theirs = "https://ci.example/1", "https://ci.example/2"

    def work(url: str) -> None:
        for number in range(20):
            job_reports.keep(report(step(f"deploy e{number}"), url=url), tmp_path, Outside({}))

    jobs = [Thread(target=work, args=(url,)) for url in (ours, theirs)]
    for one in jobs:
        one.start()
    for one in jobs:
        one.join()
    found = [json.loads(path.read_bytes()) for path in (tmp_path / ".ci-steps/jobs").iterdir()]
    wanted = [f"deploy e{number}" for number in range(20)]
    assert {one["job"]["url"]: titles(one) for one in found} == {ours: wanted, theirs: wanted}
    assert kept(tmp_path) in found


def test_old_jobs_are_forgotten(tmp_path: Path) -> None:
    for number in range(25):
        one = report(step("unit-test"), commit=f"c{number}")
        job_reports.keep(one, tmp_path, Outside({}))
    assert len(list((tmp_path / ".ci-steps/jobs").iterdir())) == 20
    assert kept(tmp_path)["commit"] == "c24"


@pytest.mark.parametrize("content", ["", "[]", "{", '{"steps": 1}', "[" * 100_000])
def test_a_report_that_cannot_be_read_is_begun_anew(tmp_path: Path, content: str) -> None:
    job_reports.keep(report(step("unit-test")), tmp_path, Outside({}))
    (damaged,) = (tmp_path / ".ci-steps/jobs").iterdir()
    damaged.write_text(content)
    job_reports.keep(report(step("version-check")), tmp_path, Outside({}))
    assert titles(kept(tmp_path)) == ["version-check"]


class Tags(HTMLParser):
    """Reads a page and keeps what is open, and what could be fetched or run."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "iframe", "img", "link"}
        assert not [name for name, _ in attrs if name.startswith("on")]
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        if tag not in {"br", "meta"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_shows_what_strangers_wrote_and_obeys_none_of_it() -> None:
    evil = "<script>alert('&')</script>\"onload=x"
    gates = [{"gate": evil, "open": "overridden", "because": evil, "override_reason": evil}]
    deployment = {**DEPLOYMENT, "address": "javascript:alert(1)", "environment": evil}
    shown = report(
        step("deploy x", summary=evil, gates=gates, deployment=deployment),
        step("notify-owners", notices=[{"who": evil, "state": "waiting"}]),
        url=f"https://ci.example/{evil}",
        commit=evil,
    )
    shown["steps"][0] |= {"warnings": [evil], "hint": evil, "outputs": {evil: evil}}
    tags = Tags()
    content = page(shown)
    tags.feed(content)
    assert tags.open == []
    assert len(tags.links) == 1
    assert "<script" not in content
    assert "javascript:alert(1)" in content


SERVICE = "service: web\nowner: a\nsteps: {unit-test: {command: ['true']}}\n"


@needs_git
def test_steps_one_at_a_time_make_one_report_and_a_page(tmp_path: Path) -> None:
    web = service(tmp_path / "web", SERVICE)
    for name in ("unit-test", "version-check", "unit-test"):
        assert called(web, name, "--dictionary", str(tmp_path / "d.db")).status == 0
    assert titles(kept(web)) == ["unit-test", "version-check"]
    assert kept(web)["steps"][1]["facts"]["bump"]["bump"] == "first"
    assert "web 1.1.0" in (web / ".ci-steps" / "report.html").read_text("utf-8")


@needs_git
def test_what_cannot_be_kept_fails_no_step(tmp_path: Path) -> None:
    web = service(tmp_path / "web", SERVICE)
    (web / ".ci-steps").mkdir()
    (web / ".ci-steps" / "lock").mkdir()
    ended = called(web, "unit-test", "--dictionary", str(tmp_path / "d.db"))
    assert ended.status == 0
    assert "warning: the report of the job is not kept: cannot lock" in ended.err
