from __future__ import annotations

import pytest

from ci_steps.addresses import without_credentials


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
