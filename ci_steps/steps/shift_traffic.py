"""Move calls from an old line to the one beside it, in parts, and back when that goes wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import attrs

from ci_steps.deploying.places import deployed, needing
from ci_steps.error_rates import ErrorRate, Judge, Program
from ci_steps.errors import UsageError
from ci_steps.gates.gate import overridden
from ci_steps.gates.verdict import Gate
from ci_steps.model import StepResult, failed, passed, rehearsed, skipped
from ci_steps.options import Command, option
from ci_steps.protocols import Job, Lines, Traffic
from ci_steps.shifting import Shift, Watch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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


def contradictions(options: Options) -> Iterator[tuple[str, str]]:
    """Yield what is wrong about the options together: a key, and a sentence."""
    shares = options.shares
    if not shares or list(shares) != sorted(shares) or not 0 <= shares[0] <= shares[-1] <= _WHOLE:
        written = ", ".join(map(str, shares)) or "none"
        yield "shares", f"expected percents that grow, such as [0, 50, 100], got {written}"
    if bool(options.errors) != bool(options.prometheus):
        yield "errors" if options.errors else "prometheus", "errors and prometheus need each other"


def run(job: Job, options: Options) -> StepResult:
    """Move the calls share by share; what goes wrong on the way brings all of them back."""
    traffic = _traffic(job, options)
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
    passed = () if gate.passed else (overridden(job, gate),)
    job.keep_overridden(passed)
    lines = _lines(job, (*others, own))
    shift = Shift(traffic, lines, own.version.line, job.outside, job.progress)
    result = _moved(job, options, shift)
    return replace(result, evidence=tuple(one.evidence for one in passed))


def _traffic(job: Job, options: Options) -> Traffic:
    if job.traffic is None:
        raise UsageError(
            f"environments.{job.environment_name}.traffic must be given",
            hint="Name the balancer that shares calls out: haproxy, nginx or kubernetes.",
        )
    parts = [share for share in options.shares if 0 < share < _WHOLE]
    if job.traffic.moves_all_or_none and parts:
        raise UsageError(
            f"steps.shift-traffic.shares: {parts[0]} % cannot be had: all calls move or none",
            hint="Write [0, 100], or name a balancer that knows parts.",
        )
    return job.traffic


def _lines(job: Job, live: Sequence[Deployment]) -> Lines:
    return Lines(
        job.service,
        job.environment_name,
        addresses={one.version.line: one.address for one in live},
        slots={one.version.line: one.slot for one in live},
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


def _moved(job: Job, options: Options, shift: Shift) -> StepResult:
    if job.outside.rehearsing:
        for share in options.shares:
            shift.to(share)
        return rehearsed(f"line {shift.own} would get {options.shares[-1]} % of the calls")
    before = shift.share
    # One that was killed on the way is gone on with; the share it reached is watched again.
    left = [share for share in options.shares if share >= before] or [options.shares[-1]]
    judges = _Judges(job, options, shift)
    refusal = shift.along(left, Watch(judges.of, options.pause_seconds, options.check_seconds))
    if refusal:
        return failed(
            f"all calls are back: {refusal}",
            hint=f"What line {shift.own} answered is in its log and in monitoring.",
        )
    return _success(shift, options, before)


@dataclass(frozen=True)
class _Judges:
    """Who says whether the new line does well with its share."""

    job: Job
    options: Options
    shift: Shift

    def of(self, share: int) -> tuple[Judge, ...]:
        options, found = self.options, list[Judge]()
        if options.errors:
            text = self.shift.lines.filled(options.errors, self.shift.own)
            text = text.replace("{version}", str(self.job.version))
            found.append(ErrorRate(options.prometheus, text, options.at_most, options.token_env))
        if options.command:
            found.append(Program(options.command, self._told(share)))
        return tuple(found)

    def _told(self, share: int) -> dict[str, str]:
        return {
            "CI_STEPS_SERVICE": self.job.service,
            "CI_STEPS_VERSION": str(self.job.version),
            "CI_STEPS_LINE": self.shift.own,
            "CI_STEPS_ENVIRONMENT": self.job.environment_name,
            "CI_STEPS_SHARE": str(share),
        }


def _success(shift: Shift, options: Options, before: int) -> StepResult:
    share = options.shares[-1]
    text = f"line {shift.own} gets {share} % of the calls, {before} % before"
    result = passed(text, share=str(share))
    if not share or options.errors or options.command:
        return result
    told = "nobody watched whether it does well: give steps.shift-traffic errors or a command"
    return replace(result, warnings=(told,))
