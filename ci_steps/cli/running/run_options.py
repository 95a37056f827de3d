"""Flags that say which steps a run visits, and what is passed on purpose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from ci_steps.errors import UsageError
from ci_steps.gates.names import ENDS, MAY_DEPLOY, NAMES, OVERRIDABLE, overridable
from ci_steps.writing.nearest import did_you_mean


def override_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--override`` and ``--reason``."""
    gates = f"{', '.join(NAMES)}; {MAY_DEPLOY} is {' and '.join(ENDS)}"
    command = click.option(
        "--reason", default="", help="Why a gate is overridden; it is kept with the release."
    )(command)
    return click.option(
        "--override", "overridden", multiple=True, metavar="GATE", help=f"Pass a gate: {gates}."
    )(command)


def quiet_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--quiet``."""
    return click.option(
        "--quiet", is_flag=True, help="One line for each step; not what the steps print."
    )(command)


def selection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--only``, ``--from`` and ``--until``."""
    for name, text in (
        ("--until", "Stop after this step."),
        ("--from", "Begin with this step."),
        ("--only", "Run this step alone; may be given again."),
    ):
        variable = name.strip("-") + "_step"
        command = click.option(
            name, variable, multiple=name == "--only", metavar="STEP", default=None, help=text
        )(command)
    return command


def again_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--again``."""
    return click.option(
        "--again/--no-again", help="Run also what was proven before for just this build."
    )(command)


def overrides_of(gates: tuple[str, ...], reason: str) -> dict[str, str]:
    """Return the gates that are passed on purpose, each with the reason."""
    for gate in gates:
        if gate not in OVERRIDABLE:
            raise UsageError(f"unknown gate {gate!r}{did_you_mean(gate, OVERRIDABLE)}")
    if gates and not reason.strip():
        raise UsageError(
            f"--override {gates[0]} needs a reason", hint="Say why with --reason; it is recorded."
        )
    if reason and not gates:
        raise UsageError("--reason is for --override", hint="Name the gate: --override unit-test.")
    return dict.fromkeys(overridable(gates), reason.strip())
