"""What is written: what was found, what was asked, what a flag said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ci_steps.scaffold.looking import Repository


@dataclass(frozen=True)
class Choices:
    """Everything that the files are made of."""

    repository: Repository
    service: str
    owner: str
    test_command: tuple[str, ...]
    target: str
    host: str
    action: str = ""

    @property
    def listed(self) -> tuple[tuple[str, str, str], ...]:
        """Return what was chosen, each with its value and the reason."""
        found = self.repository
        image = "Dockerfile" if found.dockerfile else "never"
        return (
            ("service", self.service, _why(self.service == found.service, "its name here")),
            ("owner", self.owner, _why(self.owner == found.owner, _owner_says(found.owner))),
            ("version", f"{found.version.key}: {found.version.value}", found.version.because),
            ("unit-test", " ".join(self.test_command), _why(self.has_found_tests, self._tests_say)),
            ("contract", found.contract, _there(found.contract, "no description of an API")),
            ("container-build", image, _there(found.dockerfile, "no Dockerfile")),
            ("target", self.target, _why(self.target == found.target, "by what lies here")),
            ("ci", self.host, _why(self.host == found.host, "by what lies here")),
        )

    @property
    def has_found_tests(self) -> bool:
        """Return whether the tests are run as it was found."""
        tests = self.repository.tests
        return tests is not None and tests.command == self.test_command

    @property
    def _tests_say(self) -> str:
        return self.repository.tests.because if self.repository.tests else ""


def _why(found: bool, because: str) -> str:  # noqa: FBT001 (what is told apart)
    return because if found else "given"


def _owner_says(owner: str) -> str:
    return "CODEOWNERS" if owner else "nobody says"


def _there(what: object, without: str) -> str:
    return "it lies here" if what else without
