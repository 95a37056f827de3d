"""Labels of Compose; a real engine is asked in `test_docker` and in `tests.targets`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.outside import Outside
from ci_steps.probes import compose
from tests.probes.asked import QUESTION, program, told

if TYPE_CHECKING:
    from pathlib import Path


def test_the_project_the_service_and_the_context_are_asked_for_by_name(tmp_path: Path) -> None:
    program(tmp_path / "docker", f'echo "$@" > {tmp_path}/asked')
    options = compose.Options(project="shop-{environment}", context="far-{environment}")
    outside = Outside({"PATH": f"{tmp_path}:/usr/bin:/bin"})
    (found,) = told(compose.ask(QUESTION, options, outside))
    assert found.endswith("=auth and com.docker.compose.project=shop-staging")
    assert (tmp_path / "asked").read_text().split() == [
        *("--context", "far-staging", "container", "ls", "--quiet"),
        *("--filter", "label=com.docker.compose.service=auth"),
        *("--filter", "label=com.docker.compose.project=shop-staging"),
    ]
