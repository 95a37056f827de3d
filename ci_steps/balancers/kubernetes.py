"""Weights of an HTTPRoute of the Gateway API, or the selector of a Service, by kubectl.

A route shares calls out in parts, and is in force when the controller of each of its Gateways
says so of exactly this generation. A Service sends all calls to the pods of one line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import attrs

from ci_steps.deploying.kubernetes_cluster import cluster_by
from ci_steps.deploying.kubernetes_manifests import SERVICE, SLOT
from ci_steps.deploying.kubernetes_shares import Route, Switch
from ci_steps.deploying.object_names import object_name, object_suffix
from ci_steps.options import Command, option

if TYPE_CHECKING:
    from ci_steps.outside import Outside
    from ci_steps.protocols import Lines


@attrs.frozen
class Options:
    """What ci-steps.yaml may say under `kubernetes`."""

    route: str = option(
        "",
        "The HTTPRoute whose weights are set; {service} and {environment} are filled in.",
        example="auth",
    )
    backend: str = option(
        "{service}-{slot}",
        "The Service of a line among the backends of that route; {slot} and {line} are filled in.",
    )
    service: str = option(
        "",
        "Or the Service whose selector is switched to one line: all calls, or none.",
        example="auth",
    )
    selector: dict[str, str] = option(
        {},
        "The labels by which it finds the pods of a line, for example slot: '{slot}'; those that "
        "the target `kubernetes` gives them if empty.",
    )
    context: str = option("", "The context of kubectl; the current one if empty.")
    namespace: str = option("", "The namespace; that of the context if empty.")
    kubectl: Command = option(Command(("kubectl",)), "The program that speaks with the cluster.")
    timeout_seconds: float = option(
        30.0, "How long the cluster may take to put it in force.", at_least=0.1
    )


def contradictions(options: Options) -> Iterator[tuple[str, str]]:
    """Yield what is wrong about the options together: a key, and a sentence."""
    if bool(options.route) == bool(options.service):
        yield "", "expected either a route or a service"


def moves_all_or_none(options: Options) -> bool:
    """Return whether calls cannot be shared out in parts."""
    return bool(options.service)


def shares(lines: Lines, options: Options, outside: Outside) -> Mapping[str, int]:
    """Return the percent of the calls that each line gets now."""
    return _means(lines, options, outside).shares()


def shift(lines: Lines, wanted: Mapping[str, int], options: Options, outside: Outside) -> None:
    """Give each line its percent, and return when that is in force."""
    _means(lines, options, outside).shift(wanted)


def _means(lines: Lines, options: Options, outside: Outside) -> Route | Switch:
    cluster = cluster_by(options.kubectl, options.context, options.namespace, outside)
    cluster.check(options.context)
    fill = _filler(lines)
    if options.route:
        services = {line: fill(options.backend, line) for line in lines.addresses}
        return Route(cluster, fill(options.route, ""), options.timeout_seconds, services)
    labels = {
        line: {key: fill(value, line) for key, value in options.selector.items()}
        or _given_by_the_target(lines, line)
        for line in lines.addresses
    }
    return Switch(cluster, fill(options.service, ""), options.timeout_seconds, labels)


def _filler(lines: Lines) -> Callable[[str, str], str]:
    """Return what fills names in as the target writes them into the names of objects."""
    slots = {line: object_suffix(slot) for line, slot in lines.slots.items()}
    return replace(lines, environment=object_suffix(lines.environment), slots=slots).filled


def _given_by_the_target(lines: Lines, line: str) -> dict[str, str]:
    slot = lines.slots.get(line, line)
    return {
        SERVICE: object_name(lines.service),
        SLOT: object_suffix(f"{lines.environment}-{slot}"),
    }
