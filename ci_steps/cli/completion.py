"""`ci-steps completion`: what a shell needs to complete commands and their flags."""

from __future__ import annotations

import click

from ci_steps.cli import shell

SHELLS = ("bash", "zsh", "fish")
_VARIABLE = "_CI_STEPS_COMPLETE"


@click.command()
@click.argument("name", type=click.Choice(SHELLS), metavar="bash|zsh|fish")
def completion(name: str) -> None:
    """Print the script that lets a shell complete ci-steps.

    Example, in ~/.bashrc: eval "$(ci-steps completion bash)"
    """
    from click.shell_completion import get_completion_class

    from ci_steps.cli import root

    found = get_completion_class(name)
    assert found is not None  # noqa: S101 (click knows the three)
    shell.console_of(None).result(found(root, {}, "ci-steps", _VARIABLE).source().strip())
