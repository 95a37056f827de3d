"""What `action.yml` calls: its inputs are checked here and become one command.

GitHub neither checks that an input is given nor that it exists; here every problem is said at
once. The inputs come as one JSON object in CI_STEPS_INPUTS and never through a shell.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from ci_steps import registry
from ci_steps.errors import ConfigError, Problem, UsageError
from ci_steps.gates import NAMES as GATES
from ci_steps.nearest import did_you_mean
from ci_steps.options import Option, options_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VARIABLE = "CI_STEPS_INPUTS"
INPUTS = (
    "step",
    "config",
    "environment",
    "dictionary",
    "version",
    "commit",
    "override",
    "reason",
    "options",
)
_FLAGS = {
    "config": "--config",
    "dictionary": "--dictionary",
    "version": "--build-version",
    "commit": "--commit",
}
_RUNS = ("run", "rehearse")
_SELECTIONS = ("only", "from", "until")
_OVERRIDABLE = (*_RUNS, "deploy")
_YES_AND_NO = {"true": "", "yes": "", "1": "", "false": "no-", "no": "no-", "0": "no-"}


def arguments(inputs: Mapping[str, str]) -> list[str]:
    """Return the command line that the inputs ask for; ConfigError holds all that is wrong."""
    given = {name: text.strip() for name, text in inputs.items()}
    problems = [*_unknown(given), *_step_problems(given), *_gate_problems(given)]
    step = given.get("step", "")
    options = list(_pairs(given.get("options", "")))
    # Of a step nobody knows the options cannot be judged either.
    if step in (*registry.STEPS, *_RUNS):
        problems += _option_problems(step, options)
    if problems:
        raise ConfigError([Problem("with", 0, name, text) for name, text in problems])
    # One argument with its flag: a value that begins with - is still a value.
    flags = [f"{flag}={given[name]}" for name, flag in _FLAGS.items() if given.get(name)]
    flags += [f"--override={gate}" for gate in _gates(given)]
    flags += [f"--reason={given['reason']}"] if given.get("reason") else []
    flags += [_flag(step, key, value) for key, value in options]
    return [step, *flags, *_environment(step, given.get("environment", ""))]


def _unknown(given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in given:
        if name not in INPUTS:
            yield name, f"unknown input{did_you_mean(name, INPUTS)}"


def _step_problems(given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    step, environment = given.get("step", ""), given.get("environment", "")
    known = (*registry.STEPS, *_RUNS)
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
    if gates and not reason:
        yield "reason", "must be given with override: it is recorded"
    if reason and not gates:
        yield "reason", "is for override, and that is empty"
    if (gates or reason) and step in registry.STEPS and step not in _OVERRIDABLE:
        yield "override", f"{step} has no gates"


def _option_problems(step: str, options: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    known = _keys(step)
    for key, value in options:
        option = known.get(key)
        if key not in known:
            yield "options", f"unknown key {key!r}{did_you_mean(key, known)}"
        elif not value:
            yield "options", f"{key}: expected key=value"
        elif option and option.kind is bool and value.lower() not in _YES_AND_NO:
            yield "options", f"{key}: expected true or false, got {value!r}"


def _gates(given: Mapping[str, str]) -> list[str]:
    return given.get("override", "").replace(",", " ").split()


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Yield key and value of each line; a key may be written like its flag."""
    for line in filter(None, map(str.strip, text.splitlines())):
        key, _, value = line.partition("=")
        yield key.strip().replace("-", "_"), value.strip()


def _keys(step: str) -> dict[str, Option | None]:
    if step in _RUNS:
        return dict.fromkeys(_SELECTIONS)
    module: Any = registry.STEPS[step]
    return {option.key: option for option in options_of(module.Options)}


def _flag(step: str, key: str, value: str) -> str:
    option = _keys(step)[key]
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


def main() -> NoReturn:
    """Run the command that the inputs ask for, and end with its status."""
    from ci_steps import cli
    from ci_steps.cli import shell
    from ci_steps.errors import CiStepsError

    environ = shell.outside_of(shell.console_of(None)).environ
    try:
        command = arguments(_read(environ.get(VARIABLE, "")))
    except CiStepsError as error:
        sys.exit(shell.show(error))
    cli.main(command)


if __name__ == "__main__":
    main()
