"""The program `buf`: what it is asked, and what its answers mean."""

from __future__ import annotations

import json
import sysconfig
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ci_steps.comparisons.changes import Change, Contract, Level, Location
from ci_steps.comparisons.files import not_installed, unreadable
from ci_steps.errors import ContractError, OutsideError
from ci_steps.protobuf_rules.places import Index, index, subject
from ci_steps.protobuf_rules.sources import imported_at, sources

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.outside.processes import Finished

_FOUND = 100
_MISSING = "imported file does not exist"
_TIMEOUT_SECONDS = 120


def program(name: str, outside: Outside) -> str:
    """Return the program: the one that the extra brought, or one on the PATH."""
    beside = Path(sysconfig.get_path("scripts")) / name
    found = str(beside) if beside.is_file() else outside.which(name) or _in_a_folder(name)
    if not found:
        raise not_installed("protobuf", "protobuf", f"the program {name} is not here")
    return found


def _in_a_folder(name: str) -> str:
    """Return the program of an extra that lies in a folder of its own, or nothing."""
    package = find_spec("buf_bin")
    if package is None or package.origin is None:
        return ""
    found = Path(package.origin).parents[1] / "bin" / name
    return str(found) if found.is_file() else ""


def breaking(
    buf: str, old: Contract, new: Contract, rules: Sequence[str], outside: Outside
) -> list[Change]:
    """Return what `buf breaking` finds under *rules*, which are its ids and categories."""
    config = json.dumps({"version": "v2", "breaking": {"use": list(rules)}})
    files = {
        f"{side}/{name}": content
        for side, contract in (("old", old), ("new", new))
        for name, content in sources(contract).items()
    }
    with outside.scratch(files) as folder:
        # Modules of a registry would be kept there; nothing here names one.
        env = {"BUF_CACHE_DIR": str(folder / "cache")}
        before = _image(buf, old, folder, config, env, outside)
        command = [buf, "breaking", ".", "--against", "../old", "--error-format", "json"]
        command += ["--config", config, "--against-config", config]
        ended = outside.ask(command, cwd=folder / "new", env=env, timeout_seconds=_TIMEOUT_SECONDS)
        return [_change(finding, before) for finding in _findings(ended, new, folder)]


def declared(buf: str, contract: Contract, outside: Outside) -> Index:
    """Return where everything in *contract* is; ContractError if it does not compile."""
    files = {f"old/{name}": content for name, content in sources(contract).items()}
    with outside.scratch(files) as folder:
        env = {"BUF_CACHE_DIR": str(folder / "cache")}
        return _image(buf, contract, folder, json.dumps({"version": "v2"}), env, outside)


def _image(
    buf: str,
    contract: Contract,
    folder: Path,
    config: str,
    env: Mapping[str, str],
    outside: Outside,
) -> Index:
    """Return where everything in the old contract is; ContractError if it does not compile."""
    written = folder / "old.json"
    command = [buf, "build", ".", "--config", config, "--error-format", "json"]
    ended = outside.ask(
        [*command, "-o", str(written)],
        cwd=folder / "old",
        env=env,
        timeout_seconds=_TIMEOUT_SECONDS,
    )
    if _findings(ended, contract, folder) or not written.is_file():
        raise ContractError(f"{contract.name}: {_last_line(ended, folder)}")
    return index(json.loads(written.read_text("utf-8")))


def _findings(ended: Finished, contract: Contract, folder: Path) -> list[dict[str, Any]]:
    """Return what was found; ContractError if *contract* does not compile or buf gave up."""
    if ended.timed_out:
        raise OutsideError(f"{ended.command[0]} {ended.command[1]}: {ended.how}")
    if ended.exit_code == 0:
        return []
    try:
        lines = [line for line in ended.output.splitlines() if line.startswith("{")]
        findings = [json.loads(line) for line in lines]
    except ValueError:
        findings = []
    if ended.exit_code != _FOUND or not findings:
        raise ContractError(f"{contract.name}: {_last_line(ended, folder)}")
    # Exit status 100 is also what does not compile.
    problems = [one for one in findings if one.get("type") == "COMPILE"]
    if problems:
        errors = [unreadable(contract, _place(one), _reason(one, contract)) for one in problems]
        raise ContractError("\n".join(map(str, errors)), hint=errors[0].hint)
    return findings


def _reason(problem: Mapping[str, Any], contract: Contract) -> str:
    """Return why a file does not compile; of a missing import buf gives the place alone."""
    message = str(problem.get("message"))
    name = imported_at(contract, _place(problem)) if message == _MISSING else ""
    return f"imports {name!r}, which is not part of the contract" if name else message


def _last_line(ended: Finished, folder: Path) -> str:
    return ended.last_line.removeprefix("Failure: ").replace(f"{folder}/", "")


def _change(finding: Mapping[str, Any], before: Index) -> Change:
    message = str(finding["message"])
    what = subject(message, before)
    rule = "protobuf-" + str(finding["type"]).lower().replace("_", "-")
    new = _place(finding) if finding.get("path") else None
    old = before.place(what, new.file if new else "")
    text = message.partition(" See https://")[0].rstrip(".")
    return Change(rule, Level.BREAKING, what, text, old, new)


def _place(finding: Mapping[str, Any]) -> Location:
    return Location(
        str(finding.get("path", "")),
        int(finding.get("start_line", 0)),
        int(finding.get("start_column", 0)),
    )
