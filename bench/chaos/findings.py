"""What came of a storm: who got what, how often, and what nobody can know."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from ci_steps.dictionary.tables import attempt, outbox
from ci_steps.notices.states import SENT
from tests.parts.slack import key_of

if TYPE_CHECKING:
    from chaos.faults import Faults
    from ci_steps.dictionary.store import Dictionary
    from tests.parts.slack import Slack
    from tests.parts.smtp import Mailbox


@dataclass(frozen=True)
class Channel:
    """One channel: `twice` arrived more than once, `lost` never, of what is written as sent.

    `unknown` is what the dictionary says it cannot know: sent again after a lost answer, or
    given up because every answer was lost. `astray` was not sent, or has no receipt.
    """

    messages: int
    arrived: int
    twice: int
    lost: int
    unknown: int
    astray: int


@dataclass(frozen=True)
class Findings:
    """What came of a storm."""

    slack: Channel
    mail: Channel
    rounds: int
    kills: int
    seconds: float
    faults: dict[str, int]

    @property
    def is_good(self) -> bool:
        """Return whether nothing was lost or twice, but for what is written as not known."""
        slack, mail = self.slack, self.mail
        surely = (slack.twice, slack.lost, slack.unknown, slack.astray, mail.lost, mail.astray)
        return not any(surely) and mail.twice <= mail.unknown


def findings(
    dictionary: Dictionary,
    posts: Slack,
    mails: Mailbox,
    faults: Faults,
    run: tuple[int, int, float],
) -> Findings:
    """Compare what is written with what arrived."""
    with dictionary.reading() as connection:
        rows = connection.execute(select(outbox)).all()
        tries = connection.execute(select(attempt.c.outbox_id, attempt.c.outcome)).all()
    lost_answers = Counter(row.outbox_id for row in tries if row.outcome == "unknown")
    posted = Counter(map(key_of, posts.posted))
    delivered = Counter(_key_of_mail(one.content) for one in mails.mails)
    by_slack = [(row, _key_of_post(row.payload)) for row in rows if row.channel == "slack"]
    by_mail = [(row, _key_of_mail(row.payload)) for row in rows if row.channel == "email"]
    receipts = {f"{posts.channel(str(one['channel']))}/{one['_ts']}" for one in posts.posted}
    blind = {row.id for row, _ in by_mail if lost_answers[row.id]}
    return Findings(
        _channel(by_slack, posted, set(), receipts),
        _channel(by_mail, delivered, blind, None),
        run[0],
        run[1],
        run[2],
        dict(sorted(faults.counted.items())),
    )


def _channel(
    rows: list[tuple[Any, str]], arrived: Counter[str], blind: set[int], receipts: set[str] | None
) -> Channel:
    written = [(row, arrived[key]) for row, key in rows]
    marked = {row.id for row, _ in written if row.error and row.state == SENT}
    return Channel(
        messages=len(rows),
        arrived=sum(number > 0 for _, number in written),
        twice=sum(number > 1 for _, number in written),
        lost=sum(number == 0 for row, number in written if row.state == SENT),
        unknown=len(blind | marked),
        astray=sum(
            (row.state != SENT and row.id not in blind)
            or (receipts is not None and row.receipt not in receipts)
            for row, _ in written
        ),
    )


def _key_of_post(payload: bytes) -> str:
    return key_of(json.loads(payload))


def _key_of_mail(content: bytes) -> str:
    return str(message_from_bytes(content, policy=default)["X-CI-Steps-Key"])
