from tests.parts.docker import base_tar, docker, image_registry, storage

__all__ = ["base_tar", "docker", "image_registry", "storage"]
