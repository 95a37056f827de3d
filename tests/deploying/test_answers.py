from __future__ import annotations

import pytest

from ci_steps.deploying.answers import NoVersionError, running_version, version_in
from ci_steps.outside import Outside
from tests.parts.http import says, serving


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("1.1.0", "version"),
        (" 1.1.0\r\n", "version"),
        ('"1.1.0"', "version"),
        ('{"version": "1.1.0"}', "version"),
        ('{"build": {"version": "1.1.0"}}', "build.version"),
        ('{"build.version": "1.1.0", "build": {"version": "2.0.0"}}', "build.version"),
    ],
)
def test_a_version_is_read_out_of_text_and_json(text: str, key: str) -> None:
    assert str(version_in(text, key)) == "1.1.0"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "version"),
        ("<html>1.1.0</html>", "version"),
        ("[1]", "version"),
        ("null", "version"),
        ("{}", "version"),
        ('{"version": ["1.1.0"]}', "version"),
        ('{"version": "1.1.0"}', "version.number"),
        ('{"version": ' + "9" * 5000 + "}", "version"),
        ("9" * 5000, "version"),
    ],
)
def test_anything_else_is_said_in_one_short_line(text: str, key: str) -> None:
    with pytest.raises(NoVersionError) as error:
        version_in(text, key)
    assert len(str(error.value)) < 250
    assert str(error.value).isprintable()


def test_a_number_is_refused_although_it_looks_like_a_version() -> None:
    # JSON readers turn 1.10 into 1.1.
    with pytest.raises(NoVersionError, match=r"the version is a number, 1\.1$"):
        version_in('{"version": 1.10}')


def test_a_header_is_found_whatever_its_case() -> None:
    with serving(says("", x_service_version="1.1.0")) as server:
        found = running_version(Outside({}), server.address, header="X-SERVICE-version")
    assert str(found) == "1.1.0"
