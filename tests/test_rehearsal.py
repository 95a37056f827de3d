"""A rehearsal visits every step, shows what would be, and touches nothing."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts.commands import CI_STEPS
from tests.parts.services import await_end, processes_in
from tests.parts.shop import Shop, shop_in

pytestmark = pytest.mark.slow


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Return a shop whose gis needs auth-1.1, with an auth 2.0.0 that is not released yet."""
    with shop_in(tmp_path) as opened:
        opened.own()
        for name, version, needs in (
            ("auth", "1.1.0", ()),
            ("gis", "v1_20171001-2", ("auth-1.1",)),
        ):
            opened.service(name, version, *needs)
            assert opened.ci_steps(name, "run").returncode == 0
        opened.service("auth", "2.0.0")
        yield opened
    assert await_end(tmp_path) == {}


def content_of(folder: Path) -> dict[str, str]:
    """Return a digest of every file, with the time at which it was written."""
    return {
        str(path.relative_to(folder)): f"{path.stat().st_mtime_ns} "
        + hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def test_it_shows_commands_gates_owners_and_the_very_message(shop: Shop) -> None:
    done = shop.ci_steps("auth", "rehearse")
    assert done.returncode == 0, done.stderr
    shown = done.stderr
    assert f"would run {sys.executable} -c pass" in shown
    assert f"would start {sys.executable} service.py" in shown
    assert "Gates of production" in shown
    assert "auth 2.0.0 beside 1.1.0" in shown
    assert "gis-team (file gis-team)" in shown
    assert "Subject: [action by " in shown
    assert "Move gis to auth-2 by " in shown
    assert "nothing was touched" in shown


def test_nothing_has_changed_afterwards(shop: Shop) -> None:
    before = content_of(shop.folder)
    running = processes_in(shop.folder)
    assert shop.ci_steps("auth", "rehearse").returncode == 0
    changed = {
        name
        for name, digest in content_of(shop.folder).items() ^ before.items()
        # What still runs goes on writing its own log.
        if not name.endswith("service.log")
    }
    assert changed == set()
    assert processes_in(shop.folder).keys() == running.keys()


def test_it_works_without_a_network_on_a_tree_that_cannot_be_written(shop: Shop) -> None:
    if (
        shutil.which("unshare") is None
        or subprocess.run(
            ["unshare", "-m", "-n", "true"], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("no namespaces here: that a rehearsal needs no network was not proven")
    lock = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && shift 0 && exec "$@"'
    done = subprocess.run(
        ["unshare", "-m", "-n", "sh", "-c", lock, str(shop.folder), *CI_STEPS, "rehearse"],
        cwd=shop.services["auth"],
        env=shop.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "gis-team (file gis-team)" in done.stderr
    assert "Read-only file system" not in done.stderr


def test_it_says_what_production_would_refuse(shop: Shop) -> None:
    done = shop.ci_steps("auth", "rehearse", "--only", "deploy production")
    assert done.returncode == 1
    assert "no unit tests for this commit" in done.stderr


def test_the_run_after_it_tells_for_real(shop: Shop) -> None:
    assert shop.ci_steps("auth", "rehearse").returncode == 0
    assert shop.letters() == {}
    done = shop.ci_steps("auth", "run")
    assert done.returncode == 0, done.stderr
    assert len(shop.letters()) == 1
