"""GitHub Actions: what is told to the host, and what can never be taken for a command."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from ci_steps.console import Console
from ci_steps.hosts import github_actions as host
from ci_steps.model import Status, StepResult
from ci_steps.outside import Outside
from ci_steps.outside.inert import InertOutside


def outputs_of(text: str) -> dict[str, str]:
    """Read an output file as the runner does: up to the first line that is the end mark."""
    found, lines = {}, iter(text.split("\n"))
    for line in filter(None, lines):
        name, _, end = line.partition("<<")
        value = []
        while (line := next(lines)) != end:
            value.append(line)
        found[name] = "\n".join(value)
    return found


def obeyed(text: str) -> list[str]:
    """Return the commands that the runner obeys in a log, as it reads one."""
    found, stopped_by = [], ""
    for line in text.splitlines():
        command = line.lstrip()
        if stopped_by:
            stopped_by = "" if command == f"::{stopped_by}::" else stopped_by
        elif command.startswith("::stop-commands::"):
            stopped_by = command.removeprefix("::stop-commands::")
        elif command.startswith("::") or "##[" in line:
            found.append(command)
    return found


def github_console() -> tuple[Console, io.StringIO]:
    """Return a console as `shell.host_of` connects it with GitHub, and its log."""
    log = io.StringIO()
    console = Console(log, log, color=False)
    console.mask_command, console.quoted = host.mask, host.quoted
    return console, log


def test_it_is_here_only_when_github_says_so() -> None:
    assert host.is_here({"GITHUB_ACTIONS": "true"})
    assert not host.is_here({"CI": "true"})


def test_a_pull_request_is_of_its_own_branch_and_of_whoever_started_the_run() -> None:
    facts = host.facts(
        {
            "GITHUB_SHA": "4f1c2aa",
            "GITHUB_HEAD_REF": "faster-login",
            "GITHUB_REF_NAME": "7/merge",
            "GITHUB_SERVER_URL": "https://git.shop.example",
            "GITHUB_REPOSITORY": "shop/auth",
            "GITHUB_RUN_ID": "31",
            "GITHUB_ACTOR": "author",
            "GITHUB_TRIGGERING_ACTOR": "reviewer",
        }
    )
    assert (facts.commit, facts.branch, facts.actor) == ("4f1c2aa", "faster-login", "reviewer")
    assert facts.url == "https://git.shop.example/shop/auth/actions/runs/31"


def test_a_push_is_of_the_branch_that_was_pushed() -> None:
    facts = host.facts({"GITHUB_HEAD_REF": "", "GITHUB_REF_NAME": "main", "GITHUB_ACTOR": "author"})
    assert (facts.branch, facts.actor, facts.url) == ("main", "author", "")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "100 % of it",
        "two\nlines",
        "ends\n",
        "\n\nbegins",
        "EOF\nstatus<<EOF\npassed\nEOF",
        "end-0123456789abcdef0123456789abcdef\nstatus=passed",
        pytest.param("a line of %0A << EOF\n" * 50_000, id="1 MB"),
    ],
)
def test_an_output_arrives_as_it_was_and_sets_no_other_one(value: str) -> None:
    written = {"told": value, "status": "failed"}
    assert outputs_of(host.outputs_text(written)) == written


def test_the_end_mark_is_another_one_each_time() -> None:
    assert host.outputs_text({"told": "1"}) != host.outputs_text({"told": "1"})


def test_outputs_and_summary_are_added_to_what_earlier_steps_wrote(tmp_path: Path) -> None:
    output, page = tmp_path / "output", tmp_path / "summary"
    output.write_text("before=1\n")
    page.write_text("before\n")
    named = {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(page)}
    host.hand_over({"status": "passed"}, "## auth 1.1.0: passed", Outside(named))
    assert output.read_text().startswith("before=1\nstatus<<end-")
    assert page.read_text() == "before\n## auth 1.1.0: passed\n"


def test_without_the_files_of_a_runner_nothing_is_written(tmp_path: Path) -> None:
    host.hand_over({"status": "passed"}, "passed", Outside({}))
    assert list(tmp_path.iterdir()) == []


def test_a_rehearsal_hands_nothing_over(tmp_path: Path) -> None:
    named = {"GITHUB_OUTPUT": str(tmp_path / "output")}
    host.hand_over({"status": "would run"}, "", InertOutside(named))
    assert list(tmp_path.iterdir()) == []


def test_a_summary_that_is_too_long_ends_between_two_lines_and_says_so(tmp_path: Path) -> None:
    page = tmp_path / "summary"
    row = f"| {'é' * 300} |"
    host.hand_over({}, "\n".join([row] * 3000), Outside({"GITHUB_STEP_SUMMARY": str(page)}))
    assert 990_000 < page.stat().st_size <= 1024 * 1024
    *rows, _, last = page.read_text().rstrip().split("\n")
    assert set(rows) == {row}
    assert last == "The rest is too long for this page; all of it is in the log."


def test_an_annotation_is_one_line_whatever_it_says() -> None:
    assert (
        host.annotation("error", "100 %\nof it", "a,b:c.yaml", 7)
        == "::error file=a%2Cb%3Ac.yaml,line=7::100 %25%0Aof it"
    )
    assert host.annotation("warning", "old") == "::warning::old"


def test_a_secret_of_many_lines_is_masked_line_by_line_but_not_its_braces() -> None:
    assert host.mask('{\n  "key": "x%y"\n}') == '::add-mask::  "key": "x%25y"'


def test_a_short_secret_of_one_line_is_masked_all_the_same() -> None:
    assert host.mask("abc") == "::add-mask::abc"


@pytest.mark.parametrize(
    "line",
    [
        "::error::owned",
        "  \t::set-output name=status::passed",
        "fine\n::error::owned",
        "fine\r::error::owned",
        "fine\r\n \n ::error::owned",
        "##[set-output name=status]passed",
        "fine ##[error]owned",
        "\u2003::error::owned",
    ],
)
def test_nothing_a_step_says_is_taken_for_a_command(line: str) -> None:
    console, log = github_console()
    console.step("version-check", StepResult(Status.FAILED, line, warnings=(line,), hint=line), 1)
    console.note(line)
    assert obeyed(log.getvalue()) == []
    assert "owned" in log.getvalue() or "passed" in log.getvalue()


def test_an_address_and_a_name_with_colons_stay_as_they_are() -> None:
    assert host.quoted("http://[::1]:80 and std::string") == "http://[::1]:80 and std::string"


def test_nothing_that_tests_print_is_taken_for_a_command() -> None:
    console, log = github_console()
    with console.fold(*host.group("unit-test")):
        console.line("::error::owned")
        console.line("::stop-commands::mine")
        console.line("::mine::")
        console.line("##[error]owned")
    assert obeyed(log.getvalue()) == ["::group::unit-test", "::endgroup::"]


def test_a_secret_first_read_inside_a_step_is_never_shown_and_masked_after_it() -> None:
    console, log = github_console()
    with console.fold(*host.group("deploy staging")):
        console.mask("hunter22")
        console.line("the password is hunter22")
    inside, _, after = log.getvalue().partition("::endgroup::\n")
    assert "hunter22" not in inside
    assert "the password is ***" in inside
    assert after == "::add-mask::hunter22\n"
    assert obeyed(log.getvalue())[-1] == "::add-mask::hunter22"


def test_a_secret_is_masked_although_the_step_was_interrupted() -> None:
    console, log = github_console()

    def interrupted() -> None:
        with console.fold(*host.group("deploy staging")):
            console.mask("hunter22")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert obeyed(log.getvalue()) == [
        "::group::deploy staging",
        "::endgroup::",
        "::add-mask::hunter22",
    ]


def test_a_secret_outside_a_step_is_masked_at_once_and_only_once() -> None:
    console, log = github_console()
    console.mask("hunter22")
    console.mask("hunter22")
    assert log.getvalue() == "::add-mask::hunter22\n"


def test_a_secret_of_many_lines_is_hidden_when_it_is_printed_line_by_line() -> None:
    console, log = github_console()
    with console.fold(*host.group("deploy staging")):
        console.mask("first-half\nsecond-half")
        console.line("key: first-half")
        console.line("second-half")
    assert "first-half" not in log.getvalue().partition("::endgroup::")[0]
    assert "second-half" not in log.getvalue().partition("::endgroup::")[0]


def test_a_secret_that_holds_another_one_is_masked_whole() -> None:
    console, log = github_console()
    console.mask("hunter22")
    console.mask("hunter22-and-more")
    assert obeyed(log.getvalue()) == ["::add-mask::hunter22", "::add-mask::hunter22-and-more"]


def test_an_annotation_shows_no_secret() -> None:
    console, log = github_console()
    console.mask("hunter22")
    console.raw(host.annotation("error", "login hunter22 was refused"))
    assert obeyed(log.getvalue())[-1] == "::error::login *** was refused"


def test_what_is_asked_for_is_not_changed() -> None:
    out = io.StringIO()
    console = Console(out, io.StringIO(), color=False)
    console.quoted = host.quoted
    console.result("::1")
    assert out.getvalue() == "::1\n"
