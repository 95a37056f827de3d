"""The names users write in ci-steps.yaml. A new plug is one file and one line here.

A stranger's plug is an entry point in the group ``ci_steps.<family>`` (``ci_steps.targets``)
that names a module of the same shape; it is looked for only when a name is not ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

from ci_steps.builders import buildah, docker, podman
from ci_steps.channels import email, file, slack, slack_webhook, webhook
from ci_steps.contracts import asyncapi, avro, graphql, jsonschema, openapi, protobuf, thrift
from ci_steps.hosts import github_actions, gitlab, jenkins, local
from ci_steps.probes import dictionary, git, http
from ci_steps.protocols import (
    Builder,
    Channel,
    ContractFormat,
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
    unit_test,
    version_check,
)
from ci_steps.targets import command, process
from ci_steps.usages import access_log, haproxy, prometheus
from ci_steps.usages import command as usage_command

_Plug = TypeVar("_Plug")


class Plugs(Mapping[str, _Plug], Generic[_Plug]):
    """The plugs of one family by name: ours, and behind them those of other packages."""

    def __init__(self, family: str, ours: dict[str, _Plug]) -> None:
        self._group = f"ci_steps.{family}"
        self._known = ours

    def __getitem__(self, name: str) -> _Plug:
        """Return a plug; an entry point is loaded at the first question for it."""
        if name not in self._known:
            from importlib.metadata import entry_points

            for entry in entry_points(group=self._group, name=name):
                self._known[name] = entry.load()
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        """Return our names, and those of others that are in use."""
        return iter(self._known)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._known)


STEPS: Plugs[Step] = Plugs(
    "steps",
    {
        "unit-test": unit_test,
        "version-check": version_check,
        "container-build": container_build,
        "deploy": deploy,
        "integration-test": integration_test,
        "notify-owners": notify_owners,
        "retire-check": retire_check,
    },
)
TARGETS: Plugs[Target] = Plugs("targets", {"process": process, "command": command})
BUILDERS: Plugs[Builder] = Plugs(
    "builders", {"docker": docker, "podman": podman, "buildah": buildah}
)
PROBES: Plugs[Probe] = Plugs("probes", {"http": http, "git": git, "dictionary": dictionary})
CHANNELS: Plugs[Channel] = Plugs(
    "channels",
    {
        "file": file,
        "slack": slack,
        "email": email,
        "slack-webhook": slack_webhook,
        "webhook": webhook,
    },
)
# In the order in which they are asked whether they are here; local always is.
HOSTS: Plugs[Host] = Plugs(
    "hosts",
    {"github_actions": github_actions, "gitlab": gitlab, "jenkins": jenkins, "local": local},
)
# In the order in which they are asked whether they recognise a file.
CONTRACTS: Plugs[ContractFormat] = Plugs(
    "contracts",
    {
        "asyncapi": asyncapi,
        "protobuf": protobuf,
        "graphql": graphql,
        "thrift": thrift,
        "openapi": openapi,
        "avro": avro,
        "jsonschema": jsonschema,
    },
)
USAGES: Plugs[UsageSource] = Plugs(
    "usages",
    {
        "prometheus": prometheus,
        "haproxy": haproxy,
        "access_log": access_log,
        "command": usage_command,
    },
)
