"""Compare what a service needs with the versions that run or exist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ci_steps.model import Table, Verdict
from ci_steps.protocols import Found
from ci_steps.versions import Requirement, Satisfaction, Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ci_steps.protocols import Job

_VERDICTS = {
    Satisfaction.YES: Verdict.YES,
    Satisfaction.NO: Verdict.NO,
    Satisfaction.MAY_BREAK: Verdict.UNKNOWN,
}


@dataclass(frozen=True)
class Checked:
    """A requirement, the answers that decided about it, and the verdict with its reason."""

    requirement: Requirement
    found: tuple[Found, ...]
    verdict: Verdict
    reason: str = ""


def check(job: Job, environment: str) -> tuple[Checked, ...]:
    """Judge every requirement of the job, all providers asked at once.

    In an environment, what runs there counts; without one, at build time, what is known
    to exist anywhere.
    """
    needs = job.requirements
    answers = job.outside.parallel(lambda need: tuple(job.find(need.provider, environment)), needs)
    pairs = zip(needs, answers, strict=True)
    if environment:
        return tuple(judge_running(need, found, environment) for need, found in pairs)
    return tuple(judge_known(need, (*found, *_releases(job, need))) for need, found in pairs)


def overall(checked: Iterable[Checked]) -> Verdict:
    """Return no if anything is no, else unknown if anything is, else yes."""
    return _worst(one.verdict for one in checked)


def table(checked: Iterable[Checked], title: str = "") -> Table:
    """Return what is required, what was found, where, and the verdict, for people."""
    return Table(("required", "found", "where", "verdict"), tuple(map(_row, checked)), title)


def judge_running(need: Requirement, found: Sequence[Found], environment: str) -> Checked:
    """Judge by what runs: every running version of the line must satisfy.

    An address that does not answer is unknown, unless the dictionary says that another line
    runs there. The dictionary's word alone counts where nothing could be asked.
    """
    counting = _counting(found)
    relevant = tuple(one for one in counting if _is_relevant(need, one, found))
    if not relevant and not any(one.version for one in counting):
        problem = _problems(counting) or f"{need.provider} is not live in {environment}"
        return Checked(need, counting, Verdict.UNKNOWN, problem)
    if not relevant:
        reason = f"{_line(need)} is not live: found {_versions(counting)}"
        relevant, verdict = counting, Verdict.NO
    else:
        verdict = _worst(_verdict(need, one) for one in relevant)
        reason = _join(*(_why(need, one) for one in relevant if _verdict(need, one) is verdict))
    return Checked(need, relevant, verdict, _join(reason, *_contradictions(relevant, found)))


def judge_known(need: Requirement, found: Sequence[Found]) -> Checked:
    """Judge by what exists: one version that satisfies is enough.

    None that satisfies is a no, but unknown if somebody who might know one did not answer.
    """
    known = _newest_first(found)
    silent = tuple(one for one in found if one.version is None)
    of_line = tuple(one for one in known if _is_of_line(need, one))
    for verdict in (Verdict.YES, Verdict.UNKNOWN):
        for one in of_line:
            if _verdict(need, one) is verdict:
                return Checked(need, (one,), verdict, _why(need, one))
    if silent:
        return Checked(need, (*of_line[:1], *silent), Verdict.UNKNOWN, _problems(silent))
    if of_line:
        return Checked(need, of_line[:1], Verdict.NO, _why(need, of_line[0]))
    if known:
        reason = f"{_line(need)} does not exist: found {known[0].version}"
        return Checked(need, known[:1], Verdict.NO, reason)
    return Checked(need, (), Verdict.UNKNOWN, f"no version of {need.provider} is known")


def _releases(job: Job, need: Requirement) -> tuple[Found, ...]:
    return tuple(
        Found("dictionary", release.version, released=True)
        for release in job.dictionary.releases(need.provider)
    )


def _counting(found: Sequence[Found]) -> tuple[Found, ...]:
    """Return what is believed about what runs: answers, and the dictionary where none was due."""
    answers = tuple(one for one in found if not one.released and not one.recorded)
    asked = {one.address for one in answers}
    recorded = tuple(one for one in found if one.recorded)
    if asked - {one.address for one in recorded}:
        return answers  # a configured address stands for all that the dictionary recorded
    return (*answers, *(one for one in recorded if one.address not in asked))


def _recorded_for(answer: Found, found: Sequence[Found]) -> tuple[Found, ...]:
    """Return what the dictionary says about the place that *answer* came from."""
    recorded = tuple(one for one in found if one.recorded)
    return tuple(one for one in recorded if one.address == answer.address) or recorded


def _contradictions(answers: Sequence[Found], found: Sequence[Found]) -> tuple[str, ...]:
    return tuple(
        f"the {_source(recorded)} says {_versions(recorded)}"
        for answer in answers
        if (recorded := _recorded_for(answer, found))
        and answer.version not in {one.version for one in recorded}
    )


def _source(recorded: Sequence[Found]) -> str:
    """Return who says what is recorded: the dictionary, or a registry of images."""
    return " and the ".join(dict.fromkeys(one.where.partition(",")[0] for one in recorded))


def _is_relevant(need: Requirement, one: Found, found: Sequence[Found]) -> bool:
    if one.version is not None:
        return _is_of_line(need, one)
    recorded = _recorded_for(one, found)
    return not recorded or any(_is_of_line(need, other) for other in recorded)


def _is_of_line(need: Requirement, one: Found) -> bool:
    return one.version is not None and one.version.line == need.line


def _verdict(need: Requirement, one: Found) -> Verdict:
    """Return what one answer means; a yes only where callers meet no other version there."""
    if one.version is None:
        return Verdict.UNKNOWN
    verdict = _VERDICTS[need.satisfied_by(one.version)]
    return Verdict.UNKNOWN if one.disagrees and verdict is Verdict.YES else verdict


def _why(need: Requirement, one: Found) -> str:
    if one.version is None:
        return one.problem
    why = need.why_not(one.version) or one.disagrees
    return f"{one.version}: {why}" if why else ""


def _worst(verdicts: Iterable[Verdict]) -> Verdict:
    present = set(verdicts)
    return next((v for v in (Verdict.NO, Verdict.UNKNOWN) if v in present), Verdict.YES)


def _newest_first(found: Iterable[Found]) -> tuple[Found, ...]:
    """Sort versions scheme by scheme: those of two schemes cannot be compared."""
    schemes: dict[str, list[tuple[Version, Found]]] = {}
    for one in found:
        if one.version:
            schemes.setdefault(one.version.scheme, []).append((one.version, one))
    return tuple(
        one
        for versions in schemes.values()
        for _, one in sorted(versions, key=lambda pair: pair[0], reverse=True)
    )


def _line(need: Requirement) -> str:
    return f"line {need.line}" if need.line.isdigit() else f"a {need.line} version"


def _versions(found: Iterable[Found]) -> str:
    return _unique(str(one.version) for one in found if one.version)


def _problems(found: Iterable[Found]) -> str:
    return _join(*(one.problem for one in found if one.problem))


def _row(checked: Checked) -> tuple[str, ...]:
    verdict = checked.verdict.value
    return (
        checked.requirement.written,
        _versions(checked.found) or "nothing",
        _unique(one.where for one in checked.found),
        f"{verdict}: {checked.reason}" if checked.reason else verdict,
    )


def _unique(texts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(texts))


def _join(*reasons: str) -> str:
    return "; ".join(dict.fromkeys(reason for reason in reasons if reason))
