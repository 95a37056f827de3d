"""The action: its inputs are checked, it runs in act, and it starts where nothing is installed."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from ci_steps import registry
from ci_steps.cli.action import arguments
from ci_steps.cli.action_inputs import FIXED, of_options
from ci_steps.errors import ConfigError
from ci_steps.model import Status
from tests.parts import act
from tests.parts.ci_api import ci_api
from tests.parts.repository import Repository, repository
from tests.parts.shipped import can_be_offline

ROOT = Path(__file__).parents[1]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
START = ROOT / "action" / "start.py"

in_act = pytest.mark.skipif(
    act.PROGRAM is None, reason="not proven here that the action runs: there is no act"
)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Repository]:
    with repository(tmp_path) as made:
        yield made


def wrong(**inputs: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        arguments(inputs)
    assert caught.value.exit_code == 2
    return str(caught.value).splitlines()


# What is declared.


def test_the_inputs_that_are_declared_are_those_that_are_checked() -> None:
    assert tuple(ACTION["inputs"]) == (*FIXED, *of_options())
    assert [name for name, one in ACTION["inputs"].items() if one.get("required")] == ["step"]


def test_every_step_is_named_where_the_input_is_explained() -> None:
    said = ACTION["inputs"]["step"]["description"]
    assert [name for name in registry.STEPS if name not in said] == []


def test_every_status_is_named_where_the_output_is_explained() -> None:
    said = ACTION["outputs"]["status"]["description"]
    assert [one.value for one in Status if one.value not in said] == []


def test_every_output_comes_from_the_one_step() -> None:
    for name, output in ACTION["outputs"].items():
        assert output["value"] == f"${{{{ steps.ci-steps.outputs.{name} }}}}"


def test_nothing_of_the_caller_is_written_into_the_shell_line() -> None:
    (only,) = ACTION["runs"]["steps"]
    assert "${{" not in only["run"]
    assert only["env"] == {"CI_STEPS_INPUTS": "${{ toJSON(inputs) }}"}


def test_github_accepts_the_file() -> None:
    checker = Path(sys.executable).with_name("check-jsonschema")
    if not checker.exists():
        pytest.skip("not proven here that GitHub's schema accepts action.yml: no check-jsonschema")
    command = [str(checker), "--builtin-schema", "vendor.github-actions", str(ROOT / "action.yml")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


# Inputs become one command.


@pytest.mark.parametrize(
    ("inputs", "command"),
    [
        pytest.param({"step": "unit-test"}, "unit-test", id="alone"),
        pytest.param({"step": " unit-test\n", "config": "  "}, "unit-test", id="white space"),
        pytest.param(
            {"step": "deploy", "environment": "staging"}, "deploy -- staging", id="environment"
        ),
        pytest.param(
            {"step": "version-check", "environment": "staging"},
            "version-check --environment=staging",
            id="environment that may be left out",
        ),
        pytest.param(
            {
                "step": "run",
                "config": "auth/ci-steps.yaml",
                "dictionary": "d.db",
                "version": "1.1.0",
                "commit": "4f1c2aa",
            },
            "run --config=auth/ci-steps.yaml --dictionary=d.db --build-version=1.1.0"
            " --commit=4f1c2aa",
            id="build",
        ),
        pytest.param(
            {"step": "run", "override": "unit-test, commit\nversion-check", "reason": "fire"},
            "run --override=unit-test --override=commit --override=version-check --reason=fire",
            id="gates",
        ),
        pytest.param(
            {"step": "unit-test", "options": "junit=a.xml\njunit=b.xml\n\ntimeout-seconds = 3"},
            "unit-test --junit=a.xml --junit=b.xml --timeout-seconds=3",
            id="options",
        ),
        pytest.param(
            {"step": "container-build", "options": "push=true"}, "container-build --push", id="yes"
        ),
        pytest.param(
            {"step": "container-build", "options": "push=No"},
            "container-build --no-push",
            id="no",
        ),
        pytest.param(
            {"step": "rehearse", "options": "from=unit-test"},
            "rehearse --from=unit-test",
            id="a part of the run",
        ),
    ],
)
def test_inputs_become_flags(inputs: dict[str, str], command: str) -> None:
    assert arguments(inputs) == command.split(" ")


def test_a_value_is_one_argument_with_its_flag_whatever_it_looks_like() -> None:
    value = "--help $(touch x) \"'; rm -rf /\n&& true"
    given = {"step": "deploy", "environment": "--help", "override": "commit", "reason": value}
    assert arguments(given) == ["deploy", "--override=commit", f"--reason={value}", "--", "--help"]


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({}, "with: step: must be given; known: unit-test"),
        ({"step": "unit-tset"}, "with: step: unknown step 'unit-tset', did you mean unit-test?"),
        ({"step": "$(touch x)"}, "with: step: unknown step '$(touch x)'"),
        ({"step": "version"}, "with: step: unknown step 'version', did you mean version-check?"),
        ({"step": "run", "enviroment": "x"}, "with: enviroment: unknown input, did you mean env"),
        ({"step": "deploy"}, "with: environment: must be given for deploy"),
        ({"step": "run", "environment": "x"}, "with: environment: run has none, got 'x'"),
        ({"step": "run", "override": "comit", "reason": "x"}, "with: override: unknown gate"),
        ({"step": "run", "override": "commit"}, "with: reason: must be given with override"),
        ({"step": "run", "reason": "x"}, "with: reason: is for override, and that is empty"),
        (
            {"step": "unit-test", "override": "commit", "reason": "x"},
            "with: override: unit-test has no gates",
        ),
        (
            {"step": "unit-test", "options": "comand=make"},
            "with: options: unknown key 'comand', did you mean command?",
        ),
        ({"step": "unit-test", "options": "command"}, "with: options: command: expected key=value"),
        ({"step": "run", "options": "untill=deploy"}, "with: options: unknown key 'untill', did"),
        (
            {"step": "container-build", "options": "push=maybe"},
            "with: options: push: expected true or false, got 'maybe'",
        ),
        ({"step": "run", "again": "unit-test"}, "with: again: again: expected true or false, got"),
        ({"step": "deploy", "environment": "x", "again": "true"}, "with: again: deploy has none"),
    ],
)
def test_a_wrong_input_is_said(inputs: dict[str, str], said: str) -> None:
    (line,) = wrong(**inputs)
    assert line.startswith(said)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    lines = wrong(step="deploy", enviroment="x", override="comit", options="line=x\nstrict=maybe")
    assert [line.split(": ")[1] for line in lines] == [
        "enviroment",
        "environment",
        "options",
        "options",
        "override",
        "reason",
    ]


@pytest.mark.parametrize("text", ["", "[]", "no json"])
def test_without_inputs_it_says_who_calls_it(text: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "ci_steps.cli.action"],
        env={"CI_STEPS_INPUTS": text, "GITHUB_ACTIONS": "true"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert "::error::CI_STEPS_INPUTS holds no JSON object" in ran.stderr


@pytest.mark.parametrize(
    ("inputs", "command"),
    [
        (
            {"step": "unit-test", "junit": "a/*.xml\nb/*.xml", "timeout-seconds": "60"},
            "unit-test --junit=a/*.xml --junit=b/*.xml --timeout-seconds=60",
        ),
        ({"step": "notify-owners", "strict": "no"}, "notify-owners --no-strict"),
        ({"step": "run", "until": "deploy"}, "run --until=deploy"),
        ({"step": "run", "again": "true"}, "run --again"),
        ({"step": "rehearse", "again": "false"}, "rehearse --no-again"),
        ({"step": "pull-request", "config": "a.yaml"}, "rehearse --comment --config=a.yaml"),
        (
            {
                "step": "integration-test",
                "environment": "staging",
                "mode": "manual",
                "approved-by": "lead",
                "reason": "looks",
            },
            "integration-test --mode=manual --approved-by=lead --reason=looks -- staging",
        ),
    ],
)
def test_every_option_is_an_input(inputs: dict[str, str], command: str) -> None:
    assert " ".join(arguments(inputs)) == command


def test_an_option_of_another_step_is_said() -> None:
    assert wrong(step="deploy", environment="staging", junit="*.xml", mode="manual") == [
        "with: junit: deploy has none, got '*.xml'",
        "with: mode: deploy has none, got 'manual'",
    ]


# In act.


@in_act
@pytest.mark.slow
def test_a_release_hands_on_its_outputs_and_shows_its_page(service: Repository, dist: Path) -> None:
    acted = act.run(
        service,
        dist,
        act.step("unit", "{step: unit-test}")
        + act.step("check", "{step: version-check}")
        + act.step(
            "deploy",
            "{step: deploy, environment: staging, options: lines=beside}",
            "{KEY: '${{ secrets.KEY }}'}",
        )
        + act.show("${{ steps.unit.outputs.status }} ${{ steps.check.outputs.bump }}")
        + act.show("${{ steps.deploy.outputs.version }} at ${{ steps.deploy.outputs.address }}"),
        "KEY=opensesame",
    )
    assert acted.passed, acted.log
    assert "shown passed first" in acted.printed
    (address,) = [line.rpartition(" ")[2] for line in acted.printed if "shown 1.1.0 at" in line]
    assert address.startswith("http://127.0.0.1:")
    assert service.answers("staging") == "1.1.0"
    assert "## auth 1.1.0: passed" in acted.page
    assert "opensesame" not in acted.log


@in_act
@pytest.mark.slow
@pytest.mark.skipif(not can_be_offline(), reason="not proven here without a network: no unshare")
def test_a_step_starts_without_a_network_and_with_nothing_installed(
    service: Repository, dist: Path
) -> None:
    acted = act.run(
        service,
        dist,
        act.step("deploy", "{step: run, options: until=integration-test staging}")
        + act.show("${{ steps.deploy.outputs.status }} ${{ steps.deploy.outputs.address }}"),
        offline=True,
    )
    assert acted.passed, acted.log
    assert any("shown passed http://127.0.0.1:" in line for line in acted.printed), acted.log


@in_act
@pytest.mark.slow
def test_a_pull_request_of_a_fork_is_answered_and_nothing_of_it_is_run(
    service: Repository, dist: Path
) -> None:
    file = service.folder / "ci-steps.yaml"
    file.write_text(file.read_text().replace("[python3, unit.py]", "[touch, injected]"))
    event = service.folder.parent / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7}}))
    with ci_api() as api:
        api.refusal = (403, "Resource not accessible by integration")
        acted = act.run(
            service,
            dist,
            act.step(
                "request",
                "{step: pull-request}",
                f"{{GITHUB_TOKEN: opensesame, GITHUB_API_URL: '{api.address}',"
                f" GITHUB_REPOSITORY: shop/auth, GITHUB_EVENT_PATH: '{event}'}}",
            )
            + act.show("$(ls | grep injected)."),
        )
    assert acted.passed, acted.log
    assert "shown ." in acted.printed
    assert "### If auth 1.1.0 ships" in acted.page


@in_act
@pytest.mark.slow
def test_a_failing_unit_test_fails_the_job_and_later_steps_see_it(
    service: Repository, dist: Path
) -> None:
    service.break_tests()
    acted = act.run(
        service,
        dist,
        act.step("unit", "{step: unit-test}")
        + act.step("deploy", "{step: deploy, environment: staging}")
        + act.show("unit ${{ steps.unit.outputs.status }} ${{ steps.unit.outcome }}")
        + act.show("deploy ${{ steps.deploy.outcome }}"),
    )
    assert not acted.passed
    assert "shown unit failed failure" in acted.printed
    assert "shown deploy skipped" in acted.printed
    assert "## auth 1.1.0: unit-test failed" in acted.page
    assert any(error.startswith("::unit-test: ") for error in acted.errors), acted.log
    assert service.answers("staging") == ""


@in_act
@pytest.mark.slow
def test_a_wrong_input_ends_the_job_before_anything_runs(service: Repository, dist: Path) -> None:
    acted = act.run(
        service,
        dist,
        act.step("deploy", '{step: deplyo, overide: commit, options: "a\'b=$(touch injected)"}')
        + act.show("${{ steps.deploy.outputs.status }}."),
    )
    assert not acted.passed
    assert "shown ." in acted.printed
    assert "::step: unknown step 'deplyo', did you mean deploy?" in acted.errors


@in_act
@pytest.mark.slow
def test_no_input_is_ever_run(service: Repository, dist: Path) -> None:
    texts = (
        "$(touch injected)",
        "`touch injected`",
        "'; touch injected; '",
        '\n"; touch injected\n',
    )
    attacks = [json.dumps(dict.fromkeys((*FIXED, *of_options()), text)) for text in texts]
    acted = act.run(
        service,
        dist,
        "".join(act.step(f"attack{at}", one, whatever=True) for at, one in enumerate(attacks))
        + "      - {if: always(), run: 'ls injected && echo shown it'}\n",
    )
    refused = [error for error in acted.errors if error.startswith("::step: unknown step")]
    assert len(refused) == len(texts), acted.log
    assert "shown it" not in acted.printed


@in_act
@pytest.mark.slow
def test_a_mistake_in_the_configuration_is_marked_on_its_line(
    service: Repository, dist: Path
) -> None:
    file = service.folder / "ci-steps.yaml"
    file.write_text(file.read_text().replace("junit:", "juint:"))
    acted = act.run(service, dist, act.step("unit", "{step: unit-test}"))
    assert not acted.passed
    assert any(
        error.startswith(" file=ci-steps.yaml,line=4::steps.unit-test.juint")
        for error in acted.errors
    ), acted.log


@in_act
@pytest.mark.slow
def test_what_tests_print_is_no_command_and_shows_no_secret(
    service: Repository, dist: Path
) -> None:
    # act gives a step what its caller has in the environment: here a KEY it knows nothing of.
    shown = act.show("$KEY and ${{ steps.unit.outputs.status }}")
    acted = act.run(service, dist, act.step("unit", "{step: unit-test}") + shown)
    assert acted.passed
    lines = [line.strip() for line in acted.printed]
    assert "::error::owned" in lines
    assert acted.errors == []
    assert "the key is ***" in lines
    assert "shown *** and passed" in lines
    assert "opensesame" not in acted.log.replace("::add-mask::opensesame", "")


# In a bare checkout, which carries no release.


@pytest.fixture
def start(tmp_path: Path) -> Path:
    return Path(shutil.copy(START, tmp_path / "start.py"))


def test_an_old_python_gets_a_sentence(start: Path) -> None:
    old = sorted(Path.home().glob(".pyenv/versions/3.[6-9].*/bin/python3"))
    if not old:
        pytest.skip("not proven here that an old Python gets a sentence: there is none")
    for python in old:
        ran = subprocess.run(
            [str(python), "-I", str(start)], capture_output=True, text=True, check=False
        )
        assert ran.returncode == 2
        assert ran.stdout.startswith("::error::python3 of this runner is 3.")
        assert ran.stderr == ""


_BACKEND = """\
import zipfile

WHEEL = {wheel!r}


def build_wheel(folder, *_):
    import shutil

    shutil.copy(WHEEL, folder)
    return "ci_steps-0-py3-none-any.whl"
"""
_STAND_IN = "import os\nprint('inputs:', os.environ['CI_STEPS_INPUTS'])\n"


@pytest.mark.slow
def test_where_it_is_not_installed_it_is_installed_once_in_a_job(
    tmp_path: Path, start: Path
) -> None:
    source = _source(tmp_path / "source")
    bare = Path(sys.base_prefix) / "bin" / "python3"
    environ = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "GITHUB_ACTION_PATH": str(source),
        "RUNNER_TEMP": str(tmp_path),
        "CI_STEPS_INPUTS": '{"step": "unit-test"}',
        "PIP_NO_INDEX": "1",
    }
    # A module of the repository that is being built must not be taken for one of Python's.
    (tmp_path / "json.py").write_text("raise SystemExit('shadowed')")
    for _ in range(2):
        ran = subprocess.run(
            [str(bare), "-I", str(start)],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.stdout.splitlines()[-1:] == ['inputs: {"step": "unit-test"}'], ran.stderr
        (source / "pyproject.toml").unlink(missing_ok=True)  # the second time needs no source


@pytest.mark.slow
def test_what_cannot_be_installed_is_said(tmp_path: Path, start: Path) -> None:
    bare = Path(sys.base_prefix) / "bin" / "python3"
    environ = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "GITHUB_ACTION_PATH": str(tmp_path / "nothing"),
        "RUNNER_TEMP": str(tmp_path),
    }
    ran = subprocess.run(
        [str(bare), "-I", str(start)], env=environ, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 3
    assert ran.stdout.splitlines()[-1] == (
        "::error::ci-steps cannot be installed: -m pip ended with status 1"
    )


def _source(folder: Path) -> Path:
    """Write a project that is called ci-steps and is built without any download."""
    folder.mkdir()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as wheel:
        for name, text in (
            ("ci_steps/__init__.py", ""),
            ("ci_steps/cli/__init__.py", ""),
            ("ci_steps/cli/action.py", _STAND_IN),
            (
                "ci_steps-0.dist-info/METADATA",
                "Metadata-Version: 2.1\nName: ci-steps\nVersion: 0\n",
            ),
            (
                "ci_steps-0.dist-info/WHEEL",
                "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            ),
            ("ci_steps-0.dist-info/RECORD", ""),
        ):
            wheel.writestr(name, text)
    file = folder / "ci_steps-0-py3-none-any.whl"
    file.write_bytes(content.getvalue())
    (folder / "backend.py").write_text(_BACKEND.format(wheel=str(file)))
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "ci-steps"\nversion = "0"\n'
    )
    return folder
