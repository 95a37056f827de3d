"""Weights in an upstream of nginx: a file that ci-steps writes, `nginx -t`, and a reload.

The configuration of nginx includes the file and passes to the upstream by its name. Answers
under way are finished by the workers that began them.
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import attrs

from ci_steps.deploying.last_words import last_words
from ci_steps.errors import OutsideError, RefusedError
from ci_steps.options import REQUIRED, Command, option
from ci_steps.outside.processes import written
from ci_steps.placing import placed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_steps.outside import Outside
    from ci_steps.protocols import Lines

_SERVER = re.compile(r"^ +server \S+ (?:weight=(\d+)|down); # line (\S+)$", re.MULTILINE)
_ADDRESS = re.compile(r"[A-Za-z0-9.:\[\]-]+")


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `nginx`."""

    file: str = option(
        REQUIRED,
        "The file that is written, which the configuration of nginx includes.",
        example="/etc/nginx/conf.d/auth-lines.conf",
    )
    upstream: str = option(
        "{service}", "The name of the upstream; {service} and {environment} are set."
    )
    test: Command = option(Command(("nginx", "-t")), "The program that tries the configuration.")
    reload: Command = option(
        Command(("nginx", "-s", "reload")), "The program that puts it in force."
    )


def shares(lines: Lines, options: Options, outside: Outside) -> Mapping[str, int]:  # noqa: ARG001 (the protocol's)
    """Return the percent of the calls that each line gets, as the file says; nothing without it."""
    found = dict.fromkeys(lines.addresses, 0)
    with suppress(OSError):
        text = Path(options.file).read_text(encoding="utf-8", errors="replace")
        found.update({line: int(weight or 0) for weight, line in _SERVER.findall(text)})
    return found


def shift(lines: Lines, wanted: Mapping[str, int], options: Options, outside: Outside) -> None:
    """Write the file and put it in force; what nginx does not accept is taken back."""
    with placed(Path(options.file), _upstream(lines, wanted, options).encode(), outside):
        _carry_out(options.test, "does not accept the file", outside)
        _carry_out(options.reload, "was not reloaded", outside)


def _upstream(lines: Lines, wanted: Mapping[str, int], options: Options) -> str:
    name = lines.filled(options.upstream, "")
    servers = (
        f"    server {_address(lines.addresses[line], line)} "
        f"{f'weight={percent}' if percent else 'down'}; # line {line}\n"
        for line, percent in sorted(wanted.items())
    )
    return f"# Written by ci-steps.\nupstream {name} {{\n{''.join(servers)}}}\n"


def _address(url: str, line: str) -> str:
    """Return what stands behind `server`: a host and a port."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        address = host if parts.port else f"{host}:80"
    except ValueError:
        address = ""
    if not _ADDRESS.fullmatch(address) or address.startswith(":"):
        raise RefusedError(
            f"line {line} answers at {url!r}, which nginx cannot be told",
            hint="Deploy it so that it answers at an http address.",
        )
    return address


def _carry_out(command: Command, otherwise: str, outside: Outside) -> None:
    ended = outside.run(command, timeout_seconds=60)
    if not ended.ok:
        raise OutsideError(
            f"nginx {otherwise}: `{written(command)}`: {ended.how}",
            hint=last_words(ended.output.splitlines()),
        )
