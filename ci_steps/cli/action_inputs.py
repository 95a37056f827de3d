"""The inputs of the action: some of its own, and one for every option of every step."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ci_steps import registry
from ci_steps.options import Option, flags_of

RUNS = ("run", "rehearse")
PULL_REQUEST = "pull-request"  # what the version would mean, said under the pull request
FIXED = (
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
_OF_RUNS = {
    "only": "The steps that are visited, a line for each.",
    "from": "The step to begin with.",
    "until": "The step after which to stop.",
    "again": "Run also what was proven before for just this build.",
}
_AGAIN = Option("again", bool, False, _OF_RUNS["again"], None, (), None)  # noqa: FBT003
_BEGIN = "  # An input for every option of a step, written by `make docs`.\n"
_END = "  # The end of what `make docs` writes.\n"


def keys(step: str) -> dict[str, Option | None]:
    """Return the options of a step by their keys."""
    if step == PULL_REQUEST:
        return {}
    if step in RUNS:
        return dict.fromkeys(_OF_RUNS) | {_AGAIN.key: _AGAIN}
    module: Any = registry.STEPS[step]
    return {option.key: option for option in flags_of(module.Options)}


@lru_cache(maxsize=1)
def of_options() -> dict[str, str]:
    """Return the inputs that options have, each with the key: ``timeout-seconds``."""
    found = {name: name for name in _OF_RUNS}
    for step in registry.STEPS:
        for option in keys(step).values():
            if option and option.flag[2:] not in FIXED:
                found[option.flag[2:]] = option.key
    return found


def written(action: str) -> str:
    """Return the text of action.yml with the inputs of all options in their place."""
    before, rest = action.split(_BEGIN)
    _, after = rest.split(_END)
    return f"{before}{_BEGIN}{''.join(_declared())}{_END}{after}"


def _declared() -> Iterator[str]:
    for name, key in of_options().items():
        explained = " ".join(_explained(key))
        yield f'  {name}:\n    description: {_quoted(explained)}\n    default: ""\n'


def _explained(key: str) -> Iterator[str]:
    """Yield what the option means; steps that say the same of it are named together."""
    if key in _OF_RUNS:
        yield f"{', '.join(RUNS)}: {_OF_RUNS[key]}"
    said: dict[str, list[str]] = {}
    for step in registry.STEPS:
        if option := keys(step).get(key):
            said.setdefault(option.explain, []).append(step)
    yield from (f"{', '.join(steps)}: {sentence}" for sentence, steps in said.items())


def _quoted(sentence: str) -> str:
    escaped = sentence.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
