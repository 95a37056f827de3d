"""Move calls from an old line to the one beside it, in parts, and back when that goes wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import attrs

from ci_steps.deploying.places import deployed, needing
from ci_steps.error_rates import ErrorRate, Judge, Program, watched
from ci_steps.errors import UsageError
from ci_steps.gates.gate import overridden
from ci_steps.gates.verdict import Gate
from ci_steps.model import StepResult, failed, passed, rehearsed, skipped
from ci_steps.options import Command, option
from ci_steps.protocols import Job, Lines, Traffic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci_steps.model import Deployment

NEEDS_ENVIRONMENT = True
NEEDS_TRAFFIC = True

_GATE = "dependents"
_WHOLE = 100


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `shift-traffic`."""

    shares: tuple[int, ...] = option(
        (0, 50, 100), "Percent of the calls that the new line gets, one after the other."
    )
    pause_seconds: float = option(
        60.0, "How long each share is watched before the next one.", at_least=0
    )
    check_seconds: float = option(5.0, "How often it is asked meanwhile.", at_least=0.1)
    prometheus: str = option(
        "", "Address of the Prometheus that knows errors.", example="https://prometheus.example"
    )
    errors: str = option(
        "",
        "What it is asked, in PromQL; {service}, {version}, {line} and {environment} are set.",
        example='sum(rate(http_errors_total{version="{version}"}[1m]))',
    )
    at_most: float = option(0.01, "The largest value that is well.", at_least=0)
    token_env: str = option("", "Environment variable with a bearer token, if one is asked for.")
    command: Command | None = option(
        None,
        "A program that says no by its exit status; CI_STEPS_VERSION and CI_STEPS_SHARE are set.",
        example=["./errors.sh"],
    )


@dataclass(frozen=True)
class _Shift:
    """What the parts of one run have in common."""

    job: Job
    options: Options
    traffic: Traffic
    lines: Lines
    own: str

    def to(self, share: int) -> None:
        """Give the new line *share* percent of the calls, and the others the rest."""
        others = [line for line in self.lines.addresses if line != self.own]
        rest, more = divmod(_WHOLE - share, len(others))
        wanted = {line: rest + (number < more) for number, line in enumerate(others)}
        self.job.progress.note(f"line {self.own}: {share} % of the calls")
        self.traffic.shift(self.lines, {**wanted, self.own: share})

    def judges(self, share: int) -> tuple[Judge, ...]:
        """Return who says whether the new line does well with its share."""
        options, told = self.options, self._told(share)
        found: list[Judge] = []
        if options.errors:
            text = self.lines.filled(options.errors, self.own)
            text = text.replace("{version}", str(self.job.version))
            found.append(ErrorRate(options.prometheus, text, options.at_most, options.token_env))
        if options.command:
            found.append(Program(options.command, told))
        return tuple(found)

    def _told(self, share: int) -> dict[str, str]:
        return {
            "CI_STEPS_SERVICE": self.job.service,
            "CI_STEPS_VERSION": str(self.job.version),
            "CI_STEPS_LINE": self.own,
            "CI_STEPS_ENVIRONMENT": self.job.environment_name,
            "CI_STEPS_SHARE": str(share),
        }


def run(job: Job, options: Options) -> StepResult:
    """Move the calls share by share; what goes wrong on the way brings all of them back."""
    _check(job, options)
    own = deployed(job)
    if own is None:
        return failed(
            f"{job.service} {job.version} of this commit is not deployed to {job.environment_name}",
            hint=f"Deploy it first: ci-steps deploy {job.environment_name}",
        )
    live = job.dictionary.live(job.environment_name, job.service)
    others = [one for one in live if one.slot != own.slot]
    if not others:
        return skipped(f"no other line of {job.service} is live in {job.environment_name}")
    gate = _needed(job, others if max(options.shares) else ())
    if not gate.passed and _GATE not in job.overrides:
        return failed(
            gate.reason,
            hint=f"Wait until they have moved, or on purpose: --override {_GATE} --reason '…'.",
        )
    assert job.traffic is not None  # noqa: S101 (checked above)
    addresses = {one.version.line: one.address for one in (*others, own)}
    lines = Lines(job.service, job.environment_name, addresses)
    passed = () if gate.passed else (overridden(job, gate),)
    job.keep_overridden(passed)
    result = _moved(_Shift(job, options, job.traffic, lines, own.version.line))
    return replace(result, evidence=tuple(one.evidence for one in passed))


def _check(job: Job, options: Options) -> None:
    wrong = [share for share in options.shares if not 0 <= share <= _WHOLE]
    if wrong or not options.shares or list(options.shares) != sorted(options.shares):
        shares = ", ".join(map(str, options.shares)) or "none"
        raise UsageError(
            f"steps.shift-traffic.shares: expected percents that grow, got {shares}",
            hint="Write them like [0, 50, 100].",
        )
    if job.traffic is None:
        raise UsageError(
            f"environments.{job.environment_name}.traffic must be given",
            hint="Name the balancer that shares calls out: haproxy or nginx.",
        )
    if bool(options.errors) != bool(options.prometheus):
        raise UsageError(
            "steps.shift-traffic: errors and prometheus need each other",
            hint="Say both the address of the Prometheus and what it is asked.",
        )


def _needed(job: Job, others: Sequence[Deployment]) -> Gate:
    """Ask who needs a line that would no longer get their calls."""
    by_line = {one.version.line: names for one in others if (names := needing(job, one))}
    told = [
        f"{', '.join(names)} need{'s' if len(names) == 1 else ''} line {line}"
        for line, names in by_line.items()
    ]
    if not told:
        return Gate(_GATE, passed=True, reason="nobody live needs another line")
    affected = tuple(sorted({name for names in by_line.values() for name in names}))
    reason = f"{'; '.join(told)}, and would be answered by {job.version}"
    return Gate(_GATE, passed=False, reason=reason, affected=affected)


def _moved(shift: _Shift) -> StepResult:
    job, options = shift.job, shift.options
    if job.outside.rehearsing:
        for share in options.shares:
            shift.to(share)
        return rehearsed(f"line {shift.own} would get {options.shares[-1]} % of the calls")
    present = shift.traffic.shares(shift.lines).get(shift.own, 0)
    # One that was killed on the way is gone on with; the share it reached is watched again.
    left = [share for share in options.shares if share >= present] or [options.shares[-1]]
    try:
        refusal = _watched(shift, left)
    except BaseException:
        shift.to(0)
        raise
    if refusal:
        shift.to(0)
        return failed(
            f"all calls are back: {refusal}",
            hint=f"What line {shift.own} answered is in its log and in monitoring.",
        )
    return _success(shift, present)


def _watched(shift: _Shift, shares: Sequence[int]) -> str:
    """Move on from share to share, and return why not to the end, or nothing."""
    options = shift.options
    for share in shares:
        shift.to(share)
        judges = shift.judges(share) if share else ()
        answer = watched(
            judges,
            shift.job.outside,
            seconds=options.pause_seconds if share else 0.0,
            every=options.check_seconds,
        )
        if not answer.well:
            return f"with {share} % for line {shift.own}, {answer.text}"
    return ""


def _success(shift: _Shift, before: int) -> StepResult:
    share = shift.options.shares[-1]
    text = f"line {shift.own} gets {share} % of the calls, {before} % before"
    result = passed(text, share=str(share))
    if shift.judges(share):
        return result
    told = "nobody watched whether it does well: give steps.shift-traffic errors or a command"
    return replace(result, warnings=(told,))
