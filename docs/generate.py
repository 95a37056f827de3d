"""Write the generated pages: a reference of every plug's options, of every command, the schema.

`make docs` runs it; a test says when a page is not what it would write.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

import click
import yaml

from ci_steps import registry
from ci_steps.changelog.schema import changelog_schema
from ci_steps.cli import COMMANDS, action_inputs, root
from ci_steps.config.schema import schema
from ci_steps.config.settings import (
    EnvironmentSettings,
    NotifySettings,
    RetirementSettings,
    Settings,
    VersionSource,
)
from ci_steps.dictionary.graphs.graph import graph
from ci_steps.dictionary.graphs.svg import as_svg
from ci_steps.dictionary.store import Dictionary
from ci_steps.dictionary.worlds.world import load_world
from ci_steps.options import Command, Option, is_optional, options_of, section_kind
from ci_steps.outside.databases.opening import open_database
from ci_steps.reporting.schema import report_schema
from docs import notice_example, notice_picture

DOCS = Path(__file__).parent
ACTION = DOCS.parent / "action.yml"

_SHOP = DOCS.parent / "examples" / "shop"
_MOST = 50

_MARK = "<!-- Written by `make docs`; edit the options, not this page. -->"
_ABOUT_CONFIGURATION = (
    "One file in the folder of each service. Every problem in it is reported at once; "
    "`ci-steps config check` does only that, `ci-steps config explain` shows where each value "
    "came from. An editor that knows the schema (`docs/ci-steps.schema.json`) completes the keys."
)
_ABOUT_COMMANDS = (
    "Exit status: 0 yes, 1 a step said no, 2 configuration or command line, 3 the world outside "
    "(network, dictionary, a missing tool), 4 done but something is undelivered (`--strict`), 130 "
    "interrupted. `--json` answers with one JSON document on standard output; progress and "
    "errors go to standard error."
)
_FAMILIES: dict[str, tuple[Mapping[str, Any], str]] = {
    "steps": (registry.STEPS, "steps.{name}"),
    "targets": (registry.TARGETS, "environments.ENVIRONMENT.target.{name}"),
    "balancers": (registry.BALANCERS, "environments.ENVIRONMENT.traffic.{name}"),
    "probes": (registry.PROBES, "probes.PROVIDER.{name}"),
    "channels": (registry.CHANNELS, "notify.channels.{name}"),
    "contracts": (registry.CONTRACTS, "formats.{name}"),
    "usages": (registry.USAGES, "retirement.usage.{name}"),
    "fronts": (registry.FRONTS, "retirement.front.{name}"),
}
_WORDS = {str: "text", int: "whole number", float: "number", bool: "true or false"}


def pages() -> Iterator[tuple[Path, str]]:
    """Yield every generated file with its content."""
    yield DOCS / "ci-steps.schema.json", json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
    for name, form in (("report", report_schema()), ("changelog", changelog_schema())):
        document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **form}
        yield (
            DOCS / f"{name}.schema.json",
            json.dumps(document, indent=2, ensure_ascii=False) + "\n",
        )
    yield DOCS / "answers.schema.json", _answers()
    yield DOCS / "reference" / "configuration.md", _configuration()
    yield DOCS / "reference" / "commands.md", _commands()
    yield DOCS / "reference" / "openapi-rules.md", _openapi_rules()
    yield DOCS / "shop.svg", _shop_picture()
    yield DOCS / "reference" / "notice.md", notice_example.page()
    yield ACTION, action_inputs.written(ACTION.read_text("utf-8"))
    for family, (plugs, place) in _FAMILIES.items():
        for name, module in plugs.items():
            key = place.format(name=name)
            yield DOCS / "reference" / family / f"{name}.md", _plug(family, name, module, key)


def _answers() -> str:
    """Return the forms of all answers, with those that are declared elsewhere."""
    answers = json.loads((DOCS / "answers.schema.json").read_text("utf-8"))
    answers["$defs"]["report"] = report_schema()
    answers["$defs"]["changelog"] = changelog_schema()
    answers["$defs"]["changelog-plan"]["properties"]["plan"] = changelog_schema()["properties"][
        "plan"
    ]
    return json.dumps(answers, indent=2, ensure_ascii=False) + "\n"


def _openapi_rules() -> str:
    from ci_steps.openapi_rules.rules import RULES

    about = "For `*` there is what changed: `body`, `property`, `parameter`, `header`."
    lines = ["# Rules of OpenAPI", "", _MARK, "", about, "", "| Rule | Level |", "|---|---|"]
    for rule in sorted(RULES.values(), key=lambda rule: rule.name):
        levels = " or ".join(level.word for level in rule.levels)
        lines.append(f"| `{rule.name}` | {levels} |")
    return "\n".join(lines) + "\n"


def _plug(family: str, name: str, module: Any, key: str) -> str:
    kind = family.removesuffix("s")
    lines = [f"# {name}", "", _MARK, "", (module.__doc__ or "").strip(), ""]
    lines += [f"The {kind} `{name}` is configured under `{key}` in `ci-steps.yaml`.", ""]
    lines += _options(module.Options, name if family == "steps" else "")
    if family == "steps":
        lines += ["", f"As a command: `ci-steps {name}`, see [commands](../commands.md)."]
    return "\n".join(lines).rstrip() + "\n"


def _configuration() -> str:
    lines = ["# ci-steps.yaml", "", _MARK, "", _ABOUT_CONFIGURATION, ""]
    for title, cls in (
        ("Keys", Settings),
        ("version", VersionSource),
        ("environments.ENVIRONMENT", EnvironmentSettings),
        ("notify", NotifySettings),
        ("retirement", RetirementSettings),
    ):
        lines += [f"## {title}", "", *_options(cls), ""]
    for family, (plugs, _) in _FAMILIES.items():
        links = ", ".join(f"[{name}]({family}/{name}.md)" for name in plugs)
        lines += [f"{family.capitalize()}: {links}.", ""]
    return "\n".join(lines).rstrip() + "\n"


def _options(cls: type[Any], step: str = "") -> list[str]:
    options = options_of(cls)
    if not options:
        return ["It has no options."]
    lines = ["| key | what it says | kind | default |", "| --- | --- | --- | --- |"]
    for option in options:
        variable = f" `{option.variable(step)}`" if step and not option.is_section else ""
        example = f" Example: `{_value(option.example)}`." if option.example is not None else ""
        told = _cell(option.explain) + example
        lines.append(
            f"| `{option.key}` | {told}{variable} | {_kind(option)} | {_default(option)} |"
        )
    for option in options:
        if step and option.is_section:
            lines += ["", f"Under `{option.key}`:", "", *_options(section_kind(option.kind))]
    return lines


def _kind(option: Option) -> str:
    if option.choices:
        return " or ".join(f"`{choice}`" for choice in option.choices if choice)
    kind = option.kind
    if is_optional(kind):
        kind = next(part for part in get_args(kind) if part is not type(None))
    if kind is Command:
        return "command"
    if get_origin(kind) is tuple:
        return "list"
    if get_origin(kind) is dict:
        return "keys and values"
    return _WORDS.get(kind, "keys and values")


def _default(option: Option) -> str:
    if option.is_required:
        return "must be given"
    if option.default in (None, "", (), {}):
        return ""
    return f"`{_value(option.default)}`"


def _value(value: Any) -> str:
    if isinstance(value, str):
        return value
    plain = list(value) if isinstance(value, tuple) else value
    return json.dumps(plain, ensure_ascii=False).replace("|", "\\|")


def _commands() -> str:
    lines = ["# Commands", "", _MARK, "", _ABOUT_COMMANDS, ""]
    for name in COMMANDS:
        with click.Context(root, info_name="ci-steps") as context:
            command = root.get_command(context, name)
        assert command is not None
        lines += _command(f"ci-steps {name}", command)
    return "\n".join(lines).rstrip() + "\n"


def _command(name: str, command: click.Command) -> Iterator[str]:
    with click.Context(command, info_name=name, max_content_width=88) as context:
        yield from (f"## {name}", "", "```text", _help(context, command), "```", "")
        if isinstance(command, click.Group):
            for inner in command.list_commands(context):
                found = command.get_command(context, inner)
                assert found is not None
                yield from _command(f"{name} {inner}", found)


def _help(context: click.Context, command: click.Command) -> str:
    return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _shop_picture() -> str:
    """Return who needs whom in the shop, as SVG."""
    with Dictionary.open(open_database(":memory:")) as dictionary:
        load_world(dictionary, _world(), "world.yaml")
        with dictionary.reading() as connection:
            return as_svg(graph(connection, most=_MOST), "Who needs whom in the shop")


def _world() -> dict[str, Any]:
    world: dict[str, Any] = yaml.safe_load((_SHOP / "world.yaml").read_text("utf-8"))
    releases = [_release(name) for name in world["services"]]
    deployments = [
        {"service": one["service"], "version": one["version"], "environment": "production"}
        for one in releases
    ]
    environments = {"production": {"production": True}}
    return {**world, "environments": environments, "releases": releases, "deployments": deployments}


def _release(name: str) -> dict[str, Any]:
    settings = yaml.safe_load((_SHOP / name / "ci-steps.yaml").read_text("utf-8"))
    version = (_SHOP / name / "VERSION").read_text("utf-8").strip()
    return {
        "service": name,
        "version": version,
        "commit": "c1",
        "depends_on": settings["depends_on"],
    }


def main() -> None:
    """Write all pages."""
    for path, content in pages():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    if problem := notice_picture.draw(notice_example.html()):
        sys.stderr.write(f"{problem}\n")


if __name__ == "__main__":
    main()
