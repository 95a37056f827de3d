"""The page of a job: what came of it first, and nothing that data says is markup."""

from __future__ import annotations

import re
from html import unescape

import pytest
from markdown_it import MarkdownIt

from ci_steps.config.plan import PlannedStep
from ci_steps.model import StepResult, Table, failed, passed, rehearsed, skipped
from ci_steps.reporting.report import Ran, Report
from ci_steps.reporting.summary import summary
from ci_steps.writing.markdown import picture, text

ODD = [
    "a|b",
    "<script>alert(1)</script>",
    "@everybody look",
    "![x](https://shop.example/pixel)",
    "`code` and **bold** and ~~no~~",
    "line\nanother\r\n# heading",
    "$x^2$",
    'say "hi" & go; end --> A["x"]',
    "100%",
    "_not_ slanted, v1_20171001-2 neither",
    "# 17",
]


def ran(name: str, result: StepResult, environment: str = "") -> Ran:
    return Ran(PlannedStep(name, environment, None), result, 0.25)


def page(*steps: Ran) -> str:
    return summary(Report("auth", "2.0.0", "4f1c2aa00000ffff", steps))


def html(markdown: str) -> str:
    shown: str = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)
    return shown


def test_the_first_line_says_what_came_of_it() -> None:
    assert page(ran("unit-test", passed("9 tests"))).startswith("## auth 2.0.0: passed\n")
    assert page(ran("unit-test", failed("1 failed"))).startswith(
        "## auth 2.0.0: unit-test failed\n"
    )
    assert page(ran("unit-test", rehearsed("x"))).startswith("## auth 2.0.0: rehearsed\n")


def test_why_it_failed_and_what_to_do_come_before_everything_else() -> None:
    shown = page(
        ran("unit-test", passed("9 tests")),
        ran("deploy", failed("refuses: dependents", hint="Release it beside."), "production"),
        ran("notify-owners", skipped("deploy production failed")),
    )
    why = "> [!CAUTION]\n> **deploy production**: refuses: dependents\n>\n> Release it beside.\n"
    assert why in shown
    assert shown.index(why) < shown.index("```mermaid") < shown.index("| step |")
    assert 's1["deploy production 0.3 s"]:::failed' in shown.replace("0.2 s", "0.3 s")
    assert 's2["notify-owners"]:::skipped' in shown


def test_what_the_steps_found_is_in_one_line() -> None:
    shown = page(
        ran("version-check", passed("x", bump="may_break", breaking="true", verdict="yes")),
        ran("deploy", passed("x", address="http://127.0.0.1:8080"), "staging"),
    )
    assert (
        "may break, **may break callers** · what it needs is there: **yes** · "
        "answers at http://127.0.0.1:8080 · commit `4f1c2aa00000`\n"
    ) in shown


def test_one_step_has_no_picture_of_itself() -> None:
    assert "mermaid" not in page(ran("unit-test", passed("9 tests")))


def gates(result: StepResult) -> StepResult:
    table = Table(("gate", "open", "because"), (("commit", "yes", "x"),), "Gates of production")
    return StepResult(result.status, result.summary, tables=(table,))


def test_gates_are_folded_unless_they_are_the_reason() -> None:
    assert "<details><summary>Gates of production</summary>" in page(
        ran("deploy", gates(passed("done")), "production")
    )
    shown = page(ran("deploy", gates(failed("no")), "production"))
    assert "### Gates of production" in shown
    assert "<details>" not in shown


def test_who_must_move_is_drawn() -> None:
    columns = ("service", "needs", "must move to", "by", "owner")
    rows = (("gis", "auth-1.1", "auth-2", "2026-12-25", "gis-team"),)
    result = StepResult(passed("x").status, "x", tables=(Table(columns, rows, "Who must move"),))
    shown = page(ran("deploy", result, "production"))
    assert 'd0["gis needs auth-1.1"]:::skipped' in shown
    assert 'd0 -- "by 2026-12-25" --> new' in shown


@pytest.mark.parametrize("odd", ODD)
def test_what_data_says_is_text(odd: str) -> None:
    table = Table(("a", "b"), ((odd, "kept"),), odd)
    result = StepResult(failed("x").status, odd, tables=(table,), warnings=(odd,), hint=odd)
    shown = html(page(ran("unit-test", result)))
    assert set(re.findall(r"<(\w+)", shown)) <= {
        *("h2", "h3", "p", "code", "blockquote", "table", "thead", "tbody", "tr", "th", "td"),
        "strong",
        "br",  # between the lines of a hint
    }
    assert shown.count("<strong>") == 1  # the name of the step that failed
    assert shown.count("<code>") == 1  # the commit
    assert shown.count("<td>kept</td>") == 1
    assert "@" not in page(ran("unit-test", result))


@pytest.mark.parametrize("odd", [*ODD, "~~~", "~~~~~ > x", "| a"])
def test_what_a_program_printed_stands_there_as_it_printed_it(odd: str) -> None:
    printed = odd.splitlines()
    hint = "\n".join(["It printed last:", *(f"| {line}" for line in printed), "All is in x.log."])
    shown = html(page(ran("deploy", failed("no", hint=hint))))
    (code,) = re.findall(r"<pre><code>(.*?)\n</code></pre>", shown, re.DOTALL)
    assert unescape(code).split("\n") == printed
    assert "<p>All is in x.log.</p>" in shown


@pytest.mark.parametrize("odd", ODD)
def test_a_picture_holds_no_sign_that_mermaid_reads(odd: str) -> None:
    lines = list(picture({"a": (odd, "passed"), "b": ("b", "other")}, [("a", "b", odd)], ""))
    label = lines[3].removeprefix('  a["').removesuffix('"]:::passed')
    assert re.fullmatch(r"(?:[\w .,:;()/+=-]|#\d+;)*", label)
    assert lines[5] == f'  a -- "{label}" --> b'


def test_text_is_shown_as_it_was_written() -> None:
    for odd in ODD:
        shown = MarkdownIt("commonmark").render(text(odd))
        plain = shown.removeprefix("<p>").removesuffix("</p>\n")
        for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
            plain = plain.replace(entity, sign)
        assert plain == " ".join(odd.split())
