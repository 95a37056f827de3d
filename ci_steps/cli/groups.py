"""Groups of commands that know which one was probably meant."""

from __future__ import annotations

from importlib import import_module

import click

_PACKAGE = "ci_steps.cli"


class CommandGroup(click.Group):
    """A group whose error about an unknown command is of use."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one was probably meant."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            from ci_steps.writing.nearest import did_you_mean

            near = did_you_mean(name, self.list_commands(ctx))
            raise click.UsageError(f"no command {name!r}{near}", ctx=ctx)
        return super().resolve_command(ctx, args)


class LazyGroup(CommandGroup):
    """A group that is told where its commands are and loads only the one that is used.

    *lazy* has for each name ``.module:attribute``, seen from the command line, and the sentence
    that the list shows.
    """

    lazy: dict[str, tuple[str, str]]

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which a newcomer meets them."""
        del ctx
        return list(self.lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command; a shell that completes is offered the names that it takes."""
        if cmd_name not in self.lazy:
            return None
        module, _, attribute = self.lazy[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module, _PACKAGE), attribute)
        if ctx.resilient_parsing:
            from ci_steps.cli.completing import name_parameters

            name_parameters(command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list without loading what is in it."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self.lazy.items()])
