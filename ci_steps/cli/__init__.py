"""The command line: `main`, and the list of commands, each loaded when it is used."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING, NoReturn

import click

import ci_steps
from ci_steps.cli.groups import LazyGroup
from ci_steps.errors import CiStepsError, InterruptionError
from ci_steps.interruptions import forget, interruptible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

_OBJECTS_BETWEEN_COLLECTIONS = 50_000
_DEBUG = "--debug"

# Loaded when used: the list alone must not cost what the commands cost.
COMMANDS = {
    "run": (".running.runs:run", "Run the pipeline of the service in this folder."),
    "rehearse": (".running.runs:rehearse", "Visit every step of the run and touch nothing."),
    "plan": (".running.plans:plan", "Show the steps a run would take, with their options."),
    "init": (".init:init", "Write ci-steps.yaml and the CI file from what lies here."),
    "unit-test": (".running.steps:unit_test", "Run the unit tests and keep the result."),
    "version-check": (
        ".running.steps:version_check",
        "Check the service's own version and what it depends on.",
    ),
    "container-build": (".running.steps:container_build", "Build the image of this version."),
    "deploy": (".running.steps:deploy", "Deploy this version to an environment."),
    "integration-test": (
        ".running.steps:integration_test",
        "Test what was deployed to an environment.",
    ),
    "approve": (".running.approve:approve", "Answer for a deployment of this version."),
    "notify-owners": (".running.steps:notify_owners", "Send the notices that are waiting."),
    "retire-check": (".running.steps:retire_check", "Say which old lines may be switched off."),
    "shift-traffic": (
        ".running.steps:shift_traffic",
        "Move calls from an old line to the one beside it.",
    ),
    "stop": (".running.stop:stop", "Stop what runs for the service in an environment."),
    "version": (".version:group", "Ask about versions and requirements."),
    "config": (".config:group", "Check and explain ci-steps.yaml."),
    "dictionary": (".dictionary.group:group", "Ask and fill the dependency dictionary."),
    "contract": (".contract.group:group", "Compare descriptions of APIs."),
    "probe": (".probe:probe", "Ask which versions of a service answer."),
    "names": (".names:group", "Compare the names of what is live."),
    "image": (".image:group", "Read images in a registry."),
    "may-retire": (".retiring.may_retire:may_retire", "Say whether an old line may go."),
    "retire": (".retiring.retire:retire", "Take an old line out of service, step by step."),
    "retirement": (".retiring.retirement:group", "Announce, hold or approve the end of a line."),
    "changelog": (".changelog.group:group", "Write, check and show what changed and ends."),
    "doctor": (".doctor:doctor", "Say what is missing here, and for which step."),
    "completion": (".completion:completion", "Print what a shell completes with."),
    "notices": (".notices.group:group", "See who is told, and what became of it."),
}


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 yes, 1 a step said no, 2 configuration or command line, "
    "3 the world outside, 4 done but undelivered, 130 interrupted.",
)
@click.version_option(ci_steps.__version__, prog_name="ci-steps")
@click.option(
    _DEBUG,
    is_flag=True,
    expose_value=False,
    help="Show on stderr what is said to the outside, and tracebacks; secrets are hidden. "
    "Stands anywhere on the line; or CI_STEPS_DEBUG=1.",
)
def root() -> None:
    """Pipeline steps for microservices, and the dictionary of who depends on whom."""


root.lazy = COMMANDS


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and end the process with its status."""
    # Thousands of classes that stay to the end: to look for garbage among them every 700
    # objects, and once more at the end, takes a quarter of the time of a small step.
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    status = invoke(sys.argv[1:] if arguments is None else arguments)
    gc.freeze()
    sys.exit(status)


def invoke(arguments: Sequence[str]) -> int:
    """Run a command and return its exit status; every error is shown as one."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a letter must not end a deployment.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    given = [one for one in arguments if one != _DEBUG]
    if len(given) == len(arguments):
        return _invoked(given)
    with _debugging():
        return _invoked(given)


def _invoked(arguments: Sequence[str]) -> int:
    with interruptible():
        try:
            status = root.main(list(arguments), prog_name="ci-steps", standalone_mode=False)
        except click.ClickException as error:
            return _shown_usage(error)
        except CiStepsError as error:
            return _shown(error)
        except (KeyboardInterrupt, click.Abort):
            forget()
            hint = "What was finished is recorded, the step under way is not: run it again."
            return _shown(InterruptionError("interrupted", hint=hint))
        except Exception as error:  # a mistake of ours; its words may hold a secret
            return _shown(_mistake(error))
    return status if isinstance(status, int) else 0


def _debugging() -> AbstractContextManager[None]:
    from ci_steps.cli.shell import debugging

    return debugging()


def _mistake(error: Exception) -> CiStepsError:
    """Return what is said of an error that nobody foresaw, and show where it came from."""
    from ci_steps.cli.shell import show_trace

    show_trace(error)
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return CiStepsError(
        f"ci-steps has a mistake: {text}",
        hint="Report it with the lines above, in which secrets are hidden.",
    )


def _shown(error: CiStepsError) -> int:
    from ci_steps.cli.shell import show

    return show(error)


def _shown_usage(error: click.ClickException) -> int:
    from ci_steps.errors import UsageError

    context: click.Context | None = getattr(error, "ctx", None)
    if isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())):
        click.echo(error.format_message(), err=True)
        return UsageError.exit_code
    hint = f"See {context.command_path} --help." if context else ""
    return _shown(UsageError(_usage_text(error, context), hint=hint))


def _usage_text(error: click.ClickException, context: click.Context | None) -> str:
    from ci_steps.writing.nearest import did_you_mean

    if isinstance(error, click.NoSuchOption) and context:
        flags = [flag for one in context.command.get_params(context) for flag in one.opts]
        known = [flag for flag in flags if flag.startswith("--")]
        return f"no option {error.option_name}{did_you_mean(error.option_name, known)}"
    text = error.format_message()
    return text[:1].lower() + text[1:].removesuffix(".")
