"""Small worlds for verdicts, written as lines: ``gis v1_20171001-2 in 1b: auth-1.1``."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from ci_steps.dictionary import tables
from ci_steps.dictionary.recording import environment_id, service_id
from ci_steps.dictionary.verdicts.may_deploy import may_deploy
from ci_steps.dictionary.verdicts.reasons import Candidate, VerdictReport
from ci_steps.dictionary.verdicts.waivers import Waiver, record_waiver
from ci_steps.versions import parse_version
from tests.parts.dictionaries import NOON, deployed, release

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ci_steps.dictionary.store import Dictionary
    from ci_steps.model import Release

TODAY = date(2017, 10, 1)
_LINE = re.compile(
    r"(?P<label>\S+ [^\s:]+)(?: #(?P<contract>\w+))?(?: in (?P<slot>[^\s:]+))?(?:: ?(?P<needs>.*))?"
)


def read(line: str) -> tuple[Release, str]:
    """Return the release of a line, and its slot if one is written; # is its contract."""
    match = _LINE.fullmatch(line.strip())
    assert match, line
    needs = (match["needs"] or "").split()
    return release(match["label"], *needs, contract=match["contract"] or ""), match["slot"] or ""


def run_in(
    dictionary: Dictionary, *lines: str, environment: str = "production", address: str = ""
) -> None:
    """Record what runs: a line for each slot."""
    with dictionary.writing():
        for line in lines:
            shipped, slot = read(line)
            place = deployed(shipped, environment, address=address)
            place = replace(place, slot=slot or place.slot)
            dictionary.record_deployment(shipped, place, production=environment == "production")


def candidate(line: str, *, environment: str = "production", beside: bool = False) -> Candidate:
    """Return what a line says as a candidate that nobody has stored."""
    wanted, slot = read(line)
    return Candidate(wanted, environment, slot, beside)


def asked(
    dictionary: Dictionary,
    *lines: str,
    beside: bool = False,
    environment: str = "production",
    today: date = TODAY,
    ignoring: Sequence[Waiver] = (),
) -> VerdictReport:
    """Return the verdict about the lines, as one world."""
    candidates = [candidate(line, environment=environment, beside=beside) for line in lines]
    return may_deploy(dictionary, *candidates, today=today, ignoring=ignoring)


def said(report: VerdictReport) -> list[str]:
    """Return the edges as lines: ``gis 3.0 auth-1.1 <- 2.0.0: no LINE_NOT_LIVE``."""
    return [
        f"{edge.who} {edge.required} <- {' '.join(edge.found) or 'nothing'}: "
        f"{edge.verdict.value if edge.verdict else 'ignored'} {edge.reason.value}"
        for edge in report.edges
    ]


def verify(
    dictionary: Dictionary, dependent: str, provider: str, *, passed: bool, hours: float = 0
) -> None:
    """Record that ``gis 3.0`` and ``auth 1.1`` were tried together."""
    left, right = dependent.split(" "), provider.split(" ")
    with dictionary.writing() as connection:
        connection.execute(
            insert(tables.verification).values(
                dependent_id=service_id(connection, left[0]),
                dependent_version=left[1],
                provider_id=service_id(connection, right[0]),
                provider_version=right[1],
                passed=passed,
                at=NOON + timedelta(hours=hours),
            )
        )


def ask_for_evidence(dictionary: Dictionary, environment: str = "production") -> None:
    """Let the policy of an environment be that a requirement has to be verified."""
    with dictionary.writing() as connection:
        number = environment_id(connection, environment)
        connection.execute(
            insert(tables.policy).values(environment_id=number, evidence_required=True)
        )


def retire(dictionary: Dictionary, service: str, line: str, reason: str = "") -> None:
    """Record that a line was retired."""
    with dictionary.writing() as connection:
        number = service_id(connection, service)
        connection.execute(
            insert(tables.retired_line).values(service_id=number, line=line, reason=reason, at=NOON)
        )


def observe(
    dictionary: Dictionary,
    service: str,
    address: str,
    version: str = "",
    *,
    problem: str = "",
    hours: float = 0,
    environment: str = "production",
) -> None:
    """Record what an address answered."""
    scheme = parse_version(version).scheme if version else ""
    with dictionary.writing() as connection:
        connection.execute(
            insert(tables.observation).values(
                service_id=service_id(connection, service),
                environment_id=environment_id(connection, environment),
                address=address,
                version=version,
                scheme=scheme,
                problem=problem,
                at=NOON + timedelta(hours=hours),
            )
        )


def call_before(dictionary: Dictionary, old: str, service: str) -> None:
    """Record what a service was called before."""
    with dictionary.writing() as connection:
        number = service_id(connection, service)
        connection.execute(insert(tables.alias).values(name=old, service_id=number))


def waive(
    dictionary: Dictionary,
    service: str,
    other: str,
    until: date,
    environment: str = "production",
) -> Waiver:
    """Record a waiver."""
    waiver = Waiver(service, other, environment, until, "they know")
    with dictionary.writing() as connection:
        record_waiver(connection, waiver, NOON)
    return waiver


def waivers_in(dictionary: Dictionary) -> list[tuple[str, str, date, str, str]]:
    """Return every waiver that is recorded: service, other, last day, reason, by whom."""
    waiver, service = tables.waiver, tables.service
    with dictionary.reading() as connection:
        rows = connection.execute(
            select(
                service.c.name, waiver.c.other, waiver.c.until, waiver.c.reason, waiver.c.by
            ).join_from(waiver, service)
        )
        return [tuple(row) for row in rows]
