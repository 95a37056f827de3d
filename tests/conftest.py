"""The real parts that more than one folder of tests needs, started once."""

from tests.parts.docker import base_tar, docker, image_registry, storage

__all__ = ["base_tar", "docker", "image_registry", "storage"]
