"""The names users write in ci-steps.yaml. A new plug is one file and one name here.

The file of a plug has the name that users write, and is loaded when it is asked for: a step
that needs no channel and no target loads none. `tests/test_plugs.py` keeps the shapes.

A stranger's plug is an entry point in the group ``ci_steps.<family>`` (``ci_steps.targets``)
that names a module of the same shape; it is looked for only when a name is not ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
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

_Plug = TypeVar("_Plug")


class Plugs(Mapping[str, _Plug], Generic[_Plug]):
    """The plugs of one family by name: ours, and behind them those of other packages."""

    def __init__(self, family: str, *ours: str) -> None:
        self._group = f"ci_steps.{family}"
        self._names = dict.fromkeys(ours)
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> _Plug:
        """Return a plug; its module is loaded at the first question for it."""
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        plug: _Plug = self._loaded[name]
        return plug

    def _load(self, name: str) -> Any:
        if name in self._names:
            return import_module(f"{self._group}.{name.replace('-', '_')}")
        from importlib.metadata import entry_points

        for entry in entry_points(group=self._group, name=name):
            self._names[name] = None
            return entry.load()
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        """Return whether there is such a plug; that one of ours is there loads nothing."""
        return name in self._names or super().__contains__(name)

    def __iter__(self) -> Iterator[str]:
        """Return our names, and those of others that are in use."""
        return iter(self._names)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._names)


STEPS: Plugs[Step] = Plugs(
    "steps",
    "unit-test",
    "version-check",
    "container-build",
    "deploy",
    "integration-test",
    "notify-owners",
    "retire-check",
    "shift-traffic",
)
TARGETS: Plugs[Target] = Plugs("targets", "process", "command", "compose", "kubernetes", "ecs")
BALANCERS: Plugs[Balancer] = Plugs("balancers", "haproxy", "nginx", "kubernetes")
BUILDERS: Plugs[Builder] = Plugs("builders", "docker", "podman", "buildah")
PROBES: Plugs[Probe] = Plugs(
    "probes",
    "http",
    "git",
    "dictionary",
    "compose",
    "docker",
    "kubernetes",
    "image",
    "consul",
    "eureka",
)
CHANNELS: Plugs[Channel] = Plugs("channels", "file", "slack", "email", "slack-webhook", "webhook")
# In the order in which they are asked whether they are here; local always is.
HOSTS: Plugs[Host] = Plugs("hosts", "github_actions", "gitlab", "jenkins", "local")
# In the order in which they are asked whether they recognise a file.
CONTRACTS: Plugs[ContractFormat] = Plugs(
    "contracts", "asyncapi", "protobuf", "graphql", "thrift", "openapi", "avro", "jsonschema"
)
USAGES: Plugs[UsageSource] = Plugs("usages", "prometheus", "haproxy", "access_log", "command")
FRONTS: Plugs[Front] = Plugs("fronts", "process", "nginx", "haproxy", "command")
