"""What the service in this folder uses of those it depends on: read once, kept with the release."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ci_steps.errors import ConfigError, Problem
from ci_steps.uses.files import read_uses
from ci_steps.uses.values import Uses, digest_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sqlalchemy import Connection

    from ci_steps.uses.files import Declared


class OwnUses:
    """What `ci_steps.protocols.OwnUses` says, for what *file* declares by provider."""

    def __init__(self, file: Path, declared: Mapping[str, Declared]) -> None:
        self._file, self._declared = file, declared

    @cached_property
    def read(self) -> Mapping[str, Uses]:
        """What is used of each provider; ConfigError with all that is wrong."""
        found: dict[str, Uses] = {}
        problems: list[Problem] = []
        for provider, declared in self._declared.items():
            try:
                found[provider] = self._of(provider, declared)
            except ConfigError as error:  # noqa: PERF203 (every problem at once)
                problems += error.problems
        if problems:
            raise ConfigError(problems)
        return found

    @cached_property
    def digests(self) -> Mapping[str, str]:
        """What tells its uses from others, by provider."""
        return {
            provider: digest for provider, uses in self.read.items() if (digest := digest_of(uses))
        }

    def keep(self, connection: Connection) -> None:
        """Keep them, so that the providers' pipelines can ask what they touch."""
        if not self._declared:
            return
        from ci_steps.dictionary.contracts.uses import keep_uses

        for uses in self.read.values():
            keep_uses(connection, uses)

    def _of(self, provider: str, declared: Declared) -> Uses:
        return read_uses(declared, self._file.parent, self._file.name, f"uses.{provider}")
