"""Where a requirement is declared, as a link where the code host is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ci_steps.notices.wording.code_hosts import line_url
from ci_steps.notices.wording.render import words
from tests.parts.notices import message

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PLACE = "services/gis & co/ci-steps.yaml:7"


@pytest.mark.parametrize(
    ("repository", "url"),
    [
        ("https://github.com/shop/gis.git", "https://github.com/shop/gis/blob/{}"),
        ("https://gitlab.shop.example/a/gis/", "https://gitlab.shop.example/a/gis/-/blob/{}"),
        ("https://codeberg.org/shop/gis", "https://codeberg.org/shop/gis/src/commit/{}"),
    ],
)
def test_a_known_code_host_shows_the_line_in_its_commit(repository: str, url: str) -> None:
    place = f"{COMMIT}/services/gis%20%26%20co/ci-steps.yaml#L7"
    assert line_url(repository, COMMIT, PLACE) == url.format(place)


@pytest.mark.parametrize(
    ("repository", "commit", "place"),
    [
        ("https://git.shop.example/gis", COMMIT, PLACE),
        ("https://notgithub.com/gis", COMMIT, PLACE),
        ("git@github.com:shop/gis.git", COMMIT, PLACE),
        ("https://github.com/shop/gis", f"{COMMIT}-dirty-01234567", PLACE),
        ("https://github.com/shop/gis", "main", PLACE),
        ("https://github.com/shop/gis", COMMIT, ""),
        ("https://[github.com/shop/gis", COMMIT, PLACE),
    ],
)
def test_what_is_not_known_is_no_link(repository: str, commit: str, place: str) -> None:
    assert line_url(repository, commit, place) == ""


@pytest.mark.parametrize(
    ("repository", "place", "said"),
    [
        ("https://github.com/shop/gis", "ci-steps.yaml:7", f"{COMMIT}/ci-steps.yaml#L7"),
        ("https://git.shop.example/gis", "ci-steps.yaml:7", "of https://git.shop.example/gis"),
        ("", "ci-steps.yaml:7", "needs auth-1.1, in ci-steps.yaml:7\n"),
        ("https://git.shop.example/gis", "", "in https://git.shop.example/gis"),
    ],
)
def test_a_notice_says_where_the_need_is_declared(repository: str, place: str, said: str) -> None:
    told = message("gis")
    [one] = told.obligations
    one = replace(one, repository=repository, place=place, commit=COMMIT)
    text = words(replace(told, obligations=(one,))).text
    assert said in " ".join(text.split("\n    ")) or said in text
    assert ("ci-steps.yaml:7" in text) is bool(place)
