"""The process target: what it refuses, what the service is told, what stays on the disk."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from ci_steps.errors import CiStepsError, OutsideError, RefusedError, UsageError
from ci_steps.options import Command
from tests.parts import services
from tests.parts.ports import free_port
from tests.targets.worlds import World, ask, await_


def refusal(world: World, version: str = "1.1", **options: Any) -> RefusedError:
    """Return why a deployment was refused."""
    with pytest.raises(RefusedError) as refused:
        world.deploy(version, **options)
    return refused.value


def behaving(behaviour: str, **options: Any) -> dict[str, Any]:
    return {"variables": {"BEHAVIOUR": behaviour}, **options}


@pytest.mark.parametrize(
    ("behaviour", "reason", "printed"),
    [
        pytest.param("broken", "it ended (exit status 1)", "| no module named flask", id="ends"),
        pytest.param("die", "it ended (exit status 3)", "| out of memory", id="ends once healthy"),
        pytest.param("unhealthy", "not healthy within 0.7 s: HTTP 503", "nothing", id="unhealthy"),
        pytest.param("html", "HTML", "nothing", id="HTML instead of JSON"),
        pytest.param("fickle", "answers version 0.0.1", "nothing", id="only right at first"),
    ],
)
def test_what_does_not_answer_as_it_should_is_refused_and_what_ran_before_stays(
    world: World, behaviour: str, reason: str, printed: str
) -> None:
    before = world.deploy("1.0")
    (pid,) = world.services()
    refused = refusal(world, **behaving(behaviour, timeout_seconds=0.7))
    assert reason in str(refused)
    assert printed in refused.hint
    assert (ask(before), list(world.services())) == ("1.0", [pid])


def test_a_refusal_names_the_log(world: World) -> None:
    log = Path(refusal(world, **behaving("broken")).hint.rpartition(" is in ")[2].rstrip("."))
    assert "no module named flask" in log.read_text()


def test_a_program_that_is_missing_is_named(world: World) -> None:
    refused = refusal(world, command=Command(("no-such-program",)))
    assert "no-such-program cannot be started: No such file or directory" in str(refused)


def test_what_the_service_prints_cannot_command_the_terminal_or_the_ci_system(
    world: World,
) -> None:
    assert "| ::error:: [31mowned" in refusal(world, **behaving("hostile")).hint


def test_a_first_deployment_that_fails_leaves_no_process(world: World) -> None:
    refusal(world, **behaving("broken"))
    assert services.await_end(world.folder) == {}


def test_a_service_that_starts_slowly_is_awaited(world: World) -> None:
    assert ask(world.deploy("1.0", **behaving("late"))) == "1.0"


def test_a_version_may_be_plain_text(world: World) -> None:
    assert world.deploy("1.0", **behaving("plain")).text.startswith("auth 1.0 answers")


@pytest.mark.slow
def test_a_hundred_megabytes_of_output_neither_stop_the_service_nor_fill_the_disk(
    world: World,
) -> None:
    assert ask(world.deploy("1.0", **behaving("loud"))) == "1.0"
    logs = list(world.folder.rglob("service.log*"))
    assert 5_000_000 < sum(log.stat().st_size for log in logs) <= 10_000_000


def test_deploying_exactly_what_answers_starts_nothing(world: World) -> None:
    world.deploy("1.0")
    before = world.services()
    assert world.deploy("1.0").text == "auth 1.0 already answers; nothing changed"
    assert world.services() == before


@pytest.mark.parametrize("what", ["commit", "content", "variables"])
def test_the_same_version_with_something_new_in_it_is_deployed(world: World, what: str) -> None:
    placement = world.deploy("1.0")
    before = ask(placement, "/pid")
    if what == "content":
        (world.source / "more.py").write_text("more = True\n")
    world.deploy(
        "1.0",
        commit="0b1d2c3" if what == "commit" else "4f1c2aa",
        variables={"MORE": "yes"} if what == "variables" else {},
    )
    assert ask(placement, "/pid") != before


def test_the_service_is_told_who_it_is(world: World) -> None:
    placement = world.deploy("1.0", variables={"COLOUR": "blue"})
    told = json.loads(ask(placement, "/environment"))
    expected = {
        "HOST": "127.0.0.1",
        "CI_STEPS_SERVICE": "auth",
        "CI_STEPS_VERSION": "1.0",
        "CI_STEPS_COMMIT": "4f1c2aa",
        "CI_STEPS_ENVIRONMENT": "staging",
        "CI_STEPS_ADDRESS": placement.address,
        "COLOUR": "blue",
    }
    assert expected.items() <= told.items()
    assert told["PORT"] != placement.address.rpartition(":")[2]


def test_the_service_gets_no_credentials_of_the_job(world: World) -> None:
    world.environ["DEPLOY_TOKEN"] = "hush"
    told = ask(world.deploy("1.0"), "/environment")
    assert "hush" not in told


def test_the_supervisor_carries_no_mark_of_the_job_that_a_ci_system_would_end_it_by(
    world: World,
) -> None:
    world.environ["JENKINS_NODE_COOKIE"] = "cookie"
    world.deploy("1.0")
    (supervisor,) = world.supervisors()
    assert b"cookie" not in Path(f"/proc/{supervisor}/environ").read_bytes()


def test_a_named_secret_is_handed_on_and_written_nowhere(world: World) -> None:
    world.environ["DATABASE_PASSWORD"] = "opensesame"
    placement = world.deploy("1.0", secrets=("DATABASE_PASSWORD",))
    assert json.loads(ask(placement, "/environment"))["DATABASE_PASSWORD"] == "opensesame"
    files = [path for path in world.folder.rglob("*") if path.is_file()]
    assert [path for path in files if b"opensesame" in path.read_bytes()] == []


def test_a_changed_secret_is_deployed(world: World) -> None:
    world.environ["PASSWORD"] = "old"
    world.deploy("1.0", secrets=("PASSWORD",))
    world.environ["PASSWORD"] = "new"
    placement = world.deploy("1.0", secrets=("PASSWORD",))
    assert json.loads(ask(placement, "/environment"))["PASSWORD"] == "new"


def test_a_secret_that_is_not_set_is_named_before_anything_starts(world: World) -> None:
    with pytest.raises(UsageError, match="PASSWORD is not set"):
        world.deploy("1.0", secrets=("PASSWORD",))
    assert world.processes() == {}


def test_only_its_user_may_speak_to_the_supervisor(world: World) -> None:
    world.deploy("1.0")
    (control,) = world.folder.glob("*/*/control")
    assert control.stat().st_mode & 0o777 == 0o600
    assert control.parent.stat().st_mode & 0o777 == 0o700


def test_the_port_is_the_one_that_is_configured(world: World) -> None:
    port = free_port()
    assert world.deploy("1.0", port=port).address == f"http://127.0.0.1:{port}"


def test_a_proxy_in_the_environment_is_not_asked_about_this_machine(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    assert world.deploy("1.0").text.startswith("auth 1.0 answers")


def test_a_free_port_stays_the_same(world: World) -> None:
    assert world.deploy("1.0").address == world.deploy("1.1").address


def test_a_port_that_a_stranger_has_is_named_and_what_ran_before_stays(world: World) -> None:
    before = world.deploy("1.0")
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        refused = refusal(world, port=port)
    assert f"cannot listen on port {port}: it is taken by another process" in str(refused)
    assert str(port) in refused.hint
    assert ask(before) == "1.0"


def test_a_port_that_cannot_be_is_refused(world: World) -> None:
    assert "70000 is no port" in str(refusal(world, port=70_000))


def test_another_line_beside_gets_a_free_port(world: World) -> None:
    port = free_port()
    world.deploy("1.0", slot="1", port=port)
    second = world.deploy("2.0", slot="2", port=port)
    assert second.address != f"http://127.0.0.1:{port}"
    assert world.deploy("2.1", slot="2", port=port).address == second.address


def test_another_line_has_the_port_that_is_named_for_it(world: World) -> None:
    first, second = free_port(), free_port()
    placement = world.deploy("2.0", slot="2", port=first, line_ports={"2": second})
    assert placement.address == f"http://127.0.0.1:{second}"


def test_the_service_moves_to_a_port_that_is_configured_anew(world: World) -> None:
    before = world.deploy("1.0")
    after = world.deploy("1.1", port=free_port())
    assert ask(after) == "1.1"
    with pytest.raises(OSError, match="refused"):
        ask(before)


def test_a_refused_move_to_another_port_leaves_that_port_alone(world: World) -> None:
    world.deploy("1.0")
    port = free_port()
    refusal(world, port=port, **behaving("broken"))
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_the_build_runs_from_a_copy_without_what_is_not_the_build(world: World) -> None:
    build = world.build("1.0")
    for name in (".git", "__pycache__", ".venv", "node_modules", ".ci-steps"):
        (build.root / name).mkdir()
        (build.root / name / "file").write_text("")
    (build.root / "link").symlink_to("VERSION")
    world.deploy("1.0")
    (release,) = world.folder.glob("*/*/releases/*")
    assert sorted(path.name for path in release.iterdir()) == ["VERSION", "link", "service.py"]
    assert (release / "link").readlink() == Path("VERSION")


def test_the_last_three_copies_are_kept(world: World) -> None:
    for patch in range(5):
        world.deploy(f"1.0.{patch}")
    kept = sorted(path.name[:5] for path in world.folder.glob("*/*/releases/*"))
    assert kept == ["1.0.2", "1.0.3", "1.0.4"]


def test_state_in_the_service_own_folder_is_refused(world: World) -> None:
    build = world.build("1.0")
    world.folder = build.root / "state"
    with pytest.raises(UsageError, match="'state' lies in"):
        world.deploy("1.0")


def test_a_folder_that_is_too_deep_for_a_unix_socket_is_no_obstacle(
    world: World, tmp_path: Path
) -> None:
    short, world.folder = world.folder, world.folder / ("deep" * 40)
    assert ask(world.deploy("1.0")) == "1.0"
    world.stop()
    world.folder = short


def test_a_second_deployment_at_the_same_time_is_refused(world: World) -> None:
    first = threading.Thread(target=world.deploy, args=("1.0",), kwargs=behaving("late"))
    first.start()
    await_(lambda: len(world.services()) == 1)
    assert "another deployment of it is under way" in str(refusal(world, "1.1"))
    first.join()


_DEPLOY = """
import sys
from pathlib import Path
from tests.targets.worlds import World
from ci_steps.targets import process
world = World(Path(sys.argv[1]), Path(sys.argv[2]), process)
world.deploy("1.1", variables={"BEHAVIOUR": "unhealthy"})
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("first", [True, False], ids=["first", "replacement"])
def test_a_deployment_that_is_interrupted_leaves_what_ran_before(
    world: World, number: signal.Signals, first: bool
) -> None:
    before = "" if first else world.deploy("1.0")
    present = world.services()
    job = subprocess.Popen(
        [sys.executable, "-c", _DEPLOY, str(world.folder), str(world.source)],
        stderr=subprocess.DEVNULL,
    )
    await_(lambda: len(world.services()) == len(present) + 1)
    job.send_signal(number)
    job.wait()
    await_(lambda: world.services() == present)
    if before:
        assert ask(before) == "1.0"
    else:
        assert services.await_end(world.folder) == {}


@pytest.mark.slow
def test_a_service_that_ignores_the_polite_signal_is_killed(world: World) -> None:
    world.deploy("1.0", **behaving("stubborn"))
    world.deploy("1.1")
    await_(lambda: len(world.services()) == 1)


def test_a_supervisor_of_another_user_is_not_spoken_to(world: World) -> None:
    if os.geteuid() != 0:
        pytest.skip("not proven: only root can give a folder away")
    world.deploy("1.0")
    (folder,) = (path.parent for path in world.folder.glob("*/*/control"))
    os.chown(folder, 12345, -1)
    with pytest.raises(OutsideError, match="belongs to somebody else"):
        world.deploy("1.1")
    os.chown(folder, os.geteuid(), -1)


def test_every_refusal_of_this_target_is_ours(world: World) -> None:
    with pytest.raises(CiStepsError):
        world.deploy("1.0", command=Command(("python3", "nul\0byte")))


_FOR_GOOD = """
import sys
from tests.targets.worlds import world_as_told
world_as_told(sys.argv[1]).deploy("1.1", steady_seconds=100.0, for_good=True)
"""


def is_there(world: World, version: str) -> bool:
    """Deploy what may be there already, and return whether that was not refused."""
    with suppress(RefusedError):
        return world.deploy(version, steady_seconds=0.0).text.endswith("nothing changed")
    return False


@pytest.mark.slow
def test_a_job_that_is_killed_brings_nothing_back_where_the_database_cannot_be(
    world: World,
) -> None:
    before = world.deploy("1.0")
    job = subprocess.Popen([sys.executable, "-c", _FOR_GOOD, world.told()])
    await_(lambda: ask(before) == "1.1")
    job.send_signal(signal.SIGKILL)
    job.wait()
    # Until the supervisor has seen its end, the next deployment is refused.
    await_(lambda: is_there(world, "1.1"))
    assert ask(before) == "1.1"


def test_what_never_answered_is_ended_and_what_ran_was_never_taken_away(world: World) -> None:
    before = world.deploy("1.0")
    with pytest.raises(RefusedError, match="what ran before was never taken away"):
        world.deploy("1.1", for_good=True, **behaving("broken"))
    assert (ask(before), len(world.services())) == ("1.0", 1)
