"""Engines without a daemon: what buildah and podman have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.images.commands import Engine

if TYPE_CHECKING:
    from ci_steps.outside import Outside

_TIMEOUT_SECONDS = 15


def engine(program: str, describe: tuple[str, ...], id_and_revision: str) -> Engine:
    """Return how *program* is told what to do.

    *describe* is the command that prints an image, and *id_and_revision* the template by which
    that prints its id, a space and its revision label.
    """
    return Engine(
        # The format that keeps HEALTHCHECK: the same file gives the same image with every engine.
        build=(program, "build", "--layers", "--format", "docker"),
        # With kept layers, one platform's image is taken for that of another.
        build_many=(program, "build", "--layers=false", "--format", "docker"),
        push=(program, "push"),
        push_many=(program, "manifest", "push", "--all"),
        inspect=(*describe, "--format", id_and_revision),
        unknown="image not known",
        describe=describe,
        without_tls=("--tls-verify=false",),
        home="localhost",
        timestamp=("--timestamp={}",),
        lacks={
            "cache": "It keeps layers on its machine; docker's plugin buildx brings them along."
        },
    )


def missing(program: str, system: str, outside: Outside) -> str:
    """Return why *program* cannot be used here, or nothing; *system* is a template of its info."""
    if outside.which(program) is None:
        return f"{program}: no such program"
    # It reads the configuration and opens the store of images, where most set-ups go wrong.
    answer = outside.ask((program, "info", "--format", system), timeout_seconds=_TIMEOUT_SECONDS)
    return "" if answer.ok else f"{program}: {answer.last_line}"
