"""Values beside a body: parameters and headers, which may be needed and have a schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ci_steps.schema_rules.schema import Schema

if TYPE_CHECKING:
    from ci_steps.openapi_rules.description import Header, Parameter
    from ci_steps.schema_rules.comparison import Comparison
    from ci_steps.schema_rules.spots import Spot


def compare_values(
    rule: str,
    old: Parameter | Header,
    new: Parameter | Header,
    spot: Spot,
    walk: Comparison,
    *,
    is_text: bool = True,
) -> None:
    """Compare whether a value is needed (`RULE-became-required`), and what it may be."""
    if old.is_required != new.is_required:
        here = spot._replace(old=old.node, new=new.node)
        became = "required" if new.is_required else "optional"
        required = old.node.get("required"), new.node.get("required")
        walk.found.add(f"{rule}-became-{became}", here, *required, said=("", ""))
    was, now = (one.schema.written[0] if one.schema else one.node for one in (old, new))
    before, after = (one.schema or Schema(()) for one in (old, new))
    walk.compare(before, after, spot._replace(old=was, new=now, is_text=is_text))
