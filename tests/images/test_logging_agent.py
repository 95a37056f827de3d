"""An image with a logging agent: built by a real engine, run, and heard by a real collector."""

from __future__ import annotations

import re
import secrets
import shutil
import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

import attrs
import pytest

from ci_steps.builders import docker as builder
from ci_steps.errors import RefusedError, UsageError
from ci_steps.images.logging_agent import Logging, agent_files, started_by
from ci_steps.options import Command
from ci_steps.outside import Outside
from ci_steps.steps.container_build import Options, run
from tests.parts.building import Clocked, job

BUSYBOX = Path("/bin/busybox")
BASE = ("FROM scratch", "COPY busybox /bin/busybox", 'RUN ["/bin/busybox", "--install", "/bin"]')
SERVICE = """\
trap 'echo stopping; exit 7' TERM
echo listening
sleep 600 > /dev/null 2>&1 & wait
"""
AGENT = """\
. /etc/agent.conf
while read -r line; do echo "$who $CI_STEPS_ENVIRONMENT: $line"; done | nc 127.0.0.1 "$port"
"""
CONFIG = "who='{{ service }} {{version}} {{ other }}'\nport=PORT\n"
FACTS = {"service": "auth", "version": "1.1.0", "commit": "c0ffee"}
SENDS = Logging(
    command=Command(("sh", "/agent/send")),
    image="test-agent:1",
    paths=("/agent",),
    config="agent.conf",
)


@contextmanager
def collector() -> Iterator[tuple[int, Queue[str]]]:
    """A TCP server that keeps each line it gets; what waits for one, waits ten seconds at most."""
    lines: Queue[str] = Queue()

    class Keeps(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for line in self.rfile:
                lines.put(line.decode().strip())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Keeps) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], lines
        server.shutdown()


@pytest.fixture
def folder(tmp_path: Path, docker: Mapping[str, str]) -> Path:
    """The folder of a service whose image has a shell and some programs."""
    if not BUSYBOX.is_file():
        pytest.skip("busybox is not here: that an agent runs beside a service was not proven")
    shutil.copy(BUSYBOX, tmp_path / "busybox")
    (tmp_path / "service.sh").write_text(SERVICE, "utf-8")
    (tmp_path / "send").write_text(AGENT, "utf-8")
    starts = ('ENTRYPOINT ["/bin/sh"]', 'CMD ["/service.sh"]')
    _dockerfile(tmp_path, *BASE, "COPY service.sh /service.sh", *starts)
    agent = tmp_path / "agent.Dockerfile"
    agent.write_text("FROM scratch\nCOPY send /agent/send\n", "utf-8")
    command = ["docker", "build", "--file", str(agent), "--tag", SENDS.image, str(tmp_path)]
    assert Outside(docker).run(command).ok
    return tmp_path


def _dockerfile(folder: Path, *lines: str) -> None:
    (folder / "Dockerfile").write_text("\n".join(lines) + "\n", "utf-8")


def test_a_line_of_the_service_arrives_at_the_collector_and_its_status_at_the_engine(
    folder: Path, docker: Mapping[str, str]
) -> None:
    outside, name = Outside(docker), f"test-{secrets.token_hex(6)}"
    with collector() as (port, lines):
        (folder / "agent.conf").write_text(CONFIG.replace("PORT", str(port)), "utf-8")
        asked = job(folder, Clocked(docker), {"docker": builder})
        image = run(asked, Options(image=name, logging=SENDS)).outputs["image"]
        told = ("--env", "CI_STEPS_ENVIRONMENT=staging", "--network", "host")
        assert outside.run(["docker", "run", "--detach", "--name", name, *told, image]).ok
        begin = "auth 1.1.0 {{ other }} staging"
        assert lines.get(timeout=20) == f"{begin}: listening"
        assert outside.run(["docker", "stop", name]).ok
        assert lines.get(timeout=20) == f"{begin}: stopping"
    assert outside.ask(["docker", "wait", name]).output.strip() == "7"
    labels = outside.ask(["docker", "image", "inspect", image]).output
    assert '"org.opencontainers.image.version": "1.1.0"' in labels
    outside.run(["docker", "rm", name])


def test_an_image_that_starts_nothing_is_refused(folder: Path, docker: Mapping[str, str]) -> None:
    _dockerfile(folder, *BASE)
    (folder / "agent.conf").write_text(CONFIG, "utf-8")
    asked = job(folder, Clocked(docker), {"docker": builder})
    with pytest.raises(RefusedError, match=r"-plain says no command that a logging agent"):
        run(asked, Options(image=f"test-{secrets.token_hex(6)}", logging=SENDS))


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    wrong = attrs.evolve(SENDS, paths=("agent",), config_path="etc", image="a b", config="../none")
    text = (
        "container-build: logging: 'agent' does not begin with /; 'etc' does not begin with /; "
        "'a b' is not the name of an image; ../none: no such file or directory"
    )
    with pytest.raises(UsageError, match=f"^{re.escape(text)}$"):
        agent_files(wrong, tmp_path, FACTS)
    with pytest.raises(UsageError, match="image brings nothing without paths"):
        agent_files(attrs.evolve(SENDS, paths=(), config=""), tmp_path, FACTS)


def test_the_command_of_the_agent_is_no_line_for_a_shell(tmp_path: Path) -> None:
    command = Command(("send", "$(id)", "a b"))
    agent = agent_files(attrs.evolve(SENDS, command=command, config=""), tmp_path, FACTS)
    assert agent.files["agent"] == b"exec send '$(id)' 'a b'\n"


@pytest.mark.parametrize(
    "described",
    [
        [{"Config": {"Entrypoint": ["sh"], "Cmd": ["-c"]}}],
        {"OCIv1": {"config": {"Entrypoint": ["sh"], "Cmd": ["-c"]}}},
    ],
)
def test_every_engine_says_in_its_way_how_an_image_starts(described: object) -> None:
    assert started_by(described) == (["sh"], ["-c"])
    assert started_by([]) == ([], [])
