"""What more than one folder of tests needs: real parts, started once; the longest files first."""

import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.parts.docker import (
    base_tar,
    buildx,
    closed_registry,
    docker,
    docker_plugins,
    full_registry,
    image_registry,
    python_image,
    service_image,
    storage,
)
from tests.parts.kubernetes.cluster import cluster
from tests.parts.postgres import empty_url, postgres, postgres_url, shared_engine, shared_url
from tests.parts.shipped import dist

__all__ = [
    "base_tar",
    "buildx",
    "closed_registry",
    "cluster",
    "dist",
    "docker",
    "docker_plugins",
    "empty_url",
    "full_registry",
    "image_registry",
    "postgres",
    "postgres_url",
    "python_image",
    "service_image",
    "shared_engine",
    "shared_url",
    "storage",
]

# Behind nohup, or in the background of a script, it is ignored, also by all that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# What a slow test takes, in fast ones; it need not be exact.
_SLOW_WEIGHT = 100


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first, so that workers, who get whole files, end together."""
    weights = Counter[Path]()
    for item in items:
        weights[item.path] += _SLOW_WEIGHT if item.get_closest_marker("slow") else 1
    items.sort(key=lambda item: -weights[item.path])
