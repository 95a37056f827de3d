"""One signal interrupts once, and never in the middle of what is held."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ci_steps.interruptions import allowed, came, held, interruptible


@contextmanager
def heard(number: signal.Signals) -> Iterator[None]:
    """Let a signal do for the block what it does unless it is ignored, as behind nohup."""
    before = signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_interrupts_and_no_later_one(number: signal.Signals) -> None:
    with heard(number), interruptible():
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
        assert came()
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)


def test_an_interruption_waits_for_what_is_held() -> None:
    done: list[str] = []
    with interruptible(), pytest.raises(KeyboardInterrupt):  # noqa: PT012 (the order is the claim)
        with held():
            os.kill(os.getpid(), signal.SIGTERM)
            done.append("held")
        done.append("never")
    assert done == ["held"]


def test_inside_of_what_is_held_it_can_be_allowed_again() -> None:
    done: list[str] = []
    with interruptible(), pytest.raises(KeyboardInterrupt), held():  # noqa: PT012
        try:
            with allowed():
                os.kill(os.getpid(), signal.SIGTERM)
                done.append("never")
        finally:
            done.append("cleaned")
    assert done == ["cleaned"]


def test_one_that_came_before_it_was_allowed_is_let_through_at_once() -> None:
    done: list[str] = []
    with interruptible(), pytest.raises(KeyboardInterrupt), held():  # noqa: PT012
        os.kill(os.getpid(), signal.SIGTERM)
        with allowed():
            done.append("never")
    assert done == []


def test_what_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible():
            os.kill(os.getpid(), signal.SIGHUP)
        assert not came()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_other_threads_hold_nothing() -> None:
    with interruptible():
        inside, done = threading.Event(), threading.Event()

        def hold() -> None:
            with held():
                inside.set()
                done.wait(10)

        thread = threading.Thread(target=hold)
        thread.start()
        try:
            inside.wait(10)
            with pytest.raises(KeyboardInterrupt):
                os.kill(os.getpid(), signal.SIGTERM)
        finally:
            done.set()
            thread.join()


def test_afterwards_everything_is_as_it_was() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with interruptible():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


# What comes of Ctrl-C while the command is loaded, and after it has ended.
_WHILE_IT_LOADS = """\
class Finder:
    def find_spec(name, *_):
        if name == "click":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder)
"""
_AFTER_ITS_END = "import atexit; atexit.register(os.kill, os.getpid(), signal.SIGINT)\n"
_IGNORED = "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"


@pytest.mark.parametrize(
    ("world", "status"),
    [
        pytest.param(_WHILE_IT_LOADS, -signal.SIGINT, id="while it loads"),
        pytest.param(_AFTER_ITS_END, -signal.SIGINT, id="after its end"),
        pytest.param(_IGNORED + _WHILE_IT_LOADS, 0, id="ignored"),
    ],
)
def test_outside_of_a_command_an_interruption_shows_no_trace(world: str, status: int) -> None:
    code = f"import os, signal, sys\n{world}from ci_steps.__main__ import main\nmain()"
    ended = subprocess.run(
        [sys.executable, "-c", code, "version", "--help"], capture_output=True, check=False
    )
    assert ended.returncode == status
    assert ended.stderr == b""
