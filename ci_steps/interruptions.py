"""Ctrl-C and SIGTERM: the first one interrupts, and never in the middle of a start or an end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class _State:
    """`came` is known to all threads; the rest is about the main one, which gets the signals."""

    came: threading.Event = field(default_factory=threading.Event)
    is_held: bool = False
    waits: bool = False


_state = _State()


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn the signals that end a job into one KeyboardInterrupt while the block runs.

    What is being ended must not be interrupted in turn, so only the first one counts. A
    signal that is ignored, as behind nohup, stays ignored.
    """
    _state.came.clear()
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    # Not SIG_IGN after the first one: programs we start would inherit that.
    for number, former in before.items():
        if former is not signal.SIG_IGN:
            signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


@contextmanager
def held() -> Iterator[None]:
    """Let an interruption wait until the block ends."""
    with _holding(is_held=True):
        yield


@contextmanager
def allowed() -> Iterator[None]:
    """Let an interruption through again, inside of what is held."""
    with _holding(is_held=False):
        yield


def came() -> bool:
    """Return whether the job is being ended; other threads hear of it only here."""
    return _state.came.is_set()


def forget() -> None:
    """Let the process end with a status of its own after an interruption that was caught.

    Under ``python -m`` the interpreter would end by SIGINT, whatever it is told, if the last
    text that was given to ``exec`` was interrupted; importing a dataclass gives it one.
    https://github.com/python/cpython/blob/3.13/Python/pythonrun.c, run_eval_code_obj
    """
    exec("")  # noqa: S102 (a text that ends well is what makes it forget)


@contextmanager
def _holding(*, is_held: bool) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before, _state.is_held = _state.is_held, is_held
    try:
        _let_through()
        yield
    finally:
        _state.is_held = before
        _let_through()


def _let_through() -> None:
    if _state.waits and not _state.is_held:
        _state.waits = False
        raise KeyboardInterrupt


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    if _state.came.is_set():
        return
    _state.came.set()
    _state.waits = True
    _let_through()
