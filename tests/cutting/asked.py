"""A job that cuts auth, which runs in a world of its own."""

from __future__ import annotations

import json
import sys
import urllib.request
from typing import TYPE_CHECKING, Any

from ci_steps.cutting.cut import Cut
from ci_steps.cutting.ways import cut_off
from ci_steps.model import Deployment, Environment
from ci_steps.outside import Outside
from ci_steps.versions import parse_version
from tests.fakes import AT, job_of
from tests.parts.dictionaries import dictionary_at, release

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_steps.dictionary.store import Dictionary
    from ci_steps.protocols import Job

STAGING = Environment("staging")


def job_that_cuts(dictionary: Dictionary, environ: Mapping[str, str], address: str) -> Job:
    """Return a job in whose staging auth 1.0 is live at an address."""
    if address:
        live = Deployment("auth", parse_version("1.0"), "c1", "staging", "1", AT, address)
        dictionary.record_deployment(release("auth 1.0"), live, production=False)
    return job_of(dictionary, environment=STAGING, outside=Outside(environ))


def answer(address: str, timeout: float = 10) -> str:
    """Return the version that answers; OSError if none does in time."""
    with urllib.request.urlopen(f"{address}/version", timeout=timeout) as found:
        return str(json.loads(found.read())["version"])


def main(told: str) -> None:
    """Cut as told, say so, and stay in it until this process is killed."""
    environ, address, how = json.loads(told)
    with dictionary_at() as dictionary:
        job = job_that_cuts(dictionary, environ, address)
        with cut_off(job, Cut(dependency="auth", **how)):
            print("cut", flush=True)
            sys.stdin.read()


def told(environ: Mapping[str, str], address: str, **how: Any) -> str:
    """Return what `main` is to be told."""
    return json.dumps([dict(environ), address, how])


if __name__ == "__main__":
    main(sys.argv[1])
