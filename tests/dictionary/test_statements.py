"""A slow plan is seen without a clock: the statements of every question, and their indexes.

The baseline is written anew with ``make statements``; what changed in it is to be read.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from company.loading import load
from company.questions import Kind, Subjects
from company.services import Company
from company.size import SMALL
from company.statements import WHOLE, Plan, baseline, made_with, plans

from tests.parts.dictionaries import dictionary_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.parts.postgres import Server

# What grows with the company. The others have a row for an owner, an environment or a rename.
LARGE = {
    "comparison",
    "contract",
    "deployment",
    "evidence",
    "live_requirement",
    "observation",
    "release",
    "requirement",
    "requirement_set",
    "service",
    "verification",
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def url(kind: str, request: pytest.FixtureRequest) -> Iterator[str]:
    if kind == "sqlite":
        yield ":memory:"
        return
    server: Server = request.getfixturevalue("postgres")
    with server.database("template1") as address:
        yield address


@pytest.fixture(scope="module")
def found(url: str) -> list[Plan]:
    company = Company(SMALL)
    with dictionary_at(url) as dictionary:
        load(dictionary, company)
        return plans(dictionary, Subjects.of(company))


def test_every_question_has_the_statements_and_the_plans_of_the_baseline(
    kind: str, url: str, found: list[Plan]
) -> None:
    made, _, *known = Path(__file__).with_name(f"statements.{kind}.txt").read_text().splitlines()
    with dictionary_at(url) as dictionary:
        here = made_with(dictionary)
    if here != made:
        pytest.skip(f"the baseline was {made}, this is {here}: nothing was proven about its plans")
    now = baseline(found).splitlines()
    changed = list(difflib.unified_diff(known, now, "the baseline", "now", n=9, lineterm=""))
    assert not changed, "\n".join(["Read it, and if it is better: make statements", *changed])


def test_nothing_that_is_asked_about_one_service_reads_a_large_table_whole(
    found: list[Plan],
) -> None:
    whole = [
        f"{plan.title}: {statement}"
        for plan in found
        if plan.question.kind not in {Kind.WHOLE, Kind.LIST}
        for statement in plan.statements
        for step in statement.partition(": ")[2].split("; ")
        if step.startswith(WHOLE) and step.removeprefix(WHOLE).split(",")[0] in LARGE
    ]
    assert whole == []


def test_all_of_a_table_that_is_read_is_seen() -> None:
    company = Company(SMALL)
    with dictionary_at() as dictionary:
        load(dictionary, company)
        found = plans(dictionary, Subjects.of(company))
    live = next(plan for plan in found if plan.question.name == "owners, all")
    assert live.statements[0] == "select: all of owner; contact by owner_id"
