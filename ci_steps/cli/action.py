"""What `action.yml` calls: its inputs are checked here and become one command.

GitHub neither checks that an input is given nor that it exists; here every problem is said at
once. The inputs come as one JSON object in CI_STEPS_INPUTS and never through a shell.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, NoReturn

from ci_steps import registry
from ci_steps.cli.action_inputs import FIXED, PULL_REQUEST, RUNS, keys, of_options
from ci_steps.errors import ConfigError, Problem, UsageError
from ci_steps.gates.names import OVERRIDABLE as GATES
from ci_steps.writing.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VARIABLE = "CI_STEPS_INPUTS"
_FLAGS = {
    "config": "--config",
    "dictionary": "--dictionary",
    "version": "--build-version",
    "commit": "--commit",
}
_OVERRIDABLE = (*RUNS, "deploy")
_YES_AND_NO = {"true": "", "yes": "", "1": "", "false": "no-", "no": "no-", "0": "no-"}


def arguments(inputs: Mapping[str, str]) -> list[str]:
    """Return the command line that the inputs ask for; ConfigError holds all that is wrong."""
    given = {name: text.strip() for name, text in inputs.items()}
    problems = [*_unknown(given), *_step_problems(given), *_gate_problems(given)]
    step = given.get("step", "")
    options = list(_given_options(step, given))
    # Of a step nobody knows the options cannot be judged either.
    if step in (*registry.STEPS, *RUNS, PULL_REQUEST):
        problems += _option_problems(step, options)
    if problems:
        raise ConfigError([Problem("with", 0, name, text) for name, text in problems])
    # One argument with its flag: a value that begins with - is still a value.
    flags = [f"{flag}={given[name]}" for name, flag in _FLAGS.items() if given.get(name)]
    flags += [f"--override={gate}" for gate in _gates(given)]
    flags += [f"--reason={given['reason']}"] if given.get("reason") and _has_gates(step) else []
    flags += [_flag(step, key, value) for _, key, value in options]
    if step == PULL_REQUEST:
        return ["rehearse", "--comment", *flags]
    return [step, *flags, *_environment(step, given.get("environment", ""))]


def _unknown(given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    known = (*FIXED, *of_options())
    for name in given:
        if name not in known:
            yield name, f"unknown input{did_you_mean(name, known)}"


def _step_problems(given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    step, environment = given.get("step", ""), given.get("environment", "")
    known = (*registry.STEPS, *RUNS, PULL_REQUEST)
    if not step:
        yield "step", f"must be given; known: {', '.join(known)}"
    elif step not in known:
        yield "step", f"unknown step {step!r}{did_you_mean(step, known)}"
    elif _needs_environment(step) and not environment:
        yield "environment", f"must be given for {step}"
    elif environment and not _takes_environment(step):
        yield "environment", f"{step} has none, got {environment!r}"


def _gate_problems(given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    gates, reason, step = _gates(given), given.get("reason", ""), given.get("step", "")
    for gate in gates:
        if gate not in GATES:
            yield "override", f"unknown gate {gate!r}{did_you_mean(gate, GATES)}"
    if gates and not _has_gates(step):
        yield "override", f"{step} has no gates"
    elif gates and not reason:
        yield "reason", "must be given with override: it is recorded"
    if reason and not gates and not (step in registry.STEPS and "reason" in keys(step)):
        yield "reason", "is for override, and that is empty"


def _has_gates(step: str) -> bool:
    return step != PULL_REQUEST and (step not in registry.STEPS or step in _OVERRIDABLE)


def _option_problems(step: str, options: list[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    known = keys(step)
    for name, key, value in options:
        option = known.get(key)
        if key not in known and name != "options":
            yield name, f"{step} has none, got {value!r}"
        elif key not in known:
            yield name, f"unknown key {key!r}{did_you_mean(key, known)}"
        elif not value:
            yield name, f"{key}: expected key=value"
        elif option and option.kind is bool and value.lower() not in _YES_AND_NO:
            yield name, f"{key}: expected true or false, got {value!r}"


def _gates(given: Mapping[str, str]) -> list[str]:
    return given.get("override", "").replace(",", " ").split()


def _given_options(step: str, given: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield the input, the key and a value; a list has a line for each value.

    In `options` a line is key=value, and a key may be written like its flag.
    """
    for name, key in of_options().items():
        for line in filter(None, map(str.strip, given.get(name, "").splitlines())):
            yield name, key, line
    if given.get("reason") and not _has_gates(step) and "reason" in keys(step):
        yield "reason", "reason", given["reason"]
    for line in filter(None, map(str.strip, given.get("options", "").splitlines())):
        key, _, value = line.partition("=")
        yield "options", key.strip().replace("-", "_"), value.strip()


def _flag(step: str, key: str, value: str) -> str:
    option = keys(step)[key]
    if option and option.kind is bool:
        return f"--{_YES_AND_NO[value.lower()]}{option.flag[2:]}"
    return f"{option.flag if option else f'--{key}'}={value}"


def _needs_environment(step: str) -> bool:
    return bool(step in registry.STEPS and getattr(registry.STEPS[step], "NEEDS_ENVIRONMENT", 0))


def _takes_environment(step: str) -> bool:
    return step == "version-check" or _needs_environment(step)


def _environment(step: str, environment: str) -> list[str]:
    if not environment:
        return []
    return ["--", environment] if _needs_environment(step) else [f"--environment={environment}"]


def _read(text: str) -> dict[str, str]:
    try:
        inputs = json.loads(text)
    except ValueError:
        inputs = None
    if not isinstance(inputs, dict):
        hint = "This is what action.yml calls; on a command line use ci-steps itself."
        raise UsageError(f"{VARIABLE} holds no JSON object", hint=hint)
    return {str(name): "" if value is None else str(value) for name, value in inputs.items()}


def main(extras: str = "") -> NoReturn:
    """Run the command that the inputs ask for, and end with its status.

    *extras* is the folder that says what is installed when a step needs it.
    """
    from ci_steps import cli
    from ci_steps.cli import shell
    from ci_steps.errors import CiStepsError
    from ci_steps.outside.extras import on_demand

    console = shell.console_of(None)
    environ = shell.outside_of(console).environ
    if extras:
        on_demand(extras, environ, console.note)
    try:
        command = arguments(_read(environ.get(VARIABLE, "")))
    except CiStepsError as error:
        sys.exit(shell.show(error))
    cli.main(command)


if __name__ == "__main__":
    main()
