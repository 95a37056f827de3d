"""JUnit reports: only what this run wrote counts, and only if it can be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ci_steps.testing.reports import Tested as Counted  # pytest takes a Tested for tests
from ci_steps.testing.reports import look, read_reports

CASE = '<testcase classname="t.T" name="a"/>'
FAILED = (
    '<testcase classname="t.T" name="b"><failure message="1 != 2&#10;more">x</failure></testcase>'
)
BROKEN = '<testcase name="c"><error>boom\nbang</error></testcase>'
SKIPPED = '<testcase name="d"><skipped/></testcase>'


def suite(*cases: str, more: str = "") -> str:
    return f"<testsuite {more}>{''.join(cases)}</testsuite>"


def read(folder: Path, *reports: str | bytes) -> Counted:
    for number, report in enumerate(reports):
        content = report.encode() if isinstance(report, str) else report
        (folder / f"{number}.xml").write_bytes(content)
    return read_reports(folder, ("*.xml",), {})


def test_tests_of_all_reports_are_counted(tmp_path: Path) -> None:
    found = read(tmp_path, suite(CASE, SKIPPED), f"<testsuites>{suite(CASE)}</testsuites>")
    assert found == Counted(3, 1)
    assert found.summary == "3 tests, 1 skipped"


def test_failures_and_errors_are_named_with_the_first_line_of_why(tmp_path: Path) -> None:
    found = read(tmp_path, suite(CASE, FAILED, BROKEN))
    assert list(found.first_failures) == ["t.T.b: 1 != 2", "c: error: boom"]
    assert found.summary == "3 tests, 2 failed"


def test_suites_in_suites_are_read(tmp_path: Path) -> None:
    assert read(tmp_path, suite(suite(suite(CASE, FAILED)), CASE)).summary == "3 tests, 1 failed"


def test_of_many_failures_ten_are_shown(tmp_path: Path) -> None:
    shown = read(tmp_path, suite(*[FAILED] * 12)).first_failures
    assert len(shown) == 11
    assert shown[-1] == "… and 2 more"
    assert len(read(tmp_path, suite(*[FAILED] * 10)).first_failures) == 10


@pytest.mark.parametrize(
    "report",
    [
        suite(CASE, more='failures="1"'),
        suite(CASE, more='errors="1"'),
        f'<testsuites failures="1">{suite(CASE)}</testsuites>',
        "<testsuites><testsuite errors='1'/></testsuites>",
    ],
)
def test_a_failure_that_is_counted_and_not_named_is_not_overlooked(
    tmp_path: Path, report: str
) -> None:
    assert read(tmp_path, report).problem == "0.xml says 1 failed, and names 0"


_ENTITIES = ['<!ENTITY a0 "aaaaaaaaaa">']
_ENTITIES += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
_BOMB = f"<!DOCTYPE b [{''.join(_ENTITIES)}]><testsuite><testcase name='&a9;'/></testsuite>"


@pytest.mark.parametrize(
    ("report", "said"),
    [
        ("", "0.xml is not a JUnit report: no element found"),
        ("<testsuite", "0.xml is not a JUnit report: "),
        ("<html/>", "0.xml is not a JUnit report: it is <html>"),
        ('{"tests": 1}', "0.xml is not a JUnit report: "),
        (b"<testsuite>\xff</testsuite>", "0.xml is not a JUnit report: "),
        (suite(CASE, more='failures="many"'), "0.xml is not a JUnit report: "),
        (_BOMB, "0.xml has a DOCTYPE, which is not read"),
        (_BOMB.encode("utf-16"), "0.xml has a DOCTYPE, which is not read"),
        (
            '<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/hostname">]><testsuite>&x;</testsuite>',
            "0.xml has a DOCTYPE, which is not read",
        ),
        ("<testsuite>" * 20_000 + "</testsuite>" * 20_000, "0.xml is not a JUnit report: "),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_cannot_be_read_is_a_problem_of_one_line(
    tmp_path: Path, report: str | bytes, said: str
) -> None:
    problem = read(tmp_path, report).problem
    assert problem.lower().startswith(said.lower())
    assert len(problem.splitlines()) == 1


def test_a_report_of_a_size_nobody_writes_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "0.xml").open("wb") as file:
        file.truncate(50_000_001)
    found = read_reports(tmp_path, ("*.xml",), {})
    assert found.problem == "0.xml is longer than 50,000,000 bytes"


def test_one_unreadable_report_spoils_the_others(tmp_path: Path) -> None:
    found = read(tmp_path, suite(CASE), "<testsuite")
    assert found.problem


def test_a_report_that_was_there_before_proves_nothing(tmp_path: Path) -> None:
    report = tmp_path / "0.xml"
    report.write_text(suite(CASE))
    before = look(tmp_path, ("*.xml",))
    old = read_reports(tmp_path, ("*.xml",), before)
    assert old.problem.startswith("no report was written by this run, those that are there are")
    os.utime(report, ns=(1, 1))
    assert read_reports(tmp_path, ("*.xml",), before) == Counted(1)


def test_no_report_at_all_is_said_with_where_it_was_looked_for(tmp_path: Path) -> None:
    found = read_reports(tmp_path, ("a/*.xml", "b.xml"), {})
    assert found.problem == "no report was written: a/*.xml, b.xml"


def test_patterns_may_go_deep_be_absolute_or_match_nothing(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b" / "TEST-1.xml"
    deep.parent.mkdir(parents=True)
    deep.write_text(suite(CASE))
    (tmp_path / "folder.xml").mkdir()
    assert list(look(tmp_path, ("**/TEST-*.xml",))) == [deep]
    assert list(look(tmp_path, (str(tmp_path / "a" / "b" / "*.xml"),))) == [deep]
    assert look(tmp_path, ("", "*.xml", "[", "../" * 50 + "nowhere/*.xml")) == {}
