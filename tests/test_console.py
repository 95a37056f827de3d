"""The only writer to the terminal: what is a result, what is masked, and what is coloured."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from ci_steps.console import Console, rendered
from ci_steps.errors import RefusedError
from ci_steps.model import Status, StepResult, Table

GRID = Table(("service", "owner"), (("gis", "gis-team"), ("web", "[bold]web[/] :wave:")), "Who")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def written(
    *, quiet: bool = False, color: bool = False
) -> tuple[Console, io.StringIO, io.StringIO]:
    out, err = io.StringIO(), io.StringIO()
    return Console(out, err, color=color, quiet=quiet), out, err


def test_results_go_one_way_and_all_else_the_other() -> None:
    console, out, err = written()
    console.result("42")
    console.line("printed")
    console.note("long")
    console.warning("odd")
    console.last_line("done")
    console.table(GRID)
    assert out.getvalue() == "42\n"
    assert "  printed\nlong\nwarning: odd\ndone\n" in err.getvalue()
    assert "gis-team" in err.getvalue()


def test_quiet_leaves_out_what_is_only_progress() -> None:
    console, out, err = written(quiet=True)
    console.line("printed")
    console.note("long")
    console.table(GRID)
    console.step("unit-test", StepResult(Status.PASSED, "2 tests"), 0.1)
    console.table(GRID, result=True)
    assert err.getvalue() == "unit-test ................... passed       0.1 s  2 tests\n"
    assert "gis-team" in out.getvalue()


def test_an_error_has_a_line_for_each_problem_and_says_what_to_do() -> None:
    console, _, err = written()
    console.error(RefusedError("one\ntwo", hint="Do this.\n| last words"))
    assert err.getvalue() == "error: one\nerror: two\n hint: Do this.\n       | last words\n"


def test_the_second_line_of_a_summary_does_not_begin_like_a_line_of_its_own() -> None:
    console, _, err = written()
    console.step("deploy", StepResult(Status.FAILED, "one\ntwo", warnings=("a\nb",), hint="c"), 1)
    assert err.getvalue().splitlines()[1:] == ["  | two", "warning: a", "  | b", " hint: c"]


def test_a_title_longer_than_its_column_keeps_two_dots() -> None:
    console, _, err = written()
    console.step("deploy " + "e" * 300, StepResult(Status.PASSED, "größe"), 1)
    assert "eee .. passed" in err.getvalue()


@pytest.mark.parametrize("text", ["a\x1b]0;title\x07b", "a\x1b[2Jb", "a\rb", "a\x9bb"])
def test_nothing_from_outside_gives_the_terminal_orders(text: str) -> None:
    console, out, err = written()
    console.note(text)
    console.warning(text)
    console.error(RefusedError(text, hint=text))
    console.step("deploy", StepResult(Status.FAILED, text), 1)
    console.table(Table(("a",), ((text,),)), result=True)
    for shown in (out.getvalue(), err.getvalue()):
        assert not set("\x1b\x07\r\x9b") & set(shown)


def test_colour_is_for_terminals_each_for_itself() -> None:
    out, err = io.StringIO(), Terminal()
    console = Console(out, err, color=True)
    console.step("deploy", StepResult(Status.FAILED, "no"), 1)
    console.table(GRID, result=True)
    console.result("x")
    assert "\x1b[31m" in err.getvalue()
    assert "\x1b" not in out.getvalue()


def test_without_colour_a_terminal_gets_none() -> None:
    out, err = Terminal(), Terminal()
    console = Console(out, err, color=False)
    console.error(RefusedError("no"))
    console.table(GRID, result=True)
    assert "\x1b" not in out.getvalue() + err.getvalue()


def test_cells_are_text_and_no_markup() -> None:
    assert "[bold]web[/] :wave:" in rendered(GRID, color=False, width=80)


def test_a_table_is_as_wide_as_it_is_told_and_loses_nothing() -> None:
    text = rendered(Table(("a",), (("x" * 300,),)), color=False, width=100)
    assert max(map(len, text.splitlines())) <= 100
    assert text.count("x") == 300


def test_a_secret_that_is_wrapped_in_a_table_is_masked() -> None:
    console, out, _ = written()
    console.mask("s3cret-" * 40)
    console.table(Table(("a",), (("x " + "s3cret-" * 40,),)), result=True)
    assert "x ***" in out.getvalue()
    assert "s3cret" not in out.getvalue()


def test_a_secret_is_masked_in_everything_written_from_then_on() -> None:
    console, out, err = written()
    console.mask("s3cret")
    console.mask("s3cret-long")
    console.mask("")
    console.result("a s3cret-long b s3cret")
    console.error(RefusedError("s3cret", hint="s3cret"))
    console.table(Table(("a",), (("s3cret",),)), result=True)
    assert "s3cret" not in out.getvalue() + err.getvalue()
    assert "a *** b ***" in out.getvalue()


@pytest.mark.parametrize("secret", ['pa"ss', "pa\\ss", "päss", "line1234\nline5678", '""""'])
def test_a_secret_in_json_is_masked_and_the_json_stays_json(secret: str) -> None:
    console, out, _ = written()
    console.mask(secret)
    document = {"schema": "x/1", "passed": True, "n": 1.1, "deep": [{"t": f"a {secret} b"}]}
    console.answer(document)
    found = json.loads(out.getvalue())
    assert found["deep"][0]["t"] == "a *** b"
    assert found["n"] == 1.1


@pytest.mark.parametrize("secret", ["dictionary", "unknown", "skipped"])
def test_what_an_answer_is_can_be_read_whatever_a_secret_is(secret: str) -> None:
    console, out, _ = written()
    console.mask(secret)
    console.answer({"schema": "ci-steps/dictionary/1", "verdict": "unknown", "status": "skipped"})
    assert json.loads(out.getvalue()) == {
        "schema": "ci-steps/dictionary/1",
        "verdict": "unknown",
        "status": "skipped",
    }


def test_a_secret_that_is_in_half_of_all_words_is_not_hidden() -> None:
    console, out, _ = written()
    assert [console.mask(one) for one in ("", "a", "abc", "abcd")] == [True, False, False, True]
    console.result("a cab, abc, abcd")
    assert out.getvalue() == "a cab, abc, ***\n"


def test_each_line_of_a_long_secret_is_masked() -> None:
    console, _, err = written()
    console.mask("-----BEGIN\nabcdef\n-----END\n")
    console.line("key: abcdef")
    assert err.getvalue() == "  key: ***\n"


_CLOSED = """
import sys
from ci_steps.console import Console
console = Console(sys.stdout, sys.stderr, color=False)
for _ in range(20_000):
    console.result("x" * 100)
    console.line("x" * 100)
with open(sys.argv[1], "w") as done:
    done.write("went on")
"""


def test_whoever_reads_it_may_leave_and_the_work_goes_on(tmp_path: Path) -> None:
    done = tmp_path / "done"
    process = subprocess.Popen(
        [sys.executable, "-c", _CLOSED, str(done)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    process.stderr.close()
    assert process.wait(30) == 0
    assert done.read_text() == "went on"
