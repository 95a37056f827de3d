"""`run` and single steps: what is chosen, answered, and left when a real process is interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ci_steps.cli.running.run_options import overrides_of
from ci_steps.cli.running.runs import selected
from ci_steps.config.plan import PlannedStep
from ci_steps.errors import UsageError
from tests.parts.commands import CI_STEPS, called, environ, service, typed_in
from tests.parts.dictionaries import dictionary_at
from tests.parts.git import HAS_GIT, WITHOUT_GIT, git
from tests.parts.processes import ended, wait_for

needs_git = pytest.mark.skipif(not HAS_GIT, reason=WITHOUT_GIT)

_STEPS = tuple(
    PlannedStep(name, place, None)
    for name, place in (("unit-test", ""), ("deploy", "staging"), ("deploy", "production"))
)


def chosen(*only: str, first: str | None = None, last: str | None = None) -> list[str]:
    return [step.title for step in selected(_STEPS, only, first, last)]


def test_steps_are_chosen_in_the_order_of_the_pipeline() -> None:
    assert chosen("deploy staging", "unit-test") == ["unit-test", "deploy staging"]
    assert chosen(first="deploy staging") == ["deploy staging", "deploy production"]
    assert chosen(last="deploy staging") == ["unit-test", "deploy staging"]
    assert chosen(first="deploy staging", last="deploy staging") == ["deploy staging"]


@pytest.mark.parametrize(
    ("only", "first", "last", "said"),
    [
        (("deploy",), None, None, "no step 'deploy' in the pipeline"),
        (("deploy stagin",), None, None, "did you mean deploy staging?"),
        (("unit-test",), "unit-test", None, "--only goes without --from and --until"),
        ((), "deploy production", "unit-test", "comes after --until unit-test"),
    ],
)
def test_a_choice_that_is_none_is_said(
    only: tuple[str, ...], first: str | None, last: str | None, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        chosen(*only, first=first, last=last)


@pytest.mark.parametrize(
    ("gates", "reason", "said"),
    [
        (("unit-tset",), "x", "unknown gate 'unit-tset', did you mean unit-test?"),
        (("unit-test",), "", "--override unit-test needs a reason"),
        (("unit-test",), " ", "--override unit-test needs a reason"),
        ((), "x", "--reason is for --override"),
    ],
)
def test_a_gate_is_passed_only_by_its_name_and_with_a_reason(
    gates: tuple[str, ...], reason: str, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        overrides_of(gates, reason)


def test_a_gate_that_is_passed_keeps_its_reason() -> None:
    assert overrides_of(("unit-test",), " a fix ") == {"unit-test": "a fix"}


def make(folder: Path, script: str, more: str = "") -> Path:
    """Make a service whose unit tests are a shell script."""
    quoted = script.replace("'", "''")
    options = f"{{command: [sh, -c, '{quoted}']{more}}}"
    return service(folder / "web", f"service: web\nowner: a\nsteps: {{unit-test: {options}}}")


def evidence(folder: Path, web: Path) -> list[bool]:
    """Return the results of unit tests that were recorded."""
    with dictionary_at(str(folder / "d.db")) as dictionary:
        found = dictionary.evidence("unit-test", "web", "1.1.0", git(web, "rev-parse", "HEAD"))
        return [found.passed] if found else []


def unit_test(folder: Path, web: Path, *more: str) -> list[str]:
    return ["unit-test", "--dictionary", str(folder / "d.db"), *more]


@needs_git
@pytest.mark.parametrize(("script", "status"), [("echo out; true", 0), ("echo out; false", 1)])
def test_json_is_all_there_is_on_stdout_also_when_the_step_fails(
    tmp_path: Path, script: str, status: int
) -> None:
    web = make(tmp_path, script)
    answer = called(web, *unit_test(tmp_path, web, "--json"))
    assert answer.status == status
    assert answer.document["schema"] == "ci-steps/report/1"
    assert answer.document["passed"] is (status == 0)
    assert [step["step"] for step in answer.document["steps"]] == ["unit-test"]
    assert "  out\n" not in answer.err
    assert evidence(tmp_path, web) == [status == 0]


@needs_git
def test_without_json_the_output_streams_and_nothing_is_on_stdout(tmp_path: Path) -> None:
    web = make(tmp_path, "echo größe")
    answer = called(web, *unit_test(tmp_path, web))
    assert (answer.status, answer.out) == (0, "")
    assert "  größe\n" in answer.err
    assert "\x1b" not in answer.err


@needs_git
def test_an_error_under_json_is_on_stderr_and_stdout_is_empty(tmp_path: Path) -> None:
    web = make(tmp_path, "true", ", junitt: x")
    answer = typed_in(web, *unit_test(tmp_path, web, "--json"))
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("error: ci-steps.yaml:3: steps.unit-test.junitt: unknown key")


@needs_git
def test_a_tool_that_is_missing_is_the_world_outside(tmp_path: Path) -> None:
    web = make(tmp_path, "true")
    answer = typed_in(web, *unit_test(tmp_path, web, "--command", "no-such-tool --all"))
    assert answer.status == 3
    assert "no-such-tool: no such program" in answer.err
    assert "Traceback" not in answer.err
    assert evidence(tmp_path, web) == []


@needs_git
@pytest.mark.slow
def test_a_test_command_that_prints_100_mb_is_borne(tmp_path: Path) -> None:
    web = make(tmp_path, "yes $(printf %0999d 0) | head -n 100000")
    source = (
        # Not getrusage: a process that is forked inherits that peak from the tests' own.
        "import re, sys; from ci_steps.cli import invoke; status = invoke(sys.argv[1:]);"
        "peak = re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read());"
        "print(status, int(peak[1]) // 1024)"
    )
    command = (sys.executable, "-c", source)
    answer = called(web, *unit_test(tmp_path, web), command=command)
    status, megabytes = map(int, answer.out.split())
    assert status == 0
    assert len(answer.err) > 100_000_000
    assert megabytes < 200


# A test command with a child that ignores SIGTERM, and with a file that says both are there.
_WAITS = "sh -c \"trap '' TERM; while :; do sleep 0.1; done\" & echo $$ $! > pids; wait"


@needs_git
@pytest.mark.parametrize(
    ("signals", "group"),
    [
        ([signal.SIGINT], True),
        ([signal.SIGTERM], False),
        ([signal.SIGINT] * 3 + [signal.SIGTERM], False),
    ],
    ids=["Ctrl-C on a terminal", "SIGTERM", "an impatient person"],
)
def test_interrupted_it_leaves_no_process_and_no_record(
    tmp_path: Path, signals: list[signal.Signals], group: bool
) -> None:
    web = make(tmp_path, _WAITS)
    process = subprocess.Popen(
        [*CI_STEPS, *unit_test(tmp_path, web)],
        cwd=web,
        env=environ(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    pids = [int(pid) for pid in wait_for(web / "pids").split()]
    for number in signals:
        # A terminal sends Ctrl-C to the whole group in front.
        (os.killpg if group else os.kill)(process.pid, number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == ""
    assert "error: interrupted\n hint: " in err
    assert "Traceback" not in err
    assert ended(pids)
    assert evidence(tmp_path, web) == []
    assert not (web / ".ci-steps" / "outputs" / "unit-test.json").exists()


def test_interrupted_within_a_text_that_is_executed_it_ends_with_its_own_status(
    tmp_path: Path,
) -> None:
    # Importing a dataclass executes a text; `python -m` then ends by SIGINT unless told better.
    (tmp_path / "interrupted.py").write_text(
        "from ci_steps import cli\n"
        "cli.root.main = lambda *_, **__: exec('raise KeyboardInterrupt')\n"
        "cli.invoke([])  # what loads only now would tell it better by chance\n"
        "cli.main([])\n",
        "utf-8",
    )
    answer = called(tmp_path, command=(sys.executable, "-m", "interrupted"))
    assert answer.status == 130
    assert answer.err.startswith("error: interrupted\n hint: ")


@needs_git
def test_what_is_interrupted_can_be_run_again(tmp_path: Path) -> None:
    web = make(tmp_path, "test -e again || { touch again; kill -INT $PPID; sleep 60; }")
    assert called(web, *unit_test(tmp_path, web)).status == 130
    assert typed_in(web, *unit_test(tmp_path, web)).status == 0
    assert evidence(tmp_path, web) == [True]
