"""A secret is hidden in whatever form something repeats it."""

from __future__ import annotations

import io
import json
import quopri
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_steps.console import Console
from ci_steps.writing.masking import forms_of

SECRET = 'p@ss w/rd="1"+é~'


def masked(text: str, secret: str = SECRET) -> str:
    console = Console(io.StringIO(), io.StringIO(), color=False)
    console.mask(secret)
    return console.masked(text)


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote(SECRET),
        quote_plus(SECRET),
        json.dumps(SECRET)[1:-1],
        quopri.encodestring(SECRET.encode()).decode().strip(),
    ],
)
def test_it_is_hidden_as_others_write_it(form: str) -> None:
    assert masked(f"before {form} after") == "before *** after"


@given(before=st.binary(max_size=7), after=st.binary(max_size=7), safe=st.booleans())
def test_it_is_hidden_in_base64_whatever_is_around_it(
    before: bytes, after: bytes, *, safe: bool
) -> None:
    encode = urlsafe_b64encode if safe else b64encode
    coded = encode(before + SECRET.encode() + after).decode()
    core = encode(SECRET.encode()[3:-3]).decode().rstrip("=")[2:-2]
    assert "***" in masked(coded)
    assert core not in masked(coded)


def test_of_the_address_of_a_webhook_the_path_is_hidden_alone() -> None:
    hook = "https://hooks.slack.example/services/T000/B000/abc"
    assert masked("no /services/T000/B000/abc here", hook) == "no /*** here"
    assert masked("https://hooks.slack.example/ is down", hook).startswith("https://hooks.slack")


def test_a_short_secret_is_not_looked_for_in_base64() -> None:
    assert set(forms_of("abc")) == {"abc"}
    assert forms_of("") == ()
