"""Deploy a build to an environment: gates first, then the target, then the dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import attrs

from ci_steps import step_facts
from ci_steps.deploying.database import (
    IRREVERSIBLE,
    begin_change,
    standing_change,
)
from ci_steps.deploying.places import Slot, build_of, choose_slot, variables, verdict_of
from ci_steps.errors import CiStepsError, NotBroughtBackError
from ci_steps.gates.gate import judge, overridden
from ci_steps.gates.names import to_override
from ci_steps.gates.verdict import Gate
from ci_steps.model import DatabaseChange, Deployment, Status, StepResult, Table
from ci_steps.names.naming import tag_place, tag_release
from ci_steps.options import option
from ci_steps.protocols import Announced, Job, Overridden, Place, Placement

NEEDS_ENVIRONMENT = True


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `deploy`."""

    lines: str = option(
        "auto",
        "Whether a new line replaces the old one or stands beside it; auto: beside it while live "
        "dependents need it.",
        choices=("auto", "beside", "replace"),
    )
    strict: bool = option(
        False,
        "Whether what is not known stops a deployment everywhere, as it does in production.",
    )
    after_end: str = option(
        "refuse",
        "What becomes of a release of a line behind the day of its announced end.",
        choices=("refuse", "warn"),
    )
    tag: str = option(
        "auto",
        "Whether a release that production has proven gets an annotated tag in git; auto: where "
        "the repository has the remote, and it is pushed there.",
        choices=("auto", "always", "never"),
    )
    tag_prefix: str = option("", "What a tag has before the version.", example="auth-")
    remote: str = option("origin", "Remote that tags are pushed to.")


def run(job: Job, options: Options) -> StepResult:
    """Deploy and record, or say which gates refuse."""
    slot = choose_slot(job, options.lines)
    verdict = verdict_of(job, slot)
    gates = judge(job, slot, strict=options.strict, verdict=verdict, after_end=options.after_end)
    closed = [gate for gate in gates if not gate.passed]
    refused = [gate for gate in closed if gate.name not in job.overrides]
    passed: tuple[Overridden, ...] = ()
    if refused:
        result = _refusal(job, refused)
    else:
        result, passed = _deployed(job, slot, options, closed)
    facts = {
        "gates": step_facts.gate_facts(gates, job.overrides),
        "verdict": step_facts.verdict_facts(verdict),
        **result.facts,
    }
    tables = (_table(job, gates), *result.tables)
    warnings = (*(gate.warning for gate in gates if gate.warning), *result.warnings)
    evidence = tuple(one.evidence for one in passed)
    return replace(result, tables=tables, warnings=warnings, evidence=evidence, facts=facts)


def _deployed(
    job: Job, slot: Slot, options: Options, closed: Sequence[Gate]
) -> tuple[StepResult, tuple[Overridden, ...]]:
    """Deploy and record it, or say what is there after it failed."""
    change = standing_change(job)
    if change:
        job.progress.note(f"{IRREVERSIBLE}: it is not rolled back if it fails")
        job.dictionary.record_evidence(begin_change(job, change))
    try:
        placed = _deploy(job, slot, closed, is_irreversible=change is not None)
    except CiStepsError as error:
        result = _not_rolled_back(error, change) if change else _rolled_back(job, slot, error)
        return result, ()
    deployment = _deployment(job, slot, placed)
    passed = _passed(job, closed)
    result = _success(job, slot, deployment, _record(job, deployment, passed))
    if change:
        database = step_facts.database_facts(change)
        result = replace(result, facts={**result.facts, "database": database})
    return _named(job, options, result), passed


def _rolled_back(job: Job, slot: Slot, error: CiStepsError) -> StepResult:
    """Return why not, and what runs on: every target promises that, or says that it does not."""
    before = None if isinstance(error, NotBroughtBackError) else slot.replaces
    if before:
        job.progress.note(f"{job.service} {before.version} runs on in {job.environment_name}")
    return StepResult(
        Status.FAILED,
        str(error),
        hint=error.hint,
        exit_code=error.exit_code,
        facts={"runs_on": step_facts.running_facts(before)} if before else {},
    )


def _not_rolled_back(error: CiStepsError, change: DatabaseChange) -> StepResult:
    source = f" (from {change.source})" if change.source else ""
    note = f"The rollback note{source}:\n{change.note}"
    how = note if change.note else "There is no rollback note."
    return StepResult(
        Status.FAILED,
        f"{error}; nothing was rolled back: {IRREVERSIBLE}",
        hint="\n".join(filter(None, (error.hint, how))),
        exit_code=error.exit_code,
        facts={"database": step_facts.database_facts(change)},
    )


def _passed(job: Job, closed: Sequence[Gate]) -> tuple[Overridden, ...]:
    return tuple(overridden(job, gate) for gate in closed)


def _deploy(job: Job, slot: Slot, closed: Sequence[Gate], *, is_irreversible: bool) -> Placement:
    assert job.deploy is not None  # noqa: S101 (bound for every step with an environment)
    build = replace(build_of(job), is_irreversible=is_irreversible)
    try:
        placed = job.deploy(build, Place(job.environment_name, slot.name, variables(job)))
    except BaseException:
        # Nothing was deployed that it could be told with; who passed a gate is kept all the same.
        job.dictionary.record_evidence(*(one.evidence for one in _passed(job, closed)))
        raise
    if not placed.address and not job.outside.rehearsing:
        job.progress.note(placed.text)  # how it was seen, where nobody can look
    return placed


def _deployment(job: Job, slot: Slot, placement: Placement) -> Deployment:
    return Deployment(
        job.service,
        job.version,
        job.commit,
        job.environment_name,
        slot.name,
        job.outside.now(),
        address=placement.address,
        digest=build_of(job).digest,
        by=job.by,
        url=job.url,
    )


def _record(job: Job, deployment: Deployment, passed: Sequence[Overridden]) -> Announced:
    assert job.record is not None  # noqa: S101 (bound for every step with an environment)
    return job.record(deployment, passed)


def _refusal(job: Job, refused: Sequence[Gate]) -> StepResult:
    reasons = "; ".join(f"{gate.name}: {gate.reason}" for gate in refused)
    ways = dict.fromkeys(gate.hint for gate in refused if gate.hint)
    names = dict.fromkeys(to_override(gate.name) for gate in refused)
    overrides = " ".join(f"--override {name}" for name in names)
    return StepResult(
        Status.FAILED,
        f"{job.environment_name} refuses: {reasons}",
        hint="\n".join((*ways, f"To pass on purpose: {overrides} --reason '…' (it is recorded).")),
    )


def _success(job: Job, slot: Slot, deployment: Deployment, announced: Announced) -> StepResult:
    status = Status.REHEARSED if job.outside.rehearsing else Status.PASSED
    beside = f" beside {', '.join(str(one.version) for one in slot.beside)}" if slot.beside else ""
    replaced = _replaced(job, slot)
    where = f" at {deployment.address}" if deployment.address else ""
    summary = f"{job.service} {job.version}{beside}{where}{replaced}"
    outputs = {"address": deployment.address, "slot": slot.name}
    image = build_of(job).image
    facts: dict[str, object] = {
        "deployment": step_facts.deployment_facts(deployment, slot.replaces, slot.beside, image)
    }
    if announced.obligations:
        facts["obligations"] = step_facts.obligation_facts(announced)
    return StepResult(
        status,
        summary,
        outputs,
        tables=_concerned(announced),
        warnings=(*_unreachable(job), *announced.unreachable),
        facts=facts,
    )


def _named(job: Job, options: Options, result: StepResult) -> StepResult:
    """Name in git and in the registry what production has proven; no tag takes that back."""
    if not (job.environment and job.environment.production):
        return result
    naming = (options.tag, options.tag_prefix, options.remote)
    place = tag_place(job.root, str(job.version), job.commit, naming, job.outside)
    problems = [job.move_line(build_of(job))]
    outputs = dict(result.outputs)
    if place:
        about = (job.service, str(job.version), job.commit)
        problems.append(problem := tag_release(place, *about, job.outside))
        outputs |= {} if problem else {"tag": place.name}
    return replace(result, outputs=outputs, warnings=(*result.warnings, *filter(None, problems)))


def _unreachable(job: Job) -> tuple[str, ...]:
    """Return a sentence if no notice about what this service needs reaches anybody."""
    owner = job.dictionary.owner_of(job.service)
    if owner and owner.contacts:
        return ()
    why = f"its owner {owner.name} has no contact" if owner else "nobody owns it"
    return (f"{job.service}: {why}",)


def _replaced(job: Job, slot: Slot) -> str:
    old = slot.replaces.version if slot.replaces else job.version
    return f", replaces {old}" if old != job.version else ""


def _concerned(announced: Announced) -> tuple[Table, ...]:
    if not announced.obligations:
        return ()
    rows = tuple(
        (one.dependent, one.requirement, one.to, str(one.due), one.owner)
        for one in announced.obligations
    )
    columns = ("service", "needs", "must move to", "by", "owner")
    return (Table(columns, rows, "Who must move"),)


def _table(job: Job, gates: Sequence[Gate]) -> Table:
    def answer(gate: Gate) -> str:
        if gate.passed:
            return "yes"
        return "overridden" if gate.name in job.overrides else "no"

    rows = tuple((gate.name, answer(gate), gate.reason) for gate in gates)
    return Table(("gate", "open", "because"), rows, f"Gates of {job.environment_name}")
