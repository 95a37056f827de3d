from __future__ import annotations

import pytest

from ci_steps.builders import podman
from tests.builders.claims import EngineClaims

# Each builds real images, and none of them asks which Python runs.
pytestmark = pytest.mark.slow


class TestPodman(EngineClaims):
    engine = "podman"
    builder = podman
