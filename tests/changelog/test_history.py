"""Whatever is gathered later, what was published stays, and stands in its order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ci_steps.changelog.checking import problems_of
from ci_steps.changelog.document import ChangeLog, Release
from ci_steps.changelog.growth import growth_problems
from ci_steps.changelog.history import joined
from tests.parts import changelogs
from tests.parts.dictionaries import NOON

EMPTY: ChangeLog = replace(changelogs.read(changelogs.document()).value, history=(), plan=())
_VERSIONS = ("0.9.0", "1.0.0", "1.0.1", "1.1.0", "2.0.0-rc.1", "2.0.0", "10.0.0", "v1_20170101-1")


def _release(version: str, commit: str, wrote: list[str], digest: str) -> Release:
    changes = [changelogs.change("added", what, text=f"{commit} {what}") for what in wrote]
    content = changelogs.release(version, "first", "2017-07-01T12:00:00Z", *changes)
    document = {**changelogs.document(), "history": [{**content, "digest": digest}]}
    return replace(changelogs.read(document).value.history[0], commit=commit)


_RELEASES: st.SearchStrategy[Any] = st.lists(
    st.builds(
        _release,
        st.sampled_from(_VERSIONS),
        st.sampled_from(["", "c1", "c2"]),
        st.lists(st.sampled_from(["GET /a", "GET /b"]), unique=True, max_size=2),
        st.sampled_from(["", "sha256:1"]),
    ),
    max_size=6,
    unique_by=lambda one: one.version,
)


@settings(max_examples=40, deadline=None)
@given(_RELEASES, _RELEASES)
def test_history_only_grows_and_keeps_its_order(first: Any, then: Any) -> None:
    published = replace(EMPTY, history=joined((), first))
    later = replace(EMPTY, history=joined(published.history, then))
    assert list(growth_problems(published, later)) == []
    assert {one.version for one in later.history} == {one.version for one in [*first, *then]}
    read = changelogs.placed(later)
    assert [one for one in problems_of(read, NOON) if ".sort" not in one.key] == []
