"""Read who calls a line from access logs, the rotated and compressed ones as well.

Files are read line by line, so that their size does not matter. Where nothing was written
for longer than `silent_hours`, by whomever, nothing was observed: health checks write, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import attrs

from ci_steps.errors import CiStepsError, OutsideError, UsageError
from ci_steps.monitoring.log_lines import COMBINED, Line, Reader, by_keys, by_pattern
from ci_steps.options import REQUIRED, option
from ci_steps.usage import Caller, Usage

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.usage import UsageQuestion

_LONGEST_LINE = 65_536
_ONE_IN = 1_000
_HOUR_SECONDS = 3_600
# Of a log of two gigabytes every line may have an address of its own.
_MOST_CALLERS = 100_000
_OTHERS = "others"


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `access_log`."""

    files: tuple[str, ...] = option(
        REQUIRED,
        "The logs, with * and ?; {service} and {environment} are set.",
        example=["/var/log/nginx/access.log*"],
    )
    path: str = option("/v{line}", "How the paths of the line begin; {line} is set.")
    format: str = option(
        "combined", "How a line is written.", choices=("combined", "json", "pattern")
    )
    pattern: str = option(
        "",
        "For the format pattern: a regular expression with the groups time, path, and address, "
        "user and agent where there are any.",
    )
    keys: dict[str, str] = option(
        {}, "For the format json: the keys of time, path, address, user and agent."
    )
    caller: str = option(
        "user",
        "Who a caller is; the address where that is empty.",
        choices=("user", "agent", "address"),
    )
    not_callers: tuple[str, ...] = option(
        ("kube-probe", "ELB-HealthChecker", "GoogleHC", "[Hh]ealth-?[Cc]heck"),
        "Patterns of agents and users who only look whether it is well.",
    )
    silent_hours: int = option(
        24, "Hours without any line after which the log was not written.", at_least=1
    )


def observe(question: UsageQuestion, options: Options, outside: Outside) -> Usage:  # noqa: ARG001 (every source is asked alike)
    """Read the logs."""
    try:
        look = _Look(question, options, _reader(options), _pattern(options.not_callers))
        files = _files(options, question)
        for file in files:
            look.read(file)
        return look.usage(f"access log, {len(files)} files" if len(files) > 1 else str(files[0]))
    except CiStepsError as error:
        return Usage("access log", problem=str(error))


@dataclass
class _Look:
    question: UsageQuestion
    options: Options
    reader: Reader
    checks: re.Pattern[str]
    hours: set[int] = field(default_factory=set)
    lines: int = 0
    unreadable: int = 0
    first_unreadable: str = ""
    calls: dict[str, int] = field(default_factory=dict)
    last: dict[str, datetime] = field(default_factory=dict)

    def read(self, file: Path) -> None:
        for number, text in enumerate(_lines(file), 1):
            self.lines += 1
            line = self.reader(text)
            if line is None:
                self.unreadable += 1
                self.first_unreadable = self.first_unreadable or f"{file}:{number}"
            else:
                self.take(line)

    def take(self, line: Line) -> None:
        self.hours.add(int(line.at.timestamp()) // _HOUR_SECONDS)
        if not self._is_of_line(line.path) or self._is_check(line):
            return
        name = getattr(line, self.options.caller) or line.address or "a caller without a name"
        if name not in self.calls and len(self.calls) >= _MOST_CALLERS:
            name = _OTHERS
        self.calls[name] = self.calls.get(name, 0) + 1
        self.last[name] = max(self.last.get(name, line.at), line.at)

    def usage(self, source: str) -> Usage:
        if self.unreadable * _ONE_IN > self.lines:
            text = f"{self.unreadable:,} of {self.lines:,} lines cannot be read"
            return Usage(source, problem=f"{text}, the first is {self.first_unreadable}")
        since = self._observed_since()
        if since is None:
            hours = self.options.silent_hours
            return Usage(source, problem=f"no line was written within the last {hours} hours")
        callers = tuple(
            Caller(name, self.calls[name], at) for name, at in sorted(self.last.items())
        )
        note = f"{self.unreadable:,} lines cannot be read" if self.unreadable else ""
        return Usage(source, since, max(self.last.values(), default=None), callers, note=note)

    def _observed_since(self) -> datetime | None:
        """Return when the last silence that was too long ended, None if it still goes on."""
        since, next_one = None, int(self.question.at.timestamp()) // _HOUR_SECONDS
        for hour in sorted(self.hours, reverse=True):
            if next_one - hour > self.options.silent_hours:
                break
            since, next_one = hour, hour
        if since is None:
            return None
        # Not before the hour was over: its first line may have been its last.
        return datetime.fromtimestamp((since + 1) * _HOUR_SECONDS, timezone.utc)

    def _is_of_line(self, path: str) -> bool:
        begin = self.options.path.replace("{line}", self.question.line)
        # Not /v10, and not what is meant for another one.
        return path.startswith(begin) and path[len(begin) : len(begin) + 1] in {"", "/", "?", "#"}

    def _is_check(self, line: Line) -> bool:
        return bool(self.checks.search(line.agent) or self.checks.search(line.user))


def _reader(options: Options) -> Reader:
    if options.format == "json":
        return by_keys(options.keys)
    return by_pattern(options.pattern if options.format == "pattern" else COMBINED)


def _pattern(patterns: tuple[str, ...]) -> re.Pattern[str]:
    try:
        return re.compile("|".join(patterns) or r"(?!)")
    except re.error as error:
        raise UsageError(f"not_callers: no regular expression: {error}") from None


def _files(options: Options, question: UsageQuestion) -> list[Path]:
    found: set[Path] = set()
    for written in options.files:
        name = written.replace("{service}", question.service)
        path = Path(name.replace("{environment}", question.environment))
        root = Path(path.anchor) if path.is_absolute() else Path()
        files = [one for one in root.glob(str(path.relative_to(root))) if one.is_file()]
        if not files:
            raise OutsideError(f"{path}: no such log")
        found.update(files)
    return sorted(found)


def _open(file: Path) -> BinaryIO:
    if file.suffix != ".gz":
        return file.open("rb")
    import gzip

    return cast("BinaryIO", gzip.open(file))


def _lines(file: Path) -> Iterator[str]:
    try:
        with _open(file) as stream:
            while line := stream.readline(_LONGEST_LINE):
                if line.strip():
                    yield line.decode("utf-8", "replace").rstrip("\r\n")
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise OutsideError(f"{file}: cannot be read: {reason.lower()}") from error
