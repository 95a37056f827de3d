"""`ci-steps approve`: answer for a deployment, with a name and a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ci_steps.cli import shell
from ci_steps.errors import UsageError
from ci_steps.moments import iso_text

if TYPE_CHECKING:
    from ci_steps.model import Evidence


@click.command()
@click.argument("environment", metavar="ENVIRONMENT")
@click.option("--by", default="", metavar="NAME", help="Who approves; otherwise who runs this.")
@click.option("--reason", default="", metavar="TEXT", help="Why; it is kept with the release.")
@click.option("--revoke", is_flag=True, help="Take the approval back.")
@shell.json_option
@shell.plan_options
def approve(
    environment: str, by: str, reason: str, *, revoke: bool, as_json: bool, **build: str
) -> int:
    """Approve the deployment of this version, at this commit and with its image, to ENVIRONMENT.

    It is asked for where environments.ENVIRONMENT.approval says so. Another commit, or another
    image of the same one, needs an approval of its own.

    Example: ci-steps approve production --by bob --reason "tried in staging"
    """
    from ci_steps.cli.running.carrying_out import load
    from ci_steps.gates.approvals import approve as approval_of
    from ci_steps.gates.approvals import is_author
    from ci_steps.jobs.binding import Jobs
    from ci_steps.jobs.world import World

    if not reason.strip():
        raise UsageError("an approval needs a reason", hint="Say it: --reason TEXT.")
    console = shell.console_of(as_json)
    outside = shell.outside_of(console)
    plan = load(outside, build)
    step = plan.known_step("deploy", environment)
    with shell.opened(outside, plan.dictionary) as dictionary:
        host = shell.host_of(outside, console)
        world = World(outside, console, host, host.facts(outside.environ), dictionary)
        job = Jobs(plan, world).job(step)
        who = by.strip() or job.by
        if not who:
            raise UsageError("an approval needs a name", hint="Say it: --by NAME.")
        if not revoke and job.approval == "other" and is_author(job, who):
            raise UsageError(
                f"{who} is the author of this commit, and somebody else has to approve",
                hint=f"environments.{environment}.approval says `other`.",
            )
        evidence = approval_of(job, who, reason.strip(), given=not revoke)
        dictionary.record_evidence(evidence)
    if as_json:
        console.answer(document(evidence))
    else:
        console.result(f"{plan.service} {plan.version} for {environment}: {evidence.text}")
    return 0


def document(evidence: Evidence) -> dict[str, object]:
    """Return the answer of ``--json``."""
    return {
        "schema": "ci-steps/approval/1",
        "service": evidence.service,
        "version": evidence.version,
        "commit": evidence.commit,
        "digest": evidence.digest,
        "environment": evidence.environment,
        "approved": evidence.passed,
        "by": evidence.by,
        "reason": evidence.reason,
        "at": iso_text(evidence.at),
    }
