from __future__ import annotations

import pytest

from ci_steps.addresses import is_protected, is_web, without_credentials


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://robot:s3cret@git.shop.example/a.git", "https://***@git.shop.example/a.git"),
        ("https://s3cret@git.shop.example", "https://***@git.shop.example"),
        ("https://robot:s3@cret@git.shop.example/a@b", "https://***@git.shop.example/a@b"),
        ("from http://a:b@c to http://d:e@f", "from http://***@c to http://***@f"),
        ("https://git.shop.example/a@b.git", "https://git.shop.example/a@b.git"),
        ("git@git.shop.example:auth.git", "git@git.shop.example:auth.git"),
        ("/srv/auth.git", "/srv/auth.git"),
    ],
)
def test_credentials_are_masked_and_all_else_stays(text: str, shown: str) -> None:
    assert without_credentials(text) == shown


@pytest.mark.parametrize(
    ("url", "web", "protected"),
    [
        ("https://auth.shop.example", True, True),
        ("http://auth.shop.example", True, False),
        ("http://127.0.0.9:8080", True, True),
        ("http://[::1]:8080", True, True),
        ("http://localhost", True, True),
        ("http://localhost.shop.example", True, False),
        ("https://", False, False),
        ("http://[::1", False, False),
        ("ftp://localhost", False, False),
    ],
)
def test_an_address_is_protected_by_tls_or_by_being_here(
    url: str, *, web: bool, protected: bool
) -> None:
    assert (is_web(url), is_protected(url)) == (web, protected)
