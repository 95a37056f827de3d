"""Rounds of jobs that are killed, until everybody has been told or nobody can know."""

from __future__ import annotations

import logging
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from chaos.faults import Faults
from chaos.findings import Findings, findings
from ci_steps.dictionary.store import Dictionary
from ci_steps.dictionary.tables import outbox
from ci_steps.notices.states import OPEN
from ci_steps.outside.databases.opening import open_database
from tests.parts.dictionaries import NOON, ship
from tests.parts.notices import announce, owns
from tests.parts.slack import slack
from tests.parts.smtp import authority, mail_server

if TYPE_CHECKING:
    from collections.abc import Callable

_ROOT = Path(__file__).parents[2]
_JOBS_AT_ONCE = 3
_MOST_ROUNDS = 100
# Longer than every lease, and than the longest pause between two tries.
_BETWEEN_ROUNDS_SECONDS = 2 * 3600


@dataclass(frozen=True)
class Size:
    """How large a storm is. Every third owner is reminded too, in the thread."""

    owners: int
    kills: int
    # A job is killed after a time up to this.
    longest_life_seconds: float = 2.5

    @property
    def messages(self) -> int:
        """How many messages are sent."""
        return 2 * self.owners + 2 * (self.owners // 3)


def storm(
    url: str, size: Size, seed: int, say: Callable[[str], None] = lambda text: None
) -> Findings:
    """Send the messages of *size* through a storm, and return what came of it."""
    # The server of the tests warns of its own old names, once a mail.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    faults, chance = Faults(seed), random.Random(seed)
    began = time.monotonic()
    with Dictionary.open(open_database(url)) as dictionary:
        fill(dictionary, size.owners)
        clock = _Clock()
        with (
            tempfile.TemporaryDirectory() as folder,
            slack() as posts,
            mail_server(tls=(trusted := authority(Path(folder))).context, login=True) as mails,
        ):
            posts.names |= {channel(number) for number in range(size.owners)}
            posts.clock, posts.fault, mails.fault = clock, faults.of_slack, faults.of_mail
            where = (url, posts.url, str(mails.port), str(trusted.ca_file))
            kills = rounds = 0
            while rounds < _MOST_ROUNDS and (left := open_messages(dictionary)):
                say(f"round {rounds + 1}: {left} open, {kills} killed")
                kills += _round(where, clock, chance, size, size.kills - kills)
                rounds += 1
                clock.later_seconds += _BETWEEN_ROUNDS_SECONDS
        seconds = time.monotonic() - began
        return findings(dictionary, posts, mails, faults, (rounds, kills, seconds))


def fill(dictionary: Dictionary, owners: int) -> None:
    """Let owners with a service each, a channel and a mailbox hear of auth 2."""
    with dictionary.writing():
        for number in range(owners):
            name = f"team-{number}"
            mailbox = f"email {name}@shop.example"
            owns(dictionary, name, [f"s{number}"], f"slack {channel(number)}", mailbox)
            ship(dictionary, f"s{number} 1.0", "auth-1")
        announce(dictionary, channels=("slack", "email"))
        with dictionary.writing() as connection:
            of_some = select(outbox).where(outbox.c.owner_id % 3 == 0).order_by(outbox.c.id)
            rows = [
                {
                    "event_id": row.event_id,
                    "owner_id": row.owner_id,
                    "channel": row.channel,
                    "address": row.address,
                    "stage": "due",
                    "created_at": NOON,
                    "not_before": NOON,
                }
                for row in connection.execute(of_some).all()
            ]
            connection.execute(insert(outbox), rows)


def channel(number: int) -> str:
    """Return a channel of Slack, every tenth one by its name, as people write it."""
    return f"C0TEAM{number:04}" if number % 10 else f"#team-{number}"


def open_messages(dictionary: Dictionary) -> int:
    """Return how many may still be sent."""
    counted = select(func.count()).select_from(outbox).where(outbox.c.state.in_(OPEN))
    with dictionary.reading() as connection:
        return connection.scalar(counted) or 0


@dataclass
class _Clock:
    """What time it is for the jobs, and for Slack."""

    later_seconds: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.later_seconds


def _round(
    where: tuple[str, ...], clock: _Clock, chance: random.Random, size: Size, most: int
) -> int:
    """Run jobs side by side, kill them and start others; return how many were killed."""
    alive = [_start(where, clock) for _ in range(_JOBS_AT_ONCE)]
    # Few enough for several rounds, many enough that all are killed in the end.
    doomed = min(most, max(2, size.kills // 4))
    killed = 0
    while killed < doomed and all(job.poll() is None for job in alive):
        threading.Event().wait(chance.uniform(0.4, size.longest_life_seconds))
        victim = alive.pop(chance.randrange(len(alive)))
        if victim.poll() is None:
            os.kill(victim.pid, signal.SIGKILL)
            killed += 1
        victim.wait()
        alive.append(_start(where, clock))
    for job in alive:
        if job.wait():
            raise RuntimeError(f"a job ended with status {job.returncode}")
    return killed


def _start(where: tuple[str, ...], clock: _Clock) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "chaos.job", *where, str(clock.later_seconds)],
        env={**os.environ, "PYTHONPATH": f"{_ROOT / 'bench'}{os.pathsep}{_ROOT}"},
    )
