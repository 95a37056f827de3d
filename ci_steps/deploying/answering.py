"""What targets have in common in their options: where a version is answered, and for how long."""

from __future__ import annotations

from ci_steps.options import option

VERSION = option("/version", "Path that answers the version.")
VERSION_KEY = option("version", "Key of the version in that answer, if it is JSON.")
VARIABLES: dict[str, str] = option({}, "More environment variables for the service.")


def address(elsewhere: str = "") -> str:
    """Return the option for the place of callers; *elsewhere* is what it is besides."""
    return option(
        "",
        f"Where callers reach it{elsewhere}; it must answer the version too.",
        example="https://auth.staging.example",
    )


def timeout_seconds(default: float, what: str) -> float:
    """Return the option for the patience with a new version, of which *what* is awaited."""
    return option(default, f"How long {what}.", at_least=0.1)


def steady_seconds(default: float, they: str = "they") -> float:
    """Return the option for how long a new version is watched."""
    return option(
        default, f"How long {they} must then go on; otherwise it is rolled back.", at_least=0
    )
