"""`ci-steps image`: what an image in a registry says about itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ci_steps.cli import shell
from ci_steps.cli.groups import CommandGroup
from ci_steps.errors import RefusedError
from ci_steps.model import Table

if TYPE_CHECKING:
    from ci_steps.images.reference import Reference
    from ci_steps.images.stored import Stored


@click.group(cls=CommandGroup)
def group() -> None:
    """Read images in a registry."""


@group.command()
@click.argument("reference")
@click.option("--user-env", default="", metavar="NAME", help="Variable with the user name.")
@click.option("--password-env", default="", metavar="NAME", help="Variable with the password.")
@shell.json_option
def inspect(reference: str, user_env: str, password_env: str, *, as_json: bool) -> int:
    """Say the version, the commit and the requirements of an image, without pulling it.

    A login that docker, podman or buildah keeps in a file is used; one in a store of its own
    (docker's credential helpers) is not, and has to be named. The exit status is 1 where the
    registry has no such tag.

    Example: ci-steps image inspect registry.example.org:5000/shop/auth:1.1.0
    """
    from ci_steps.images.logins import kept_login, named_login
    from ci_steps.images.reference import split_in_registry
    from ci_steps.images.stored import stored

    console = shell.console_of(as_json)
    outside = shell.outside_of(console)
    asked = split_in_registry(reference)
    login = named_login(user_env, password_env, outside) or kept_login(asked, outside)
    found = stored(asked, outside, login)
    if found is None:
        raise RefusedError(
            f"{asked} is not in the registry", hint="Look whether it was pushed, and under what."
        )
    if as_json:
        console.answer(document(asked, found))
    else:
        console.table(table(asked, found), result=True)
    return 0


def document(reference: Reference, found: Stored) -> dict[str, Any]:
    """Return the answer of ``--json``."""
    return {
        "schema": "ci-steps/image/1",
        "reference": str(reference),
        "digest": found.digest,
        "service": found.service,
        "version": found.version,
        "commit": found.revision,
        "created": found.created,
        "requirements": list(found.requirements),
        "labels": dict(found.labels),
    }


def table(reference: Reference, found: Stored) -> Table:
    """Return the answer for people."""
    facts = {
        "service": found.service,
        "version": found.version,
        "commit": found.revision,
        "needs": ", ".join(found.requirements),
        "made": found.created,
        "digest": found.digest,
    }
    rows = tuple((what, text or "it does not say") for what, text in facts.items())
    return Table(("what", "it says"), rows, str(reference))
