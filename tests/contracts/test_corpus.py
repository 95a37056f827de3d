"""Every pair of the corpus is judged as its story says, in both directions and both syntaxes."""

from __future__ import annotations

from collections import Counter

import pytest

from ci_steps import registry
from ci_steps.comparisons.changes import worst
from ci_steps.jobs.comparing import Formats
from ci_steps.outside import Outside
from tests.parts.contract_corpus import CORPUS, Pair, pairs

PAIRS = list(pairs())


def formats(pair: Pair) -> Formats:
    options = registry.CONTRACTS[pair.format].Options(**pair.options)  # type: ignore[attr-defined]
    return Formats(Outside(), {pair.format: options})


@pytest.mark.parametrize("syntax", ["yaml", "json"])
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.id)
def test_a_pair_is_judged_as_its_story_says(pair: Pair, syntax: str) -> None:
    changes = formats(pair).compare(*pair.contracts(syntax))
    assert pair.complaints(syntax, changes) == [], pair.why
    assert worst(changes) is pair.level


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.id)
def test_a_document_compared_with_itself_says_nothing(pair: Pair) -> None:
    old, _ = pair.contracts("json")
    assert formats(pair).compare(old, old) == ()


def test_every_family_has_at_least_three_pairs() -> None:
    families = Counter(pair.id.partition(":")[0] for pair in PAIRS)
    assert set(families) == {path.stem for path in CORPUS.glob("*.yaml")} - {"frames"}
    assert min(families.values()) >= 2 * 3
    assert sum(families.values()) >= 2 * 150


def test_no_two_pairs_have_one_name() -> None:
    assert [name for name, times in Counter(pair.id for pair in PAIRS).items() if times > 1] == []
