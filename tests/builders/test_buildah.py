from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from ci_steps.builders import buildah
from ci_steps.errors import OutsideError
from ci_steps.steps.container_build import Options, run
from tests.builders.claims import EngineClaims
from tests.parts.building import service_folder

# Each builds real images, and none of them asks which Python runs.
pytestmark = pytest.mark.slow


class TestBuildah(EngineClaims):
    engine = "buildah"
    builder = buildah

    def test_a_registry_that_is_full_is_said_with_what_the_engine_said_and_the_image_stays(
        self, tmp_path: Path, base_tar: Path, storage: Mapping[str, str], full_registry: str
    ) -> None:
        asked = self.job(service_folder(tmp_path, base_tar), storage)
        with pytest.raises(OutsideError) as refused:
            run(asked, Options(registry=full_registry, push=True))
        name = f"{full_registry}/auth:1.1.0"
        assert str(refused.value).startswith(f"{name} was not pushed: exit status ")
        assert "500 Internal Server Error" in str(refused.value)
        assert refused.value.hint == "The image is built: try again."
        assert asked.outside.ask(["buildah", "inspect", "--type=image", name]).ok
