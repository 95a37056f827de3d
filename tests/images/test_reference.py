from __future__ import annotations

import pytest

from ci_steps.errors import UsageError
from ci_steps.images.reference import Reference, refer, split


@pytest.mark.parametrize(
    ("registry", "reference"),
    [
        ("", Reference("", "auth", "1.1.0")),
        ("registry.example.org", Reference("registry.example.org", "auth", "1.1.0")),
        (
            "registry.example.org:5000/shop/",
            Reference("registry.example.org:5000", "shop/auth", "1.1.0"),
        ),
        ("localhost", Reference("localhost", "auth", "1.1.0")),
        ("[::1]:5000", Reference("[::1]:5000", "auth", "1.1.0")),
        pytest.param("acme", Reference("", "acme/auth", "1.1.0"), id="a path and no host"),
    ],
)
def test_a_registry_is_a_host_and_a_path(registry: str, reference: Reference) -> None:
    assert refer(registry, "auth", "1.1.0") == reference
    assert split(str(reference)) == reference


@pytest.mark.parametrize("version", ["v1_20171001-1", "1.2.3-rc.1", "201610", "1.1"])
def test_every_version_is_a_tag(version: str) -> None:
    assert str(refer("", "auth", version)) == f"auth:{version}"


@pytest.mark.parametrize(
    ("registry", "name", "tag"),
    [
        pytest.param("", "Auth", "1", id="capital letters"),
        pytest.param("", "--file", "1", id="a flag"),
        pytest.param("", "auth:2", "1", id="a tag in the name"),
        pytest.param("", "", "1", id="nothing"),
        pytest.param("", "../auth", "1", id="a way out"),
        pytest.param("-x.example", "auth", "1", id="a flag for a host"),
        pytest.param("https://registry.example.org", "auth", "1", id="an address"),
        pytest.param("user@registry.example.org", "auth", "1", id="a user"),
        pytest.param("registry.example.org:port", "auth", "1", id="no port"),
        pytest.param("", "auth", "1+b5", id="build metadata"),
        pytest.param("", "auth", "1" * 129, id="129 characters"),
        pytest.param("", "auth\n", "1", id="a line end"),
    ],
)
def test_what_no_engine_would_take_is_refused(registry: str, name: str, tag: str) -> None:
    with pytest.raises(UsageError) as refused:
        refer(registry, name, tag)
    assert refused.value.hint


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:5000", "127.0.0.1:5000", "127.8.0.1", "[::1]:80"]
)
def test_only_this_machine_is_reached_without_tls(host: str) -> None:
    assert refer(host, "auth", "1").is_on_this_machine


@pytest.mark.parametrize("host", ["", "localhost.example.org", "10.0.0.1:5000", "128.0.0.1"])
def test_other_machines_need_tls(host: str) -> None:
    assert not Reference(host, "auth", "1").is_on_this_machine
