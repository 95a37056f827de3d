"""Gives a service of ECS its tasks: ``ecs_count REGION CLUSTER NAME COUNT``.

The guardian of a test runs it. What is empty is what boto3 finds by itself.
"""

from __future__ import annotations

import sys

from ci_steps.errors import CiStepsError
from ci_steps.outside.aws import AwsApi, Clients


def main(region: str, cluster: str, name: str, count: str) -> str:
    """Return why ECS does not take it, or nothing."""
    where = {"cluster": cluster} if cluster else {}
    told = {**where, "service": name, "desiredCount": int(count)}
    try:
        Clients().call(AwsApi("ecs", region), "update_service", told)
    except CiStepsError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) or 0)
