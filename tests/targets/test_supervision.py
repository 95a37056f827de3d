"""What dies is started again; what a killed supervisor leaves is found; no stranger is harmed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import ci_steps
from ci_steps.errors import RefusedError
from ci_steps.protocols import Placement
from ci_steps.supervisor.log import ServiceLog
from ci_steps.supervisor.record import Record, born
from tests.parts import services
from tests.targets.worlds import World, ask, await_


def test_a_service_that_dies_is_started_again_and_callers_wait_for_it(world: World) -> None:
    placement = world.deploy("1.0")
    for _ in range(2):
        before = int(ask(placement, "/pid"))
        crash(world, placement)
        assert int(ask(placement, "/pid")) != before


def test_a_restart_starts_what_was_deployed_not_what_the_source_has_become(world: World) -> None:
    placement = world.deploy("1.0")
    world.build("6.6.6")
    crash(world, placement)
    assert ask(placement) == "1.0"


def test_what_a_service_has_started_ends_with_it(world: World) -> None:
    build = world.build("1.0")
    source = (build.root / "service.py").read_text()
    child = "import subprocess\nsubprocess.Popen(['sleep', '1000'])\n"
    (build.root / "service.py").write_text(source)
    (build.root / "sitecustomize.py").write_text(child)
    world.environ["PYTHONPATH"] = "."
    world.deploy("1.0")
    assert any("sleep" in line for line in world.processes().values())
    world.stop()
    assert services.await_end(world.folder) == {}


def test_a_supervisor_that_was_killed_is_replaced_and_its_orphan_ended(world: World) -> None:
    before = world.deploy("1.0")
    (orphan,) = world.services()
    kill_supervisor(world)
    assert list(world.services()) == [orphan]
    after = world.deploy("1.1")
    assert (after.address, ask(after)) == (before.address, "1.1")
    await_(lambda: len(world.services()) == 1)
    assert orphan not in world.services()


def test_after_a_kill_a_refused_deployment_leaves_what_ran_before_running(world: World) -> None:
    world.environ["PASSWORD"] = "sesame"
    before = world.deploy("1.0", secrets=("PASSWORD",))
    kill_supervisor(world)
    with pytest.raises(RefusedError):
        world.deploy("1.1", variables={"BEHAVIOUR": "broken"}, secrets=("PASSWORD",))
    assert ask(before) == "1.0"
    assert json.loads(ask(before, "/environment"))["PASSWORD"] == "sesame"


def test_what_a_killed_supervisor_left_can_be_stopped(world: World) -> None:
    world.deploy("1.0")
    kill_supervisor(world)
    world.stop()
    assert services.await_end(world.folder) == {}


def test_a_supervisor_that_is_told_to_end_ends_its_service_and_is_resumed(world: World) -> None:
    before = world.deploy("1.0")
    (supervisor,) = world.supervisors()
    os.kill(supervisor, signal.SIGTERM)
    assert services.await_end(world.folder) == {}
    assert world.deploy("1.0").text == "auth 1.0 already answers; nothing changed"
    assert ask(before) == "1.0"


@pytest.mark.slow
def test_callers_of_what_cannot_start_again_are_refused_after_a_while(world: World) -> None:
    placement = world.deploy("1.0")
    (program,) = world.folder.glob("*/*/releases/*/service.py")
    program.write_text("raise SystemExit(1)\n")
    crash(world, placement)
    with pytest.raises(OSError, match="reset"):
        ask(placement)


def test_who_deploys_right_after_a_killed_job_waits_for_what_it_left(world: World) -> None:
    world.deploy("1.0")
    (folder,) = (control.parent for control in world.folder.glob("*/*/control"))
    with world.outside.supervisor(folder, "auth") as control:
        control.ask("claim", protocol=1, secrets={})
        control.ask("listen", port=0, exact=False)
        control.ask("start", launch=launch(folder))
    assert world.deploy("1.1").text.startswith("auth 1.1 answers")
    assert len(world.supervisors()) == 1


@pytest.mark.parametrize(
    "asked",
    [
        {"do": "dance"},
        {"do": "claim", "protocol": 99, "secrets": {}},
        {"do": "claim"},
        {"do": "start", "launch": {}},
        {"do": "confirm", "port": 1},
        {"do": "inspect"},
    ],
    ids=json.dumps,
)
def test_what_the_supervisor_does_not_understand_is_refused_and_harms_nothing(
    world: World, asked: dict[str, Any]
) -> None:
    placement = world.deploy("1.0")
    (folder,) = (control.parent for control in world.folder.glob("*/*/control"))
    with world.outside.supervisor(folder, "auth") as control, pytest.raises(RefusedError):
        control.ask(**asked)
    assert ask(placement) == "1.0"


def test_the_supervisor_needs_the_standard_library_only() -> None:
    code = (
        "import sys, ci_steps.supervisor.__main__;"
        "print([name for name in sys.modules if name.startswith('ci_steps.')"
        " and not name.startswith('ci_steps.supervisor')])"
    )
    ours = str(Path(ci_steps.__file__).parents[1])
    answer = subprocess.run(
        [sys.executable, "-S", "-c", code],  # -S: nothing that was installed can be imported
        env={"PYTHONPATH": ours},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == "[]"


def test_a_process_that_only_has_the_number_of_an_orphan_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        record = Record(tmp_path / "state.json", processes={str(stranger.pid): "another/1"})
        record.end_orphans()
        assert stranger.poll() is None
        stranger.kill()


def test_an_orphan_is_ended(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "1000"], start_new_session=True) as orphan:
        since = born(orphan.pid)
        Record(tmp_path / "state.json", processes={str(orphan.pid): since}).end_orphans()
        assert orphan.wait() == -signal.SIGTERM


def test_a_process_that_has_ended_was_never_born(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
        assert born(ended.pid) == ""


@pytest.mark.parametrize("content", ["", "{", "[]", '{"port": 1}', "\x00"])
def test_a_record_that_cannot_be_read_is_an_empty_one(tmp_path: Path, content: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(content)
    assert Record.read(path) == Record(path)


def test_a_record_is_read_as_it_was_saved(tmp_path: Path) -> None:
    record = Record(tmp_path / "state.json", 8080, {"label": "auth 1.0"}, {"7": "boot/1"})
    record.save()
    assert Record.read(record.path) == record


@pytest.mark.parametrize(("written", "kept"), [(10, 10), (11, 1)])
def test_a_log_turns_when_it_is_full_and_not_before(
    tmp_path: Path, written: int, kept: int
) -> None:
    log = ServiceLog(tmp_path / "service.log", limit_bytes=10)
    for _ in range(written):
        log.write(b"x")
    log.close()
    assert (tmp_path / "service.log").stat().st_size == kept


def launch(folder: Path) -> dict[str, Any]:
    return {
        "label": "auth",
        "command": ["sleep", "1000"],
        "folder": str(folder),
        "environment": dict(os.environ),
        "fingerprint": "",
        "grace_seconds": 5.0,
        "drain_seconds": 0.0,
        "secrets": {},
    }


def crash(world: World, placement: Placement) -> None:
    before = world.services()
    with suppress(OSError):
        ask(placement, "/crash")
    # The next one, which is not listening yet: the kernel may still have taken a connection
    # for the one that died.
    await_(lambda: world.services().keys() - before.keys())


def kill_supervisor(world: World) -> None:
    (supervisor,) = world.supervisors()
    os.kill(supervisor, signal.SIGKILL)
    await_(lambda: not world.supervisors())
