"""Where values come from: the organisation's files, the service's, variables and flags."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ci_steps import registry
from ci_steps.config.document import Document, read
from ci_steps.config.layers import Layers, Origin
from ci_steps.errors import ConfigError, Problem, UsageError
from ci_steps.options import flags_of, from_text
from ci_steps.outside import Outside
from ci_steps.writing.nearest import did_you_mean

FILE = "ci-steps.yaml"

_DEFAULTS = "CI_STEPS_DEFAULTS"
_NOT_IN_DEFAULTS = {
    "extends": "cannot extend another one",
    "service": "is for every service and names none",
}


@dataclass(frozen=True)
class Flags:
    """What the command line says: the file, the build, and options of one step by key."""

    config: str = ""
    version: str = ""
    commit: str = ""
    dictionary: str = ""
    step: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


def read_layers(outside: Outside, flags: Flags) -> tuple[Layers, Path]:
    """Return all values in their layers, and the file of the service."""
    file = service_file(flags)
    layers = Layers()
    for document in _documents(outside, file):
        layers.add_document(document)
    _add_variables(layers, outside)
    _add_build(layers, outside, flags)
    for key, value in flags.options.items():
        origin = Origin("--" + key.replace("_", "-"))
        layers.put(("steps", flags.step, key), value, origin)
    return layers, file


def service_file(flags: Flags) -> Path:
    """Return the file of the service; UsageError if there is none."""
    name = flags.config or FILE
    if not os.path.exists(name):  # noqa: PTH110 (Path.exists raises where a folder cannot be read)
        raise UsageError(
            f"{name}: no such file",
            hint="Run ci-steps in the folder of a service, or name the file with --config; "
            "ci-steps init writes a first one.",
        )
    return Path(name).absolute()


def shown(path: Path) -> str:
    """Return a path as one would type it here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _documents(outside: Outside, file: Path) -> list[Document]:
    """Return the files that count, the strongest last; what is wrong with any is reported."""
    problems: list[Problem] = []
    own = _tried(lambda: _own(file), problems)
    named = outside.environ.get(_DEFAULTS, "")
    defaults = _tried(lambda: _defaults(Path(named), Problem(_DEFAULTS, 0, "", "")), problems)
    extended = _tried(lambda: _extended(own, file), problems) if own else None
    if problems:
        raise ConfigError(problems)
    found = (defaults if named else None, extended, own)
    return [document for document in found if document]


def _tried(reading: Callable[[], Document | None], problems: list[Problem]) -> Document | None:
    try:
        return reading()
    except ConfigError as error:
        problems.extend(error.problems)
        return None


def _own(file: Path) -> Document:
    document = read(file, shown=shown(file))
    if not isinstance(document.content, Mapping):
        text = "expected keys and values"
        if document.content is None:
            text = "is empty, and says at least: service: my-service"
        raise ConfigError([Problem(document.file, 0, "", text)])
    return document


def _extended(own: Document, file: Path) -> Document | None:
    name = own.content.get("extends")
    if not isinstance(name, str) or not name:
        return None
    named_by = Problem(own.file, own.lines[("extends",)], "extends", "")
    return _defaults(file.parent / name, named_by)


def _defaults(path: Path, named_by: Problem) -> Document | None:
    """Read a file of the organisation; that it is missing is wrong where it is named."""
    if path == Path():
        return None
    if not os.path.exists(path):  # noqa: PTH110 (as above)
        text = f"{shown(path)}: no such file"
        raise ConfigError([Problem(named_by.file, named_by.line, named_by.key, text)])
    document = read(path, shown=shown(path.absolute()))
    if document.content is None:
        return None
    if not isinstance(document.content, Mapping):
        raise ConfigError([Problem(document.file, 0, "", "expected keys and values")])
    refused = [
        Problem(document.file, document.lines[(key,)], key, f"a file of defaults {reason}")
        for key, reason in _NOT_IN_DEFAULTS.items()
        if key in document.content
    ]
    if refused:
        raise ConfigError(refused)
    return document


def _add_variables(layers: Layers, outside: Outside) -> None:
    """Put ``CI_STEPS_UNIT_TEST_COMMAND`` and its like over the files."""
    for step, module in registry.STEPS.items():
        options = {option.variable(step): option for option in flags_of(module.Options)}
        prefix = "CI_STEPS_" + step.upper().replace("-", "_") + "_"
        for name in sorted(name for name in outside.environ if name.startswith(prefix)):
            option, text = options.get(name), outside.environ[name]
            if option is None:
                layers.refuse((name,), "no such option" + did_you_mean(name, options), Origin(name))
            elif text:  # an empty one is unset: CI hosts pass inputs that nobody filled in
                value = from_text(option.kind, text)
                layers.put(("steps", step, option.key), value, Origin(name))


def _add_build(layers: Layers, outside: Outside, flags: Flags) -> None:
    """Put version and dictionary of flags over those of variables, and these over the files."""
    for key, flag, given in (
        ("version", "--build-version", flags.version),
        ("dictionary", "--dictionary", flags.dictionary),
    ):
        variable = f"CI_STEPS_{key.upper()}"
        value = given or outside.environ.get(variable, "")
        if value:
            layers.put((key,), value, Origin(flag if given else variable))
