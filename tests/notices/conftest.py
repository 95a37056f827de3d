from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.parts.dictionaries import dictionary_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ci_steps.dictionary.store import Dictionary


@pytest.fixture
def dictionary() -> Iterator[Dictionary]:
    with dictionary_at() as opened:
        yield opened
