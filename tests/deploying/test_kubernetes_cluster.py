from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ci_steps.deploying.kubernetes_cluster import Cluster
from ci_steps.outside import Outside

if TYPE_CHECKING:
    from pathlib import Path


def event(second: int, message: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "Warning",
        "reason": "Failed",
        "message": message,
        "involvedObject": {"name": "auth-5d9c"},
        "lastTimestamp": f"2026-11-20T10:00:{second:02}Z",
        **more,
    }


def test_the_last_warnings_are_those_of_the_latest_moments_however_they_are_listed(
    tmp_path: Path,
) -> None:
    listed = [
        event(59, "no such image"),
        *(event(second, f"not scheduled, {second}") for second in range(10, 30)),
        event(58, "pulled", type="Normal"),
        event(57, "of somebody else", involvedObject={"name": "gis-1"}),
        event(
            0, "the newest kind of event", lastTimestamp=None, eventTime="2026-11-20T10:01:00.5Z"
        ),
        event(5, "no such image"),
    ]
    answer, program = tmp_path / "events.json", tmp_path / "kubectl"
    answer.write_text(json.dumps({"items": listed}))
    program.write_text(f"#!/bin/sh\necho 'Warning: v1 Event is old' >&2\ncat {answer}\n")
    program.chmod(0o755)

    found = Cluster((str(program),), "", Outside()).warnings("auth")

    assert found[-3:] == [
        "Failed: not scheduled, 29",
        "Failed: no such image",
        "Failed: the newest kind of event",
    ]
    assert len(found) == len(set(found)) == 6
