"""The command target: what the command is told, what proves it, and the way back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ci_steps.deploying.attempts import only_attempt
from ci_steps.errors import NotBroughtBackError, OutsideError, RefusedError
from ci_steps.options import Command
from ci_steps.outside import Outside
from ci_steps.protocols import Build, Place, Placement
from ci_steps.targets import command
from ci_steps.versions import parse_version
from tests.parts.http import Exchange, serving
from tests.targets.worlds import Shown, await_

PLACE = Place("staging", "1", {"REGION": "north"})


def python(text: str) -> Command:
    return Command((sys.executable, "-c", text))


def build(root: Path) -> Build:
    return Build("auth", parse_version("1.1"), "4f1c2aa", root, "auth:1.1", "sha256:00")


def deploy(root: Path, shown: Shown | None = None, **options: Any) -> Placement:
    given = {"command": python(""), "timeout_seconds": 0.5, **options}
    outside = Outside({**os.environ, "XDG_STATE_HOME": str(root / "state")})
    return command.deploy(build(root), PLACE, command.Options(**given), outside, shown or Shown())


def refusal(root: Path, **options: Any) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        deploy(root, **options)
    return refused.value


def answering(version: str, *later: str) -> Any:
    """Return a server that answers *version* first and what comes *later* after that."""
    left = [version, *later]

    def script(exchange: Exchange) -> None:
        text = left.pop(0) if len(left) > 1 else left[0]
        exchange.answer(200, {}, text.encode())

    return serving(script)


def writing_addresses(text: str) -> Command:
    code = "import os, sys; open(os.environ['CI_STEPS_ADDRESSES'], 'w').write(sys.argv[1])"
    return Command((*python(code), text))


def test_the_command_is_told_what_to_deploy_and_where(tmp_path: Path) -> None:
    code = (
        "import json, os;"
        "told = {k: v for k, v in os.environ.items() if k[:9] == 'CI_STEPS_' or k == 'REGION'};"
        "build = json.load(open(told.pop('CI_STEPS_BUILD'))); told.pop('CI_STEPS_ADDRESSES');"
        "print(json.dumps([told, build, os.getcwd()]))"
    )
    shown = Shown()
    deploy(tmp_path, shown, command=python(code), proof="exit")
    told, described, cwd = json.loads(shown.lines[0])
    assert told == {
        "CI_STEPS_SERVICE": "auth",
        "CI_STEPS_VERSION": "1.1",
        "CI_STEPS_COMMIT": "4f1c2aa",
        "CI_STEPS_IMAGE": "auth:1.1",
        "CI_STEPS_DIGEST": "sha256:00",
        "CI_STEPS_ENVIRONMENT": "staging",
        "CI_STEPS_SLOT": "1",
        "REGION": "north",
    }
    assert described == {
        **{name.removeprefix("CI_STEPS_").lower(): told[name] for name in told if name != "REGION"},
        "variables": {"REGION": "north"},
    }
    assert Path(cwd) == tmp_path.resolve()


def test_what_the_command_prints_is_shown_as_it_comes(tmp_path: Path) -> None:
    shown = Shown()
    deploy(tmp_path, shown, command=python("print('one'); print('two')"), proof="exit")
    assert shown.lines == ["one", "two"]


def test_the_configured_address_is_asked_until_the_new_version_answers(tmp_path: Path) -> None:
    with answering("1.0", "<html>", "1.1.0") as server:
        placement = deploy(tmp_path, address=server.address, timeout_seconds=5.0)
    assert placement == Placement(server.address, f"auth 1.1 answers at {server.address}")


@pytest.mark.parametrize("form", ["json", "lines"])
def test_every_address_the_command_writes_must_answer(tmp_path: Path, form: str) -> None:
    with answering("1.1") as new, answering("1.0") as old:
        addresses = [new.address, old.address + "/"]
        text = json.dumps(addresses) if form == "json" else "\n".join(addresses) + "\n"
        refused = refusal(tmp_path, command=writing_addresses(text))
    assert str(refused).startswith(
        f"auth 1.1 was not deployed: {old.address}/version answers version 1.0; "
    )


def test_the_addresses_of_an_earlier_deployment_are_not_asked(tmp_path: Path) -> None:
    with answering("1.1") as server:
        deploy(tmp_path, command=writing_addresses(server.address))
        assert "nothing says where auth 1.1 answers" in str(refusal(tmp_path))


@pytest.mark.parametrize("text", ["ftp://auth", "[1]", "[", "http://[::1", '["file:///etc"]'])
def test_what_is_no_address_is_refused(tmp_path: Path, text: str) -> None:
    assert "is not an address" in str(refusal(tmp_path, command=writing_addresses(text)))


def test_credentials_in_an_address_are_not_shown(tmp_path: Path) -> None:
    with answering("1.0") as server:
        address = server.address.replace("//", "//deployer:opensesame@")
        assert "opensesame" not in str(refusal(tmp_path, address=address))


def test_without_an_address_the_exit_status_proves_only_when_one_says_so(tmp_path: Path) -> None:
    assert "proof: exit" in refusal(tmp_path).hint
    assert "nobody asked it" in deploy(tmp_path, proof="exit").text


def test_a_command_that_fails_is_refused_with_its_last_lines(tmp_path: Path) -> None:
    code = "for number in range(30): print('line', number)\nraise SystemExit(3)"
    refused = refusal(tmp_path, command=python(code))
    assert "exit status 3; nothing brings back" in str(refused)
    assert refused.hint.splitlines()[1::9] == ["| line 20", "| line 29"]


def test_a_command_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    code = "import time; time.sleep(100)"
    assert "stopped after 1 s" in str(refusal(tmp_path, command=python(code), command_seconds=1.0))


def test_a_command_that_fails_is_rolled_back(tmp_path: Path) -> None:
    shown = Shown()
    code = "import os; print('back to', os.environ['CI_STEPS_SLOT'])"
    with pytest.raises(RefusedError, match="exit status 1"):
        deploy(tmp_path, shown, command=python("exit(1)"), rollback_command=python(code))
    assert shown.lines == ["back to 1"]


def test_a_version_that_never_answers_is_rolled_back(tmp_path: Path) -> None:
    back = python("open('back', 'w')")
    with answering("1.0") as server:
        refusal(tmp_path, address=server.address, rollback_command=back)
    assert (tmp_path / "back").exists()


def test_a_deployment_that_succeeds_is_not_rolled_back(tmp_path: Path) -> None:
    deploy(tmp_path, proof="exit", rollback_command=python("open('back', 'w')"))
    assert not (tmp_path / "back").exists()


def test_a_command_that_is_missing_has_changed_nothing_and_is_not_rolled_back(
    tmp_path: Path,
) -> None:
    with pytest.raises(OutsideError, match="no-such-program"):
        deploy(
            tmp_path,
            command=Command(("no-such-program",)),
            rollback_command=python("open('back', 'w')"),
        )
    assert not (tmp_path / "back").exists()


def test_a_rollback_that_fails_is_said_beside_the_reason(tmp_path: Path) -> None:
    back = python("print('no room'); exit(2)")
    refused = refusal(tmp_path, command=python("exit(1)"), rollback_command=back)
    assert isinstance(refused, NotBroughtBackError)
    assert "exit status 1; the rollback failed as well: `" in str(refused)
    assert str(refused).endswith("`: exit status 2")
    assert "| no room" in refused.hint


def test_where_no_command_brings_back_what_ran_before_that_is_said(tmp_path: Path) -> None:
    refused = refusal(tmp_path, command=python("exit(1)"))
    assert isinstance(refused, NotBroughtBackError)
    assert str(refused).endswith(
        "exit status 1; nothing brings back what ran before: the target has no rollback_command"
    )


_JOB = """
import sys
from pathlib import Path
from tests.targets.test_command import deploy, python
wait = python("import time; open('begun', 'w'); time.sleep(100)")
deploy(Path(sys.argv[1]), command=wait, rollback_command=python("open('back', 'w')"))
"""


def test_a_deployment_that_is_interrupted_is_rolled_back(tmp_path: Path) -> None:
    job = subprocess.Popen(
        [sys.executable, "-c", _JOB, str(tmp_path)],
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    await_((tmp_path / "begun").exists)
    job.send_signal(signal.SIGINT)
    job.wait()
    assert (tmp_path / "back").exists()


def test_stopping_without_a_command_says_what_is_missing() -> None:
    with pytest.raises(RefusedError) as refused:
        command.stop("auth", PLACE, command.Options(command=python("")), Outside())
    assert "stop_command" in refused.value.hint


def test_a_stop_command_that_fails_is_refused() -> None:
    options = command.Options(command=python(""), stop_command=python("exit('still busy')"))
    with pytest.raises(RefusedError, match="was not ended") as refused:
        command.stop("auth", PLACE, options, Outside())
    assert "| still busy" in refused.value.hint


def test_what_a_killed_job_left_is_not_rolled_back_where_the_database_cannot_be(
    tmp_path: Path,
) -> None:
    rolled, told = tmp_path / "rolled", tmp_path / "told"
    outside = Outside({**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")})
    ours, shown = replace(build(tmp_path), is_irreversible=True), Shown()
    with only_attempt("auth", PLACE, outside) as killed:
        killed.begin(ours)
    options = command.Options(
        command=python(
            f"import os; open({str(told)!r}, 'w').write(os.environ['CI_STEPS_IRREVERSIBLE'])"
        ),
        rollback_command=python(f"open({str(rolled)!r}, 'w')"),
        proof="exit",
    )
    command.deploy(ours, PLACE, options, outside, shown)
    assert (told.read_text(), rolled.exists()) == ("1", False)
    assert any("not rolled back" in note for note in shown.notes)
