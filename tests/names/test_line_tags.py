"""The tag of a line is moved where there is a registry; one that is away is asked again."""

from __future__ import annotations

from pathlib import Path

from ci_steps.names.line_tags import move_line
from ci_steps.outside import Outside
from ci_steps.outside.inert import InertOutside
from ci_steps.protocols import Build
from ci_steps.steps.container_build import Options
from ci_steps.versions import parse_version
from tests.parts.http import says, serving

DIGEST = f"sha256:{'0' * 64}"


class Patient(Outside):
    """A world in which nobody has to wait."""

    pauses = 0

    def pause(self, seconds: float) -> None:
        self.pauses += 1


def build(image: str) -> Build:
    return Build("auth", parse_version("1.1.0"), "c0ffee", Path(), image, DIGEST)


def test_a_registry_that_is_away_is_asked_three_times_and_then_reported() -> None:
    outside = Patient({})
    with serving(says("", status=503)) as server:
        host = server.address.removeprefix("http://")
        problem = move_line(build(f"{host}/auth:1.1.0"), Options(), outside)
    assert problem.startswith(f"the tag {host}/auth:1 is not moved to 1.1.0: the registry ")
    assert "HTTP 503" in problem
    assert (len(server.asked), outside.pauses) == (3, 2)


def test_what_is_in_no_registry_moves_no_tag_and_a_rehearsal_only_says_it() -> None:
    assert move_line(build("auth:1.1.0"), Options(), Outside({})) == ""
    assert move_line(build(""), Options(), Outside({})) == ""
    said: list[str] = []
    outside = InertOutside({}, would=said.append)
    assert move_line(build("shop.example/auth:1.1.0"), Options(), outside) == ""
    assert said == ["put https://shop.example/v2/auth/manifests/1"]
