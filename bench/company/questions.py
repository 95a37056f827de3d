"""Every question to the dictionary, asked about some service of a company."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from functools import cached_property, partial
from itertools import count
from random import Random

from typing_extensions import Self

from ci_steps.dictionary.drift import drift
from ci_steps.dictionary.history import history
from ci_steps.dictionary.impacts.impact import impact
from ci_steps.dictionary.needs import needs
from ci_steps.dictionary.owners import unowned
from ci_steps.dictionary.store import Dictionary
from ci_steps.dictionary.verdicts.named import may_deploy_named
from ci_steps.model import Deployment, Evidence, Release, Verdict
from ci_steps.versions import Requirement, parse_version
from company.rows import TODAY, version_of
from company.services import Company, Made

_HUBS = 10
_USUAL = 200
_TRAIN = 10
_IN = "production"


class Kind(Enum):
    """What a question is about; the value is its budget in milliseconds, 0 for none."""

    USUAL = 10
    HUB = 20
    WHOLE = 150
    LIST = 0
    WRITE = 5


@dataclass(frozen=True)
class Subjects:
    """Whom one asks about: *hubs*, the most needed first, and *usual* services by chance.

    *needs* has what their newest releases need, by name. It is all that is known of a company
    in the process that asks, as nobody who asks has a company in memory.
    """

    hubs: Sequence[Made]
    usual: Sequence[Made]
    needs: Mapping[str, Sequence[Requirement]]

    @classmethod
    def of(cls, company: Company) -> Self:
        """Return whom one asks about in a company."""
        hubs = _hubs(company)
        others = [made for made in company.services if made not in hubs]
        usual = Random(len(others)).sample(others, min(_USUAL, len(others)))
        needs = {
            made.name: company.sets_by_number[made.sets[-1]].requirements
            for made in (*hubs, *usual)
        }
        return cls(hubs, usual, needs)

    @cached_property
    def trains(self) -> Mapping[str, Sequence[Made]]:
        """Return, for each service that is no hub, a train that begins with it."""
        round_trip = [*self.usual, *self.usual[:_TRAIN]]
        return {
            made.name: round_trip[place : place + _TRAIN] for place, made in enumerate(self.usual)
        }


def _hubs(company: Company) -> list[Made]:
    """Return the services that most others need."""
    last = {made.sets[-1] for made in company.services}
    sets = (one for one in company.sets.values() if one.number in last)
    needed = Counter(need.provider for one in sets for need in one.requirements)
    by_name = {made.name: made for made in company.services}
    return [by_name[name] for name, _ in needed.most_common(_HUBS)]


@dataclass(frozen=True)
class Question:
    """A question, and how it is asked about a service."""

    name: str
    kind: Kind
    ask: Callable[[Dictionary, Made, Subjects], object]

    def subjects(self, among: Subjects) -> Sequence[Made]:
        """Return the services it is asked about, one after the other."""
        if self.kind in {Kind.USUAL, Kind.WRITE}:
            return among.usual
        return among.hubs if self.kind is Kind.HUB else among.hubs[:1]


def _may_deploy(dictionary: Dictionary, *made: Made) -> Verdict:
    asked = [(one.name, version_of(one, -1)) for one in made]
    return may_deploy_named(dictionary, asked, _IN, today=TODAY.date()).verdict


def _train(dictionary: Dictionary, made: Made, among: Subjects) -> Verdict:
    return _may_deploy(dictionary, *among.trains[made.name])


_numbers = count(1)


def _record(dictionary: Dictionary, made: Made, among: Subjects) -> None:
    """Record a release that nobody knows yet; its requirements are known."""
    number = next(_numbers)
    version = parse_version(f"99.0.{number}")
    release = Release(made.name, version, f"new-{number}", tuple(among.needs[made.name]))
    at = TODAY + timedelta(minutes=number)
    tested = Evidence(
        kind="unit-test",
        passed=True,
        service=made.name,
        version=str(version),
        commit=release.commit,
        at=at,
    )
    dictionary.record_deployment(
        release,
        Deployment(made.name, version, release.commit, _IN, "99", at),
        production=True,
        evidence=[tested],
    )


def _reading(
    ask: Callable[..., object], *given: str
) -> Callable[[Dictionary, Made, Subjects], object]:
    """Return how something is asked that takes a connection and perhaps a service."""

    def asked(dictionary: Dictionary, made: Made, _: Subjects) -> object:
        names = [made.name if one == "SERVICE" else one for one in given]
        with dictionary.reading() as connection:
            return ask(connection, *names)

    return asked


def _about(kind: Kind) -> list[Question]:
    """Return the questions that are asked about one service."""
    return [
        Question("dependents", kind, lambda d, s, _: d.dependents(s.name, "", _IN)),
        Question("dependencies", kind, lambda d, s, _: d.dependencies(s.name)),
        Question("live", kind, lambda d, s, _: d.live(service=s.name)),
        Question("owner_of", kind, lambda d, s, _: d.owner_of(s.name)),
        Question("history", kind, _reading(history, "SERVICE")),
        Question("needs", kind, _reading(needs, "SERVICE")),
        Question("may-deploy", kind, lambda d, s, _: _may_deploy(d, s)),
    ]


def _of_line(dictionary: Dictionary, made: Made, _: Subjects) -> object:
    return dictionary.dependents(made.name, version_of(made, -1).line, _IN)


def _release(dictionary: Dictionary, made: Made, _: Subjects) -> object:
    return dictionary.release(made.name, version_of(made, -1))


def _predecessor(dictionary: Dictionary, made: Made, _: Subjects) -> object:
    return dictionary.predecessor(made.name, version_of(made, -1))


def _evidence(dictionary: Dictionary, made: Made, _: Subjects) -> object:
    return dictionary.evidence("unit-test", made.name, version_of(made, -1), made.commit(-1))


_EVERYTHING = "impact of everything"
_whole = partial(impact, few=-1)

QUESTIONS: tuple[Question, ...] = (
    *_about(Kind.USUAL),
    Question("dependents of a line", Kind.USUAL, _of_line),
    Question("release", Kind.USUAL, _release),
    Question("predecessor", Kind.USUAL, _predecessor),
    Question("evidence", Kind.USUAL, _evidence),
    Question("unowned", Kind.USUAL, _reading(lambda to, name: unowned(to, [name]), "SERVICE")),
    Question("impact", Kind.USUAL, _reading(impact, "SERVICE", "", _IN)),
    Question("may-deploy, a train of 10", Kind.USUAL, _train),
    *_about(Kind.HUB),
    Question(_EVERYTHING, Kind.WHOLE, _reading(impact, "SERVICE")),
    Question(f"{_EVERYTHING} in production", Kind.WHOLE, _reading(impact, "SERVICE", "", _IN)),
    Question("dependents everywhere of a hub", Kind.LIST, lambda d, s, _: d.dependents(s.name)),
    Question("live in production", Kind.LIST, lambda d, s, _: d.live(_IN)),
    Question("drift in production", Kind.LIST, _reading(drift, _IN)),
    Question("owners, all", Kind.LIST, lambda d, s, _: d.owners()),
    Question("unowned, all", Kind.LIST, _reading(unowned)),
    Question("record a deployment", Kind.WRITE, _record),
)

# What a small company is never asked by itself: there, few are hit by anything.
READ_WHOLE = (
    Question(f"{_EVERYTHING}, read whole", Kind.WHOLE, _reading(_whole, "SERVICE")),
    Question(
        f"{_EVERYTHING} in production, read whole", Kind.WHOLE, _reading(_whole, "SERVICE", "", _IN)
    ),
)
