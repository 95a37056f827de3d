"""Ctrl-C and SIGTERM at every step: nothing is half recorded and no process is left."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts.services import await_end
from tests.parts.shop import CI_STEPS, Shop, shop_in

pytestmark = pytest.mark.slow

# Says that it has begun by opening a pipe that the test reads, then has to be ended.
STUCK = "open('{begun}', 'w').close(); __import__('time').sleep(600)"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with shop_in(tmp_path) as opened:
        opened.own()
        yield opened
    assert await_end(tmp_path) == {}


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    pipe = tmp_path / "begun"
    os.mkfifo(pipe)
    return pipe


def interrupt(shop: Shop, number: signal.Signals, begun: Path, *arguments: str) -> str:
    """Run a command of auth, signal it once it has begun, and return what it printed."""
    process = subprocess.Popen(
        [*CI_STEPS, *arguments],
        cwd=shop.services["auth"],
        env=shop.environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        begun.read_text()
        process.send_signal(number)
        _, printed = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130, printed
    return printed


def evidence(shop: Shop) -> list[str]:
    rows = shop.answer("", "dictionary", "show", "auth")["evidence"]
    return [row["kind"] for row in rows]


both_signals = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])


@both_signals
def test_unit_test(shop: Shop, begun: Path, number: signal.Signals) -> None:
    shop.service("auth", "1.1.0", unit_test=STUCK.format(begun=begun))
    printed = interrupt(shop, number, begun, "unit-test")
    assert "interrupted" in printed
    assert "Traceback" not in printed
    assert evidence(shop) == []


@both_signals
def test_integration_test(shop: Shop, begun: Path, number: signal.Signals) -> None:
    shop.service("auth", "1.1.0", integration_test=STUCK.format(begun=begun))
    assert shop.ci_steps("auth", "deploy", "staging").returncode == 0
    interrupt(shop, number, begun, "integration-test", "staging")
    assert evidence(shop) == []
    assert shop.live("staging") == {"auth": ["1.1.0"]}


@both_signals
def test_deploy(shop: Shop, begun: Path, number: signal.Signals) -> None:
    shop.service("auth", "1.1.0")
    assert shop.ci_steps("auth", "deploy", "staging").returncode == 0
    shop.service("auth", "1.2.0")
    (shop.services["auth"] / "service.py").write_text(STUCK.format(begun=begun))
    shop.commit("auth")
    interrupt(shop, number, begun, "deploy", "staging")
    assert shop.live("staging") == {"auth": ["1.1.0"]}
    shop.service("gis", "201610", "auth-1.1")
    checked = shop.ci_steps("gis", "version-check", "--environment", "staging", "--strict")
    assert checked.returncode == 0, checked.stderr


@both_signals
def test_a_run_says_where_it_stopped(shop: Shop, begun: Path, number: signal.Signals) -> None:
    shop.service("auth", "1.1.0", integration_test=STUCK.format(begun=begun))
    printed = interrupt(shop, number, begun, "run")
    assert "deploy staging .............. passed" in printed
    assert sorted(evidence(shop)) == ["unit-test", "version-check"]
    assert shop.live("production") == {}


@both_signals
def test_notify_owners(shop: Shop, begun: Path, number: signal.Signals) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        shop.service("auth", "1.1.0")
        assert shop.ci_steps("auth", "run").returncode == 0
        shop.service("gis", "v1_20171001-2", "auth-1.1")
        assert shop.ci_steps("gis", "run").returncode == 0
        (shop.folder / "world.yaml").write_text(
            "owners: {gis-team: {contacts: [{channel: email, address: gis@shop.example}]}}"
        )
        assert shop.ci_steps("", "dictionary", "load", "world.yaml").returncode == 0
        shop.service("auth", "2.0.0")
        config = shop.services["auth"] / "ci-steps.yaml"
        port = silent.getsockname()[1]
        mail = f"{{host: 127.0.0.1, port: {port}, security: plain, sender: a@shop.example}}"
        config.write_text(f"{config.read_text()}notify: {{channels: {{email: {mail}}}}}\n")
        shop.commit("auth")
        done = shop.ci_steps("auth", "run", "--until", "deploy production")
        assert done.returncode == 0, done.stderr
        process = subprocess.Popen(
            [*CI_STEPS, "notify-owners"],
            cwd=shop.services["auth"],
            env=shop.environ,
            stderr=subprocess.PIPE,
            text=True,
        )
        connection, _ = silent.accept()  # it waits for our greeting now
        process.send_signal(number)
        _, printed = process.communicate(timeout=30)
        connection.close()
    assert process.returncode == 130, printed
    (notice,) = shop.answer("", "notices", "status")["notices"]
    # Whether it arrived cannot be known here, so it is not called sent, and it is not lost.
    assert notice["state"] in {"sending", "unknown", "pending"}
