"""One command for each step; its flags are the step's options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_origin

import click

from ci_steps import registry
from ci_steps.cli import shell
from ci_steps.cli.running.carrying_out import carry_out
from ci_steps.cli.running.run_options import override_options, overrides_of
from ci_steps.options import Command, Option, flags_of, from_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_COMMON = ("config", "build_version", "commit", "dictionary")


def step_command(name: str, *, overrides: bool = False) -> click.Command:
    """Return the command of a step."""
    module: Any = registry.STEPS[name]
    options = flags_of(module.Options)
    wants_environment = bool(getattr(module, "NEEDS_ENVIRONMENT", False))

    def callback(*, as_json: bool, **given: Any) -> int:
        environment = given.pop("environment", None) or ""
        gates = overrides_of(given.pop("overridden"), given.pop("reason")) if overrides else {}
        build = {key: given.pop(key) for key in _COMMON}
        return _run_step(name, environment, build, _read(options, given), gates, as_json=as_json)

    about = (module.__doc__ or "").strip()
    example = f"ci-steps {name}{' staging' if wants_environment else ''}"
    callback.__doc__ = (
        f"{about}\n\nOptions may also stand in ci-steps.yaml, under steps.{name}."
        f"\n\nExample: {example}"
    )
    command = shell.plan_options(shell.json_option(callback))
    if overrides:
        command = override_options(command)
    for option in reversed(options):
        command = _flag(name, option)(command)
    if wants_environment:
        command = click.argument("environment", metavar="ENVIRONMENT")(command)
    elif name == "version-check":
        text = "Check against what runs in this environment, not against what exists."
        command = click.option("--environment", metavar="ENVIRONMENT", help=text)(command)
    return click.command(name)(command)


def _run_step(
    name: str,
    environment: str,
    build: Mapping[str, str],
    options: Mapping[str, Any],
    gates: Mapping[str, str],
    *,
    as_json: bool,
) -> int:
    from ci_steps.config import Flags
    from ci_steps.config.plan import Plan, PlannedStep

    def choose(plan: Plan) -> tuple[PlannedStep, ...]:
        return (plan.known_step(name, environment),)

    return carry_out(
        as_json=as_json,
        build=build,
        choose=choose,
        overrides=gates,
        flags=Flags(step=name, options=options),
    )


def _flag(step: str, option: Option) -> Any:
    """Return the click option for one of ours; None means that it was not given."""
    declaration = f"{option.flag}/--no-{option.flag[2:]}" if option.kind is bool else option.flag
    kind: dict[str, Any] = {"default": None}
    if option.kind is not bool:
        kind["multiple"] = get_origin(option.kind) in (tuple, dict)
        kind["metavar"] = _metavar(option)
    if kind.get("multiple"):
        kind["default"] = ()
    return click.option(declaration, option.key, help=_help(step, option), **kind)


def _metavar(option: Option) -> str:
    if option.choices:
        return "|".join(option.choices)
    if get_origin(option.kind) is dict:
        return "KEY=VALUE"
    return {int: "NUMBER", float: "NUMBER"}.get(
        option.kind, "COMMAND" if _is_command(option) else "TEXT"
    )


def _is_command(option: Option) -> bool:
    return option.kind is Command or option.kind == (Command | None)


def _help(step: str, option: Option) -> str:
    default = ""
    if option.default not in ("", None, (), {}) and not option.is_required:
        shown = str(option.default).lower() if option.kind is bool else option.default
        default = f" Default: {shown}."
    return f"{option.explain}{default}  [{option.variable(step)}]"


def _read(options: tuple[Option, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was given, as the file would say it."""
    read = {}
    for option in options:
        value = given.get(option.key)
        if value is None or value == ():
            continue
        if isinstance(value, tuple):
            value = "\n".join(value)
        read[option.key] = from_text(option.kind, value) if isinstance(value, str) else value
    return read


unit_test = step_command("unit-test")
version_check = step_command("version-check")
container_build = step_command("container-build")
deploy = step_command("deploy", overrides=True)
integration_test = step_command("integration-test")
notify_owners = step_command("notify-owners")
retire_check = step_command("retire-check")
shift_traffic = step_command("shift-traffic", overrides=True)
