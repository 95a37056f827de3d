"""Of two jobs that deploy one service to one environment at once, one is refused."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ci_steps.dictionary.deploying import only_job
from ci_steps.errors import RefusedError
from ci_steps.outside.databases.opening import open_database


def test_jobs_on_two_machines_are_kept_apart_by_the_server_they_share(shared_url: str) -> None:
    one, other = open_database(shared_url), open_database(shared_url)
    with only_job(one, "auth", "production"):
        refused = pytest.raises(RefusedError, match="another job deploys auth to production")
        with refused, only_job(other, "auth", "production"):
            pass
        with only_job(other, "auth", "staging"), only_job(other, "gis", "production"):
            pass
    with only_job(other, "auth", "production"):
        pass
    one.dispose()
    other.dispose()


def test_a_job_whose_connection_is_lost_holds_up_nobody(shared_url: str) -> None:
    killed, next_one = open_database(shared_url), open_database(shared_url)
    with only_job(killed, "auth", "production"):
        with next_one.connect() as connection:
            held = "FROM pg_locks WHERE locktype = 'advisory'"
            connection.exec_driver_sql(f"SELECT pg_terminate_backend(pid) {held}")
            # It only asks for the end, which nobody tells us of.
            while connection.exec_driver_sql(f"SELECT count(*) {held}").scalar_one():
                time.sleep(0.01)
        with only_job(next_one, "auth", "production"):
            pass
    killed.dispose()
    next_one.dispose()


def test_a_file_knows_one_machine_only_where_the_targets_see_to_it(tmp_path: Path) -> None:
    engine = open_database(str(tmp_path / "dictionary.db"))
    with only_job(engine, "auth", "production"), only_job(engine, "auth", "production"):
        pass
    engine.dispose()
