"""The real parts that more than one folder of tests needs, started once."""

from tests.parts.docker import (
    base_tar,
    buildx,
    closed_registry,
    docker,
    docker_plugins,
    image_registry,
    python_image,
    service_image,
    storage,
)
from tests.parts.kubernetes.cluster import cluster
from tests.parts.postgres import empty_url, postgres, postgres_url, shared_url
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
    "image_registry",
    "postgres",
    "postgres_url",
    "python_image",
    "service_image",
    "shared_url",
    "storage",
]
