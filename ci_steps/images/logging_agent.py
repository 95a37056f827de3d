"""A logging agent on the image of a service: what is layered onto it, and how both are started."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from ci_steps.errors import UsageError
from ci_steps.options import REQUIRED, Command, option
from ci_steps.protocols import Agent

FOLDER = "/opt/ci-steps"
_SCRIPT = Path(__file__).with_name("beside.sh")
_MOST_BYTES = 1_000_000
_FACT = re.compile(r"\{\{\s*(service|version|commit)\s*\}\}")


@attrs.frozen
class Logging:
    """What ci-steps.yaml may say under `container-build: logging`."""

    command: Command = option(
        REQUIRED,
        "Command that starts the agent, in the foreground.",
        example=["fluent-bit", "-c", "/etc/agent.conf"],
    )
    image: str = option(
        "",
        "Image that brings the agent; empty where the service's own image has it.",
        example="registry.example.org:5000/tools/fluent-bit:3.1",
    )
    paths: tuple[str, ...] = option(
        (), "What is taken from that image, to the same place.", example=["/fluent-bit"]
    )
    config: str = option(
        "",
        "Template of the agent's configuration, from the service's folder. `{{ service }}`, "
        "`{{ version }}` and `{{ commit }}` are filled in; `CI_STEPS_ENVIRONMENT` is a variable "
        "of the container.",
        example="deploy/agent.conf",
    )
    config_path: str = option("/etc/agent.conf", "Where the configuration is in the image.")
    reads: str = option(
        "stdin",
        "Whether the agent reads what the service prints (the container then prints what the "
        "agent prints), or files that the service writes.",
        choices=("stdin", "files"),
    )
    grace_seconds: int = option(
        5, "Time for what the agent still holds when the service has ended.", at_least=0
    )


def agent_files(logging: Logging, root: Path, facts: Mapping[str, str]) -> Agent:
    """Return what is layered; UsageError about everything that is wrong with *logging*."""
    wrong = _problems(logging, root)
    if wrong:
        raise UsageError("container-build: logging: " + "; ".join(wrong), hint=_hint(logging))
    files = {
        "beside.sh": _SCRIPT.read_bytes(),
        "agent": f"exec {shlex.join(logging.command)}\n".encode(),
    }
    if logging.config:
        template = (root / logging.config).read_text("utf-8")
        files["agent.conf"] = _FACT.sub(lambda found: facts[found[1]], template).encode()
    start = ("/bin/sh", f"{FOLDER}/beside.sh", str(logging.grace_seconds), logging.reads)
    return Agent(logging.image, logging.paths, files, start, logging.config_path)


def layer(agent: Agent, below: str, start: tuple[list[str], list[str]]) -> str:
    """Return the instructions that put *agent* on the image *below*, which starts as it says."""
    entry, arguments = start
    taken = [_json("COPY --from=agent", [path, path]) for path in agent.paths]
    own = [
        _json("COPY", [name, agent.config_path if name == "agent.conf" else f"{FOLDER}/{name}"])
        for name in agent.files
    ]
    lines = (
        *((f"FROM {agent.image} AS agent",) if agent.image else ()),
        f"FROM {below}",
        *taken,
        *own,
        _json("ENTRYPOINT", [*agent.start, *entry]),
        _json("CMD", arguments),
    )
    return "\n".join(lines) + "\n"


def _json(instruction: str, words: list[str]) -> str:
    return f"{instruction} {json.dumps(words)}"


def _problems(logging: Logging, root: Path) -> list[str]:
    wrong = []
    if logging.image and not logging.paths:
        wrong.append("image brings nothing without paths")
    if logging.paths and not logging.image:
        wrong.append("paths are taken from an image, and none is named")
    wrong += [f"{path!r} does not begin with /" for path in _absolute(logging) if path[:1] != "/"]
    if re.search(r"\s", logging.image):
        wrong.append(f"{logging.image!r} is not the name of an image")
    if logging.config:
        wrong += _template_problems(root / logging.config, logging.config)
    return wrong


def _absolute(logging: Logging) -> tuple[str, ...]:
    return (*logging.paths, logging.config_path)


def _template_problems(path: Path, name: str) -> list[str]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            return [f"{name} is longer than {_MOST_BYTES:,} bytes"]
        path.read_text("utf-8")
    except UnicodeDecodeError:
        return [f"{name} is not UTF-8"]
    except OSError as error:
        return [f"{name}: {(error.strerror or '').lower()}"]
    return []


def _hint(logging: Logging) -> str:
    if logging.image and not logging.paths:
        return "Say what is taken from it: paths: [/usr/bin/agent]."
    return "See docs/images.md."


def started_by(described: Any) -> tuple[list[str], list[str]]:
    """Return entry point and arguments from what an engine says about an image, as JSON."""
    document = described[0] if isinstance(described, list) and described else described
    found = document if isinstance(document, dict) else {}
    config = found.get("Config") if isinstance(found.get("Config"), dict) else None
    if config is None:  # buildah
        inner = found.get("OCIv1")
        config = inner.get("config") if isinstance(inner, dict) else None
    known = config if isinstance(config, dict) else {}
    return _words(known.get("Entrypoint")), _words(known.get("Cmd"))


def _words(value: Any) -> list[str]:
    return [str(word) for word in value] if isinstance(value, list) else []
