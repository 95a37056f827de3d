"""The published form of a report, as JSON Schema."""

from __future__ import annotations

from typing import Any

from ci_steps.model import Status, Verdict

_TEXT: dict[str, Any] = {"type": "string"}
_NUMBER: dict[str, Any] = {"type": "number", "minimum": 0}
_FLAG: dict[str, Any] = {"type": "boolean"}
_VERDICT: dict[str, Any] = {"enum": [one.value for one in Verdict]}
_STATUS: dict[str, Any] = {"enum": [one.value for one in Status]}


def report_schema() -> dict[str, Any]:
    """Return the schema of `.ci-steps/report.json` and of what ``--json`` of a run answers."""
    return _object(
        schema={"const": "ci-steps/report/1"},
        service=_TEXT,
        version=_TEXT,
        commit=_TEXT,
        passed=_FLAG,
        status=_STATUS,
        last_line=_TEXT,
        seconds=_NUMBER,
        job=_object(url=_TEXT, branch=_TEXT, by=_TEXT),
        steps=_list(_step()),
    )


def _step() -> dict[str, Any]:
    return _object(
        step=_TEXT,
        environment=_TEXT,
        status=_STATUS,
        summary=_TEXT,
        began_at=_TEXT,
        seconds=_NUMBER,
        hint=_TEXT,
        warnings=_list(_TEXT),
        outputs={"type": "object", "additionalProperties": _TEXT},
        outputs_file=_TEXT,
        facts=_facts(),
        tables=_list(
            _object(
                title=_TEXT,
                rows=_list({"type": "object", "additionalProperties": _TEXT}),
            )
        ),
    )


def _facts() -> dict[str, Any]:
    """Return the form of what steps found; one of another package may have facts of its own."""
    known = {
        "bump": _object(version=_TEXT, after=_TEXT, bump=_TEXT, breaking=_FLAG, text=_TEXT),
        "changes": _list(_change()),
        "dependencies": _list(_dependency()),
        "image": _object(reference=_TEXT, digest=_TEXT, engine=_TEXT, reused=_FLAG, pushed=_FLAG),
        "gates": _list(
            _object(
                gate=_TEXT,
                open={"enum": ["yes", "no", "overridden"]},
                because=_TEXT,
                override_reason=_TEXT,
            )
        ),
        "verdict": _verdict(),
        "deployment": _deployment(),
        "runs_on": _object(version=_TEXT, environment=_TEXT, slot=_TEXT, address=_TEXT),
        "database": _object(since=_TEXT, note=_TEXT, source=_TEXT),
        "obligations": _obligations(),
        "notices": _list(
            _object(who=_TEXT, state={"enum": ["sent", "waiting", "undelivered"]}),
        ),
        "approval": _object(by=_TEXT, reason=_TEXT),
        "cuts": _list(
            _object(
                dependency=_TEXT, how={"enum": ["stop", "refuse", "slow"]}, passed=_FLAG, text=_TEXT
            )
        ),
        "stands": _object(at=_TEXT, by=_TEXT, reason=_TEXT, url=_TEXT),
    }
    return {"type": "object", "properties": known}


def _change() -> dict[str, Any]:
    place = {"anyOf": [_object(file=_TEXT, line={"type": "integer"}), {"type": "null"}]}
    levels = {"enum": ["breaking", "warning", "compatible"]}
    return _object(level=levels, rule=_TEXT, subject=_TEXT, text=_TEXT, old=place, new=place)


def _dependency() -> dict[str, Any]:
    found = _object(where=_TEXT, version=_TEXT, problem=_TEXT)
    return _object(required=_TEXT, found=_list(found), verdict=_VERDICT, reason=_TEXT)


def _verdict() -> dict[str, Any]:
    return _object(
        verdict=_VERDICT,
        reason=_TEXT,
        text=_TEXT,
        environment=_TEXT,
        candidates=_list(
            _object(service=_TEXT, version=_TEXT, slot=_TEXT, replaces=_TEXT, beside=_list(_TEXT))
        ),
        edges=_list(
            _object(
                dependent=_TEXT,
                dependent_version=_TEXT,
                provider=_TEXT,
                required=_TEXT,
                found=_list(_TEXT),
                verdict={"enum": [*_VERDICT["enum"], None]},
                reason=_TEXT,
                text=_TEXT,
            )
        ),
        ways_out=_list(_TEXT),
        order=_list(_TEXT),
        obstacle=_TEXT,
    )


def _deployment() -> dict[str, Any]:
    return _object(
        service=_TEXT,
        version=_TEXT,
        environment=_TEXT,
        slot=_TEXT,
        address=_TEXT,
        image=_TEXT,
        digest=_TEXT,
        replaces=_TEXT,
        beside=_list(_TEXT),
    )


def _obligations() -> dict[str, Any]:
    return _object(
        to=_TEXT,
        due=_TEXT,
        services=_list(_object(service=_TEXT, needs=_TEXT, to=_TEXT, due=_TEXT, owner=_TEXT)),
        unreachable=_list(_TEXT),
    )


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}
