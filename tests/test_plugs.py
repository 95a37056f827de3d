"""Every plug has the shape of its family: mypy reads these lists, and none is missing in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ci_steps import registry
from ci_steps.balancers import haproxy as haproxy_balancer
from ci_steps.balancers import kubernetes as kubernetes_balancer
from ci_steps.balancers import nginx as nginx_balancer
from ci_steps.builders import buildah, docker, podman
from ci_steps.channels import email, file, slack, slack_webhook, webhook
from ci_steps.contracts import asyncapi, avro, graphql, jsonschema, openapi, protobuf, thrift
from ci_steps.fronts import command as front_command
from ci_steps.fronts import haproxy as front_haproxy
from ci_steps.fronts import nginx
from ci_steps.fronts import process as front_process
from ci_steps.hosts import github_actions, gitlab, jenkins, local
from ci_steps.probes import compose as compose_probe
from ci_steps.probes import consul, dictionary, eureka, git, http, image
from ci_steps.probes import docker as docker_probe
from ci_steps.probes import kubernetes as kubernetes_probe
from ci_steps.protocols import (
    Balancer,
    Builder,
    Channel,
    ContractFormat,
    Front,
    Host,
    Probe,
    Step,
    Target,
    UsageSource,
)
from ci_steps.steps import (
    container_build,
    deploy,
    integration_test,
    notify_owners,
    retire_check,
    shift_traffic,
    unit_test,
    version_check,
)
from ci_steps.targets import command, compose, ecs, kubernetes, process
from ci_steps.usages import access_log, haproxy, prometheus
from ci_steps.usages import command as usage_command

BUILDERS: tuple[Builder, ...] = (docker, podman, buildah)
CHANNELS: tuple[Channel, ...] = (file, slack, email, slack_webhook, webhook)
CONTRACTS: tuple[ContractFormat, ...] = (
    asyncapi,
    protobuf,
    graphql,
    thrift,
    openapi,
    avro,
    jsonschema,
)
FRONTS: tuple[Front, ...] = (front_process, nginx, front_haproxy, front_command)
HOSTS: tuple[Host, ...] = (github_actions, gitlab, jenkins, local)
PROBES: tuple[Probe, ...] = (
    http,
    git,
    dictionary,
    compose_probe,
    docker_probe,
    kubernetes_probe,
    image,
    consul,
    eureka,
)
STEPS: tuple[Step, ...] = (
    unit_test,
    version_check,
    container_build,
    deploy,
    integration_test,
    notify_owners,
    retire_check,
    shift_traffic,
)
TARGETS: tuple[Target, ...] = (process, command, compose, kubernetes, ecs)
BALANCERS: tuple[Balancer, ...] = (haproxy_balancer, nginx_balancer, kubernetes_balancer)
USAGES: tuple[UsageSource, ...] = (prometheus, haproxy, access_log, usage_command)


@pytest.mark.parametrize(
    ("plugs", "listed"),
    [
        pytest.param(registry.BALANCERS, BALANCERS, id="balancers"),
        pytest.param(registry.BUILDERS, BUILDERS, id="builders"),
        pytest.param(registry.CHANNELS, CHANNELS, id="channels"),
        pytest.param(registry.CONTRACTS, CONTRACTS, id="contracts"),
        pytest.param(registry.FRONTS, FRONTS, id="fronts"),
        pytest.param(registry.HOSTS, HOSTS, id="hosts"),
        pytest.param(registry.PROBES, PROBES, id="probes"),
        pytest.param(registry.STEPS, STEPS, id="steps"),
        pytest.param(registry.TARGETS, TARGETS, id="targets"),
        pytest.param(registry.USAGES, USAGES, id="usages"),
    ],
)
def test_every_plug_is_listed_with_its_shape(
    plugs: Mapping[str, Any], listed: Sequence[object]
) -> None:
    assert list(plugs.values()) == list(listed)


def test_that_a_plug_is_there_is_known_without_loading_it() -> None:
    plugs: registry.Plugs[Any] = registry.Plugs("nowhere", "our-own")
    assert "our-own" in plugs
    assert "another" not in plugs
    assert list(plugs) == ["our-own"]
    with pytest.raises(KeyError, match="another"):
        plugs["another"]
