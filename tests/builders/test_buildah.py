from __future__ import annotations

from ci_steps.builders import buildah
from tests.builders.claims import EngineClaims


class TestBuildah(EngineClaims):
    engine = "buildah"
    builder = buildah
