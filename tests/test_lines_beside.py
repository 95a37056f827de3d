"""A major stands beside the line that is needed, and calls move to it, by the real command line."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts.haproxy import haproxy_before
from tests.parts.services import await_end
from tests.parts.shop import Shop, shop_in
from tests.parts.traffic import answered, await_answer, calling

pytestmark = pytest.mark.slow


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with shop_in(tmp_path) as opened:
        yield opened
    assert await_end(tmp_path) == {}


def released(shop: Shop, service: str, version: str, *needs: str, socket: str = "") -> str:
    """Release a version and return where it answers."""
    shop.service(service, version, *needs)
    if socket:
        say_balancer(shop, socket)
    done = shop.ci_steps(service, "run")
    assert done.returncode == 0, done.stderr
    live = shop.answer("", "dictionary", "live", "production")["live"]
    (address,) = [
        row["address"] for row in live if (row["service"], row["version"]) == (service, version)
    ]
    return str(address)


def say_balancer(shop: Shop, socket: str) -> None:
    """Say in the file of auth who shares out calls, and commit it."""
    file = shop.services["auth"] / "ci-steps.yaml"
    balancer = f"    traffic: {{haproxy: {{socket: '{socket}'}}}}\n"
    text = file.read_text().replace("    production: true\n", f"    production: true\n{balancer}")
    file.write_text(text.replace("steps:\n", "steps:\n  shift-traffic: {pause_seconds: 0}\n", 1))
    shop.commit("auth", "a balancer")


def test_calls_move_to_the_major_beside_and_back_when_it_does_badly(shop: Shop) -> None:
    # Not below pytest's folders: a socket's path may have 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="ci-steps-"))
    old = released(shop, "auth", "1.1.0")
    gis = released(shop, "gis", "201610", "auth-1.1")
    with calling(old) as lost_by_gis, calling(gis) as lost:
        new = released(shop, "auth", "2.0.0", socket=f"{folder}/admin.sock")
        assert shop.live()["auth"] == ["1.1.0", "2.0.0"]
        with haproxy_before(old, new, "/", folder) as front:
            await_answer(front.address)
            with calling(front.address) as lost_at_the_front:
                move_and_look(shop, front.address)
    assert (lost_by_gis, lost, lost_at_the_front) == ([], [], [])


def move_and_look(shop: Shop, front: str) -> None:
    move = ("shift-traffic", "production", "--command")
    purpose = ("--override", "dependents", "--reason", "gis takes both")
    refused = shop.ci_steps("auth", *move, "true")
    assert refused.returncode == 1
    assert "gis needs line 1, and would be answered by 2.0.0" in refused.stderr
    assert versions(front) == {"1.1.0"}
    moved = shop.ci_steps("auth", *move, "true", *purpose)
    assert moved.returncode == 0, moved.stderr
    assert versions(front) == {"2.0.0"}
    back = shop.ci_steps("auth", *move, "false", *purpose)
    assert back.returncode == 1
    assert "all calls are back: with 100 % for line 2, `false`: exit status 1" in back.stderr
    assert versions(front) == {"1.1.0"}


def versions(front: str) -> set[str]:
    """Return who answers twenty calls."""
    return {json.loads(answered(front))["version"] for _ in range(20)}
