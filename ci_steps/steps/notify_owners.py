"""Send the notices that deployments have written: one message for each owner concerned."""

from __future__ import annotations

from dataclasses import replace

import attrs

from ci_steps.errors import UndeliveredError
from ci_steps.model import Status, StepResult, Table, skipped
from ci_steps.options import option
from ci_steps.protocols import Job, Sent
from ci_steps.step_facts import notice_facts


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `notify-owners`."""

    strict: bool = option(
        False,
        "Whether the job fails (exit status 4) when a notice could not be delivered.",
    )
    budget_seconds: float = option(
        60.0, "Seconds after which the rest is left for the next run.", at_least=1
    )


def run(job: Job, options: Options) -> StepResult:
    """Send what is waiting; a notice that cannot be sent never undoes a deployment."""
    assert job.send is not None  # noqa: S101 (bound for every step)
    sent = job.send(options.budget_seconds)
    if not (sent.delivered or sent.waiting or sent.undelivered):
        return replace(skipped("nobody has to be told"), warnings=sent.warnings)
    for preview in sent.previews:
        for line in ("", *preview.splitlines()):
            job.progress.line(line)
    wrong = bool(sent.waiting or sent.undelivered)
    status = Status.REHEARSED if job.outside.rehearsing else Status.PASSED
    if wrong and options.strict:
        status = Status.FAILED
    return StepResult(
        status,
        _summary(sent, rehearsing=job.outside.rehearsing),
        {"told": str(len(sent.delivered)), "undelivered": str(len(sent.undelivered))},
        tables=(_table(sent),),
        warnings=(*sent.waiting, *sent.undelivered, *sent.warnings),
        hint="Run notify-owners again: only these are tried." if wrong else "",
        exit_code=UndeliveredError.exit_code,
        facts={"notices": notice_facts(sent)},
    )


def _summary(sent: Sent, *, rehearsing: bool) -> str:
    verb = "would be told" if rehearsing else "told"
    parts = [f"{len(sent.delivered)} {verb}"]
    parts += [f"{len(sent.waiting)} waiting"] if sent.waiting else []
    parts += [f"{len(sent.undelivered)} undelivered"] if sent.undelivered else []
    return ", ".join(parts)


def _table(sent: Sent) -> Table:
    rows = [
        *((line, "sent") for line in sent.delivered),
        *((line, "waiting") for line in sent.waiting),
        *((line, "undelivered") for line in sent.undelivered),
    ]
    return Table(("who", "state"), tuple(rows), "Notices")
