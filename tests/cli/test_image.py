from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

import pytest

from ci_steps.builders import docker as builder
from ci_steps.cli import invoke
from ci_steps.steps.container_build import Options, run
from tests.parts.building import Clocked, job, service_folder
from tests.parts.shop import check_answer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@pytest.fixture
def pushed(
    tmp_path: Path, base_tar: Path, docker: Mapping[str, str], image_registry: str
) -> Mapping[str, str]:
    folder, name = service_folder(tmp_path, base_tar), f"test-{secrets.token_hex(6)}"
    options = Options(image=name, registry=image_registry, push=True)
    return run(job(folder, Clocked(docker), {"docker": builder}), options).outputs


def test_an_image_in_a_registry_says_what_it_is_without_being_pulled(
    pushed: Mapping[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["image", "inspect", pushed["image"], "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    check_answer(said)
    assert said.pop("labels")["org.opencontainers.image.title"] == "auth"
    assert said.pop("created")
    assert said == {
        "schema": "ci-steps/image/1",
        "reference": pushed["image"],
        "digest": pushed["digest"],
        "service": "auth",
        "version": "1.1.0",
        "commit": "c0ffee",
        "requirements": ["gis-201610", "mail-v1_20171001-2"],
    }
    assert invoke(["image", "inspect", pushed["image"]]) == 0
    assert "gis-201610, mail-v1_20171001-2" in capsys.readouterr().out
    assert invoke(["image", "inspect", pushed["image"].replace("1.1.0", "1.2.0")]) == 1
    assert "1.2.0 is not in the registry" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("registry.example.org/auth", "'registry.example.org/auth' has no tag"),
        ("registry.example.org:5000/auth", "'registry.example.org:5000/auth' has no tag"),
        ("auth:1.1.0", "'auth:1.1.0' names no registry"),
        ("registry.example.org/Auth:1", "'Auth' is not the name of an image"),
    ],
)
def test_what_no_registry_can_be_asked_for_is_said(
    written: str, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["image", "inspect", written]) == 2
    assert problem in capsys.readouterr().err
