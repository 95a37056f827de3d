"""The published form of a change log, as JSON Schema."""

from __future__ import annotations

from typing import Any

from ci_steps.changelog.document import BUMPS, SCHEMA, ChangeLog
from ci_steps.changelog.form_schema import schema_of


def changelog_schema() -> dict[str, Any]:
    """Return the schema of `changelog.json`."""
    schema = schema_of(ChangeLog)
    schema["properties"]["schema"] = {"const": SCHEMA}
    release = schema["properties"]["history"]["items"]["properties"]
    release["bump"] = {"enum": list(BUMPS), "description": release["bump"]["description"]}
    return schema
