"""What can go wrong: one class per kind, and its kind decides the exit status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence


class CiStepsError(Exception):
    """A problem the user can act on: the message says what is wrong, the hint what to do.

    `exit_code` becomes the exit status of the process: 1 a step said no, 2 the
    configuration or the command line is wrong, 3 the world outside is (network,
    dictionary, a missing tool), 4 done but something is undelivered, 130 interrupted.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class RefusedError(CiStepsError):
    """A step or a gate said no."""

    exit_code = 1


class NotBroughtBackError(RefusedError):
    """What ran before was to be brought back, and was not: nobody knows what is there."""


class UsageError(CiStepsError):
    """The command line or a value given to it is wrong."""

    exit_code = 2


class VersionError(UsageError):
    """A text is not a version or not a requirement, or two versions cannot be compared."""

    def __init__(
        self,
        text: object,
        reason: str,
        *,
        example: str = "",
        hint: str = "",
        what: str = "a version",
    ) -> None:
        super().__init__(
            f"{text!r} is not {what}: {reason}",
            hint=hint or (f"Write it like {example}." if example else ""),
        )
        self.text = str(text)
        self.reason = reason


class OutsideError(CiStepsError):
    """The world outside did not answer: a tool, the network, a file or the dictionary."""

    exit_code = 3


class DictionaryError(OutsideError):
    """The dictionary cannot be opened, read or written."""


class NoDictionaryError(DictionaryError):
    """There is no dictionary where one was to be read."""


class ContractError(UsageError):
    """A contract cannot be read or compared, which is never "no change"; problems are lines."""


class UndeliveredError(CiStepsError):
    """Everything was done, but a notice could not be delivered (only with ``--strict``)."""

    exit_code = 4


class InterruptionError(CiStepsError):
    """Somebody pressed Ctrl-C or the job was terminated."""

    exit_code = 130


@dataclass(frozen=True, order=True)
class Problem:
    """One wrong place in a file that people write: ``file:line: key: text``."""

    file: str
    line: int
    key: str
    text: str

    def __str__(self) -> str:
        """Return the line that is shown; a problem of the whole file has no key."""
        place = f"{self.file}:{self.line}: " if self.line else f"{self.file}: "
        return f"{place}{self.key}: {self.text}" if self.key else f"{place}{self.text}"


class ConfigError(UsageError):
    """Everything that is wrong with what people wrote, one line a problem."""

    def __init__(self, problems: Sequence[Problem], *, hint: str = "") -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)), hint=hint)
