"""Check that a version keeps the promise of its number, and that what it needs is there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import attrs

from ci_steps import dependencies
from ci_steps.bumps import JudgedBump, digest_of, judge_bump
from ci_steps.comparisons.changes import Level
from ci_steps.deprecations import deprecations
from ci_steps.for_whom import for_whom
from ci_steps.gates.gate import foresee
from ci_steps.model import Mark, Release, Status, StepResult, Table, Verdict
from ci_steps.options import option
from ci_steps.step_facts import change_facts, dependency_facts
from ci_steps.versions import Bump, Version, oddities

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from ci_steps.dependencies import Checked
    from ci_steps.protocols import Job

_DEPENDENCY_HINT = "Deploy what is needed first, or correct depends_on in ci-steps.yaml."
_NEWER = "Need a newer line instead: this one will be switched off."
_MOST_SHOWN = 50
_MOST_KEPT = 1000
_STRICT_HINT = "Without strict, what is not known is a warning."


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `version-check`."""

    strict: bool = option(
        False,
        "Whether a dependency whose version is not known fails the check.",
    )
    newly_deprecated: str = option(
        "warn",
        "What becomes of a requirement that is new on a line whose end was announced.",
        choices=("warn", "refuse"),
    )
    timeout_seconds: float = option(
        5.0, "Seconds in which each service must answer its version.", at_least=0.1
    )


@dataclass(frozen=True)
class Own:
    """What is said about the service's own version; a refusal comes with what to do."""

    judged: JudgedBump
    before: Version | None = None
    refusal: str = ""
    hint: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def row(self) -> tuple[str, ...]:
        """The row that people read."""
        return (str(self.before or "none"), self.judged.word, self.refusal or self.judged.text)


def run(job: Job, options: Options) -> StepResult:
    """Judge the service's own version, and compare what it needs with what is there.

    In an environment what runs there counts, without one all that is known.
    """
    own = own_version(job)
    checked = dependencies.check(job, job.environment_name)
    verdict = Verdict.NO if own.refusal else dependencies.overall(checked)
    stops = {Verdict.NO, Verdict.UNKNOWN} if options.strict else {Verdict.NO}
    wrong = [one for one in checked if one.verdict in stops]
    doubts = [_told(one) for one in checked if one.verdict is Verdict.UNKNOWN and one not in wrong]
    doubts += [] if job.environment and wrong else _foreseen(job)
    ending = tuple(deprecations(job, checked))
    refused = [one for one in ending if one.is_new and options.newly_deprecated == "refuse"]
    problems = [*filter(None, [own.refusal]), *map(_told, wrong), *(one.text for one in refused)]
    summary = "; ".join(problems) or _summary(job, own, checked)
    evidence = job.evidence(
        "version-check", not problems, text=summary, environment=job.environment_name
    )
    return StepResult(
        Status.FAILED if problems else Status.PASSED,
        summary,
        {
            "bump": own.judged.word,
            "breaking": str(own.judged.breaking).lower(),
            "verdict": verdict.value,
        },
        (evidence,),
        _tables(job, own, checked),
        (*own.warnings, *doubts, *(one.text for one in ending if one not in refused)),
        " ".join(filter(None, [own.hint, _hint(wrong), _NEWER if refused else ""])),
        marks=tuple(_marks(own)),
        facts=_facts(job, own, checked),
    )


def _facts(job: Job, own: Own, checked: Sequence[Checked]) -> dict[str, Any]:
    return {
        "bump": {
            "version": str(job.version),
            "after": str(own.before or ""),
            "bump": own.judged.word,
            "breaking": own.judged.breaking,
            "text": own.refusal or own.judged.text,
        },
        "changes": change_facts(own.judged.changes[:_MOST_KEPT]),
        "dependencies": dependency_facts(checked),
    }


def _marks(own: Own) -> Iterator[Mark]:
    """Yield where the contract breaks its promise, or callers where they have to be told."""
    level = "error" if own.refusal else "warning"
    for change in own.judged.changes[:_MOST_SHOWN]:
        if change.new and change.level > Level.COMPATIBLE:
            yield Mark(level, f"{change.rule}: {change.text}", change.new.file, change.new.line)


def _foreseen(job: Job) -> list[str]:
    """Return who would refuse this version: its environment, at build time each production."""
    here = [job.environment] if job.environment else []
    asked = here or [one for one in job.environments if one.production]
    return [answer for one in asked if (answer := foresee(job, one))]


def own_version(job: Job) -> Own:
    """Return what the job's version is to the releases before it."""
    digest_of(job.contract)  # an error now: what cannot be read could not be compared later
    _ = job.used  # likewise
    known = [one for one in job.dictionary.releases(job.service) if one.final]
    before = job.dictionary.predecessor(job.service, job.version)
    judged = judge_bump(job.version, before, job.contract)
    if before and judged.bump is Bump.SAME and before.commit != job.commit:
        return _taken(job, before, judged, known)
    if before and judged.refusal:
        return _dishonest(job, before, judged)
    old = before.version if before else None
    odd = oddities(old, job.version, job.outside.today())
    later = [one.version for one in known if _is_later(one.version, job.version)]
    warnings = (*odd, *filter(None, [judged.warning, _overtaken(job.version, later)]))
    return Own(_placed(judged, later), old, warnings=warnings)


def _is_later(other: Version, version: Version) -> bool:
    return other.scheme == version.scheme and other > version


def _placed(judged: JudgedBump, later: Sequence[Version]) -> JudgedBump:
    """Say that later versions are released: this one is for those who stay with older ones."""
    if not later:
        return judged
    text = judged.text if judged.bump else "older than every release"
    return replace(judged, text=f"{text}, beside the later {later[0]}")


def _overtaken(version: Version, later: Sequence[Version]) -> str:
    of_line = [other for other in later if other.line == version.line]
    return f"{of_line[0]} of the same line is released already" if of_line else ""


def _taken(job: Job, before: Release, judged: JudgedBump, known: Sequence[Release]) -> Own:
    free = _next_free(job.version, {one.version for one in known}, job.outside.today())
    return Own(
        judged,
        before.version,
        f"{job.service} {job.version} is already released from commit {before.commit}",
        f"A release never changes: the next version for this commit is {free}.",
    )


def _dishonest(job: Job, before: Release, judged: JudgedBump) -> Own:
    """Say which version would announce the changes that were found."""
    hint = "Correct the contract, or announce a major: what cannot be compared may break callers."
    if judged.needed:
        honest = before.version.next(judged.needed, job.outside.today())
        hint = f"Take back what changed, or release it as {honest}."
    return Own(judged, before.version, judged.refusal, hint)


def _next_free(version: Version, taken: set[Version], today: date) -> Version:
    while version in taken:
        version = version.next(Bump.BUGFIX, today)
    return version


def _summary(job: Job, own: Own, checked: Sequence[Checked]) -> str:
    said = f"{job.service} {job.version}: {own.judged.text}"
    if not checked:
        return f"{said}; needs no other service"
    satisfied = sum(one.verdict is Verdict.YES for one in checked)
    return f"{said}; {satisfied} of {len(checked)} dependencies are satisfied"


def _tables(job: Job, own: Own, checked: Sequence[Checked]) -> tuple[Table, ...]:
    columns = ("version", "after", "bump", "meaning")
    version = Table(columns, ((str(job.version), *own.row),), "Version")
    changes = _changes(own)
    about = (version, *changes, *(for_whom(job) if changes else ()))
    if not checked:
        return about
    place = f" in {job.environment_name}" if job.environment_name else ""
    return (*about, dependencies.table(checked, f"Dependencies{place}"))


def _changes(own: Own) -> tuple[Table, ...]:
    """Return what callers notice; what is compatible is only counted."""
    noticed = [one for one in own.judged.changes if one.level > Level.COMPATIBLE]
    if not noticed:
        return ()
    rows = [
        (one.level.word, one.rule, one.subject, one.text, str(one.new or one.old or ""))
        for one in noticed[:_MOST_SHOWN]
    ]
    more = f" (the first {_MOST_SHOWN} of {len(noticed):,})" if len(noticed) > _MOST_SHOWN else ""
    columns = ("level", "rule", "where", "change", "place")
    return (Table(columns, tuple(rows), f"Contract, after {own.before}{more}"),)


def _told(one: Checked) -> str:
    unknown = "not known: " if one.verdict is Verdict.UNKNOWN else ""
    return f"{one.requirement.written}: {unknown}{one.reason}"


def _hint(wrong: Sequence[Checked]) -> str:
    if not wrong:
        return ""
    only_unknown = all(one.verdict is Verdict.UNKNOWN for one in wrong)
    return _STRICT_HINT if only_unknown else _DEPENDENCY_HINT
