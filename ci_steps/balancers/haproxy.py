"""Weights of the servers of a running HAProxy, by its runtime socket.

Its configuration names a server for each line in one backend. Weights that are told to a running
HAProxy are lost when it is restarted or reloaded, so that what is written there counts again.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from ci_steps.errors import OutsideError, RefusedError
from ci_steps.options import REQUIRED, option

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_steps.outside import Outside
    from ci_steps.protocols import Lines

_WEIGHT = re.compile(r"^(\d+) \(initial \d+\)$", re.MULTILINE)


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `haproxy`."""

    socket: str = option(REQUIRED, "Path of the runtime socket.", example="/run/haproxy/admin.sock")
    backend: str = option("{service}", "The backend; {service} and {environment} are set.")
    server: str = option("v{line}", "The server of a line in that backend; {line} is set, too.")


def shares(lines: Lines, options: Options, outside: Outside) -> Mapping[str, int]:
    """Return the percent of the calls that each line gets now."""
    weights = {line: _weight(lines, line, options, outside) for line in lines.addresses}
    whole = sum(weights.values())
    return {line: round(100 * weight / whole) if whole else 0 for line, weight in weights.items()}


def shift(lines: Lines, wanted: Mapping[str, int], options: Options, outside: Outside) -> None:
    """Give each line its percent; who gets more comes first, so that somebody always answers."""
    for line in sorted(wanted, key=lambda one: -wanted[one]):
        server = _server(lines, line, options)
        answer = outside.tell_socket(
            Path(options.socket), f"set server {server} weight {wanted[line]}"
        )
        # There are no exit codes: whatever it says is that it did not.
        if answer.strip():
            raise RefusedError(
                f"haproxy does not set the weight of {server}: {_line(answer)}",
                hint="Name the backend and the servers as its configuration has them.",
            )


def _weight(lines: Lines, line: str, options: Options, outside: Outside) -> int:
    server = _server(lines, line, options)
    answer = outside.ask_socket(Path(options.socket), f"get weight {server}")
    found = _WEIGHT.search(answer)
    if found is None:
        raise OutsideError(
            f"haproxy does not say the weight of {server}: {_line(answer)}",
            hint="Name the backend and the servers as its configuration has them.",
        )
    return int(found[1])


def _server(lines: Lines, line: str, options: Options) -> str:
    written = f"{options.backend}/{options.server}"
    return lines.filled(written, line)


def _line(answer: str) -> str:
    return " ".join(answer.split()) or "it says nothing"
