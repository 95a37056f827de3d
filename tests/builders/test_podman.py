from __future__ import annotations

from ci_steps.builders import podman
from tests.builders.claims import EngineClaims


class TestPodman(EngineClaims):
    engine = "podman"
    builder = podman
