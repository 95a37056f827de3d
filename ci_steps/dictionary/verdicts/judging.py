"""How a requirement is judged by the live versions of its provider: rules 2 to 5.

The rules are those of docs/verdicts.md; nothing here asks the database.
"""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ci_steps.dictionary.verdicts.reasons import Edge, Reason, worst
from ci_steps.model import Verdict
from ci_steps.versions import Requirement, Satisfaction, Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from ci_steps.dictionary.verdicts.evidence import Known
    from ci_steps.dictionary.verdicts.needs import Need
    from ci_steps.dictionary.verdicts.running import Live
    from ci_steps.dictionary.verdicts.waivers import Waiver


_BY_CONTRACT = {
    Reason.SAME_CONTRACT: "has the same contract as the required date",
    Reason.COMPATIBLE_CONTRACT: "has a contract that breaks nothing of the required date's",
    Reason.CONTRACT_BREAKS: "has a contract that breaks that of the required date",
    Reason.NOT_TOUCHED: "has a contract that breaks nothing that is used of the required date's",
}


# As Edge._make, without a function of Python for each of thousands.
_EDGE = partial(tuple.__new__, Edge)


class Judged(NamedTuple):
    """A verdict about one or more versions of a provider, with a sentence for people."""

    verdict: Verdict
    reason: Reason
    found: tuple[str, ...]
    text: str
    deciding: tuple[str, ...] = ()  # of several that were found, those that made the verdict


class Judge:
    """Judges needs in one environment, on one day."""

    def __init__(self, known: Known, environment: str, today: date) -> None:
        self._known, self._environment, self._today = known, environment, today
        # Thousands of dependents write few different requirements. The versions are kept with
        # the answer, so that their id stays theirs.
        self._alike: dict[tuple[str, str, int], tuple[Judged, tuple[Live, ...]]] = {}

    def judge(self, need: Need, versions: tuple[Live, ...]) -> Judged:
        """Judge *need* where exactly *versions* of its provider are live."""
        pair = (need.dependent, need.provider)
        if pair in self._known.verified or pair in self._known.untouched:
            return self._judge(need, versions)
        key = (need.provider, need.written, id(versions))
        known = self._alike.get(key)
        if known is None:
            known = self._alike[key] = (self._judge(need, versions), versions)
        return known[0]

    def edge(self, need: Need, versions: tuple[Live, ...], waivers: Sequence[Waiver] = ()) -> Edge:
        """Return the edge of *need*; *waivers* are about it, the one that ends last is the last."""
        dependent, its_version, _, provider, written, _, remark = need
        judged = self.judge(need, versions)
        verdict: Verdict | None
        verdict, reason, found, text, deciding = judged
        if waivers and waivers[-1].until >= self._today:
            verdict, reason = None, Reason.IGNORED
            text = f"ignored until {waivers[-1].until}: {waivers[-1].reason} ({judged.text})"
        elif waivers:
            text = f"{text}; the waiver ended on {waivers[-1].until}"
        if remark:
            text = f"{text}; {remark}"
        first = (dependent, its_version, provider, written, found, verdict, reason, text)
        return _EDGE((*first, deciding or found))

    def retired(self, need: Need) -> str:
        """Say that the required line is retired, if it is, and why."""
        line = need.required.line
        because = self._known.retired.get((need.provider, line))
        return "" if because is None else _joined(f"{need.provider}-{line} is retired", because)

    def _judge(self, need: Need, versions: tuple[Live, ...]) -> Judged:
        """Judge by every live version of the required line; of other lines only proof counts."""
        required = need.required
        if not versions:
            text = f"{need.provider} is not live in {self._environment}"
            retired = self.retired(need)
            text = f"{text}, and {retired}" if retired else text
            return Judged(Verdict.UNKNOWN, Reason.PROVIDER_NOT_LIVE, (), text)
        of_line = [one for one in versions if one.version.line == required.line]
        if not of_line:
            return self._verified_instead(need, versions) or self._line_is_gone(need, versions)
        if len(of_line) == 1 and not of_line[0].remark:
            return self._judge_one(need, of_line[0])
        each = [(one, self._judge_one(need, one)) for one in of_line]
        verdict = worst(judged.verdict for _, judged in each)
        deciding = [judged for _, judged in each if judged.verdict is verdict]
        remarks = [one.remark for one, _ in each if one.remark]
        return Judged(
            verdict,
            deciding[0].reason,
            _unique(text for _, judged in each for text in judged.found),
            "; ".join(_unique([*(judged.text for judged in deciding), *remarks])),
            _unique(text for judged in deciding for text in judged.found),
        )

    def _judge_one(self, need: Need, live: Live) -> Judged:
        """Judge one version of the required line: proof first, then the number."""
        version, known = live.version, self._known
        found = (str(version),)
        proof = known.passed(need.dependent, need.version, need.provider, version)
        if proof is not None:
            return _proven(need, found, passed=proof)
        judged = self._by_number(need, live)
        if judged.verdict is Verdict.YES and known.evidence_required:
            text = f"{version} was never verified with {need.dependent} {need.version}, "
            text += f"and {self._environment} asks for evidence"
            return Judged(Verdict.UNKNOWN, Reason.NOT_VERIFIED, found, text)
        return judged

    def _by_number(self, need: Need, live: Live) -> Judged:
        required, version = need.required, live.version
        found = (str(version),)
        answer = required.satisfied_by(version)
        if answer is Satisfaction.YES:
            return Judged(Verdict.YES, Reason.SATISFIED, found, f"{version} satisfies it")
        if answer is Satisfaction.NO:
            text = f"{version}: {required.why_not(version)}"
            return Judged(Verdict.NO, _refusal(required, version), found, text)
        reason = self._known.contracts.get((need.provider, need.written), {}).get(live.digest)
        if reason is Reason.CONTRACT_BREAKS and self._known.is_spared(need, live.digest):
            reason = Reason.NOT_TOUCHED
        if reason:
            verdict = Verdict.NO if reason is Reason.CONTRACT_BREAKS else Verdict.YES
            return Judged(verdict, reason, found, f"{version} {_BY_CONTRACT[reason]}")
        text = f"{version}: {required.why_not(version)}, and nothing proves that it does not"
        return Judged(Verdict.UNKNOWN, Reason.MAY_BREAK, found, text)

    def _verified_instead(self, need: Need, versions: tuple[Live, ...]) -> Judged | None:
        """Return a yes if the dependent was tried with every live version of another line."""
        lines: dict[str, list[Version]] = defaultdict(list)
        for one in versions:
            lines[one.version.line].append(one.version)
        for of_line in lines.values():
            if all(
                self._known.passed(need.dependent, need.version, need.provider, version)
                for version in of_line
            ):
                return _proven(need, _unique(map(str, of_line)), passed=True)
        return None

    def _line_is_gone(self, need: Need, versions: tuple[Live, ...]) -> Judged:
        found = _unique(str(one.version) for one in versions)
        line = f"{need.provider}-{need.required.line}"
        remarks = [one.remark for one in versions if one.remark]
        text, reason = self.retired(need), Reason.LINE_RETIRED
        if not text:
            text, reason = f"{line} is not live, only {', '.join(found)}", Reason.LINE_NOT_LIVE
        return Judged(Verdict.NO, reason, found, "; ".join([text, *remarks]))


def _proven(need: Need, found: tuple[str, ...], *, passed: bool) -> Judged:
    tried = f"{need.dependent} {need.version} with {need.provider} {', '.join(found)}"
    if passed:
        return Judged(Verdict.YES, Reason.VERIFIED, found, f"{tried} was verified")
    return Judged(Verdict.NO, Reason.VERIFICATION_FAILED, found, f"verifying {tried} failed")


def _refusal(required: Requirement, version: Version) -> Reason:
    """Return the reason of `Requirement.why_not`, for a version of the required line."""
    least = required.least
    if least is not None and least.scheme != version.scheme:
        return Reason.OTHER_SCHEME
    is_asked_for = least is not None and least.is_prerelease and least.slots == version.slots
    if version.is_prerelease and not is_asked_for:
        return Reason.PRERELEASE
    return Reason.TOO_OLD


def _joined(text: str, because: str) -> str:
    return f"{text}: {because}" if because else text


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
