"""Where each value came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from ci_steps.config.document import KeyPath, written_path
from ci_steps.config.settings import RetirementSettings, Settings
from ci_steps.model import Table
from ci_steps.options import options_of
from ci_steps.outside.databases.addresses import shown

if TYPE_CHECKING:
    from ci_steps.config.layers import Layers
    from ci_steps.config.plan import Plan, PlannedEnvironment, Plugged

DEFAULT = "default"

# Shown as what they came to, or by their parts.
_APART = (
    *("steps", "environments", "probes", "notify", "retirement"),
    *("dictionary", "version", "pipeline"),
)


class Explained(NamedTuple):
    """One value: its key, what it is, and where it came from."""

    key: str
    value: Any
    origin: str


def explained(layers: Layers, plan: Plan) -> tuple[Explained, ...]:
    """Return everything that is configured or has a default."""
    return tuple(
        Explained(written_path(path), _plain(value), _origin(layers, path, plan))
        for path, value in _values(layers, plan)
    )


def explained_table(rows: tuple[Explained, ...]) -> Table:
    """Return it for people."""
    return Table(
        ("key", "value", "from"), tuple((row.key, _written(row.value), row.origin) for row in rows)
    )


def _values(layers: Layers, plan: Plan) -> Iterator[tuple[KeyPath, Any]]:
    yield ("version",), str(plan.version)
    yield ("commit",), plan.commit
    for option in options_of(Settings):
        if option.key not in _APART:
            yield (option.key,), layers.content.get(option.key, option.default)
    yield ("dictionary",), shown(plan.dictionary)
    yield ("pipeline",), tuple(step.title for step in plan.steps)
    for family, named in (("steps", plan.options), ("formats", plan.formats)):
        for name, options in named.items():
            yield from _options((family, name), options)
    for planned in plan.environments.values():
        yield from _environment(planned)
    for provider, probes in plan.probes.items():
        yield from _plugged(("probes", provider), probes)
    yield from _notify(plan)


def _notify(plan: Plan) -> Iterator[tuple[KeyPath, Any]]:
    for path, value in _options(("notify",), plan.notify):
        if path != ("notify", "channels"):
            yield path, value
    yield from _plugged(("notify", "channels"), plan.channels)
    yield from _retirement(plan)


def _retirement(plan: Plan) -> Iterator[tuple[KeyPath, Any]]:
    for option in options_of(RetirementSettings):
        if option.key not in ("usage", "front"):
            yield ("retirement", option.key), getattr(plan.retirement, option.key)
    yield from _plugged(("retirement", "usage"), plan.usages)
    yield from _plugged(("retirement", "front"), plan.fronts)


def _environment(planned: PlannedEnvironment) -> Iterator[tuple[KeyPath, Any]]:
    path: KeyPath = ("environments", planned.environment.name)
    yield (*path, "production"), planned.environment.production
    yield (*path, "after"), planned.after
    yield (*path, "approval"), planned.approval
    yield from _options((*path, "target", planned.target.name), planned.target.options)
    if planned.balancer:
        yield from _plugged((*path, "traffic"), (planned.balancer,))


def _plugged(path: KeyPath, plugs: Iterable[Plugged]) -> Iterator[tuple[KeyPath, Any]]:
    for plug in plugs:
        yield from _options((*path, plug.name), plug.options)


def _options(path: KeyPath, options: Any) -> Iterator[tuple[KeyPath, Any]]:
    for option in options_of(type(options)):
        yield (*path, option.key), getattr(options, option.key)


def _origin(layers: Layers, path: KeyPath, plan: Plan) -> str:
    origin = str(layers.origins.get(path, ""))
    if path == ("version",) and plan.version_origin != origin:
        # The place that is named, and who named it.
        return f"{plan.version_origin} ({origin})" if origin else plan.version_origin
    return origin or DEFAULT


def _plain(value: Any) -> Any:
    """Return *value* as JSON has it."""
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return value


def _written(value: Any) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_written(inner)}" for key, inner in value.items()) + "}"
    return str(value)
