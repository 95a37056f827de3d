"""What services say about their end in headers, in every form that is found."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_steps.endings import Ending, headers_of, read_ending

ANNOUNCED = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)
END = datetime(2026, 12, 23, tzinfo=timezone.utc)
PAGE = "https://auth.shop.example/v2"


def read(**headers: str) -> Ending | None:
    return read_ending(headers)


@pytest.mark.parametrize(
    ("written", "since"),
    [
        pytest.param("@1795424400", ANNOUNCED, id="RFC 9745"),
        pytest.param("true", None, id="the first drafts"),
        pytest.param("?1", None, id="a structured yes"),
        pytest.param("Mon, 23 Nov 2026 09:00:00 GMT", ANNOUNCED, id="later drafts"),
    ],
)
def test_each_form_of_deprecation_is_read(written: str, since: datetime | None) -> None:
    assert read(Deprecation=written) == Ending(since)


@pytest.mark.parametrize(
    "written",
    [
        "Wed, 23 Dec 2026 00:00:00 GMT",
        "Wednesday, 23-Dec-26 00:00:00 GMT",
        "2026-12-23",
        "2026-12-23T01:00:00+01:00",
    ],
)
def test_a_sunset_is_a_moment(written: str) -> None:
    assert read(Sunset=written) == Ending(ends=END)


@pytest.mark.parametrize("headers", [{}, {"Deprecation": "false"}, {"Link": "<x>; rel=sunset"}])
def test_without_a_word_nothing_ends(headers: dict[str, str]) -> None:
    assert read_ending(headers) is None


@pytest.mark.parametrize(
    ("link", "url"),
    [
        (f'<{PAGE}>; rel="sunset"', PAGE),
        (f"<{PAGE}>;type=text/html; rel=deprecation", PAGE),
        (f'<https://x.example/a,b>; rel=next, <{PAGE}>; rel="Successor-Version other"', PAGE),
        (f'</new>; rel="successor-version", <{PAGE}>; rel="deprecation"', PAGE),
        ("<https://x.example>; rel=next", ""),
        ("nothing", ""),
    ],
)
def test_the_link_that_explains_it_is_found(link: str, url: str) -> None:
    found = read(Deprecation="true", Link=link)
    assert found is not None
    assert found.link == url


def test_what_nobody_understands_is_said_and_is_no_end() -> None:
    found = read(Deprecation="soon\r\nX: y", Sunset="never")
    assert found is not None
    assert found.ends is None
    assert found.problem == (
        "Deprecation: 'soon X: y' is not understood; Sunset: 'never' is not understood"
    )


def test_the_headers_are_those_of_the_standards() -> None:
    assert headers_of(Ending(ANNOUNCED, END, PAGE)) == {
        "Deprecation": "@1795424400",
        "Sunset": "Wed, 23 Dec 2026 00:00:00 GMT",
        "Link": f'<{PAGE}>; rel="sunset"',
    }
    assert headers_of(Ending()) == {}


def test_no_address_begins_a_header_of_its_own() -> None:
    (line,) = headers_of(Ending(link='https://x.example/>"\r\nSet-Cookie: a=b')).values()
    assert "\n" not in line
    assert line.count(">") == 1


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001
        lambda moment: moment.replace(microsecond=0, tzinfo=timezone(timedelta(hours=2)))
    ),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001
        lambda moment: moment.replace(microsecond=0, tzinfo=timezone.utc)
    ),
)
def test_what_is_written_is_read_again(since: datetime, ends: datetime) -> None:
    ending = Ending(since, ends, PAGE)
    assert read_ending(headers_of(ending)) == ending
