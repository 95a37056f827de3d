"""One job's round through the outbox: claim, look, try, keep what came of it, say it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from ci_steps.dictionary.tables import outbox
from ci_steps.notices.facts import line
from ci_steps.notices.sending import abilities, outcomes, pauses
from ci_steps.notices.sending.claims import Channels, Claim, give_up_lost, rows
from ci_steps.notices.sending.rerouting import Ways, reroute, take_over
from ci_steps.notices.states import OPEN, UNKNOWN, WAITING
from ci_steps.notices.telling import told
from ci_steps.protocols import Delivery, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from ci_steps.dictionary.transactions import Transactions
    from ci_steps.outside import Outside

_MOST_LINES = 50
_LOOKED_UP = "it may have arrived: it is looked up before it is sent again"


def is_anything_open(dictionary: Transactions) -> bool:
    """Return whether somebody has not been told yet."""
    with dictionary.reading() as connection:
        found = connection.execute(select(outbox.c.id).where(outbox.c.state.in_(OPEN)).limit(1))
        return found.first() is not None


@dataclass
class Round:
    """What one job sends. A channel that is not set up right is left alone for the rest of it."""

    dictionary: Transactions
    channels: dict[str, Any]
    outside: Outside
    deadline: float
    catch_all: str = ""
    delivered: list[str] = field(default_factory=list)
    undelivered: list[str] = field(default_factory=list)
    is_asked_to_pause: bool = False

    def has_time(self) -> bool:
        """Return whether there is time for one more."""
        return self.outside.seconds() < self.deadline

    def usable(self, connection: Connection) -> Channels:
        """Return the channels that are set up right and have not asked for a pause."""
        resting = pauses.resting(connection, self._workspaces(), self.outside.now())
        return {name: plug for name, plug in self.channels.items() if name not in resting}

    def give_up_lost(self) -> None:
        """Let be looked up what jobs that are gone have left behind."""
        now = self.outside.now()
        self.dictionary.write(lambda connection: give_up_lost(connection, now))

    def carry_out(self, claimed: Claim) -> None:
        """Send what was claimed, unless it is seen to be there already."""
        payload: bytes | None = claimed.payload
        unseen = ""
        if claimed.is_unknown:
            found = self._find(claimed)
            if found is not None and found.outcome is not Outcome.CONFIGURATION:
                return self._found(claimed, found)
            if found is not None:
                unseen, payload = found.text, self._blindly(claimed)
        if payload is not None:
            self._keep(claimed, self._try(claimed, payload), unseen=unseen)
        return None

    def pause(self) -> bool:
        """Wait as a receiver has asked, if that is over in time; return whether it was."""
        if not self.is_asked_to_pause:
            return False
        self.is_asked_to_pause = False
        now = self.outside.now()
        soonest = self._soonest(now)
        if soonest is None:
            return False
        seconds = max(0.0, (soonest - now).total_seconds())
        if self.outside.seconds() + seconds >= self.deadline:
            return False
        self.outside.pause(seconds)
        return True

    def waiting(self, channels: Channels) -> tuple[str, ...]:
        """Return a line for each message that is not sent yet, and why."""
        said: list[str] = []
        now = self.outside.now()
        with self.dictionary.reading() as connection:
            resting = pauses.resting(connection, self._workspaces(channels), now)
            found = connection.execute(rows().where(outbox.c.state.in_(WAITING))).all()
            for row in found[:_MOST_LINES]:
                message = told(connection, row)
                if message is not None:
                    until = max(row.not_before, resting.get(row.channel, row.not_before))
                    why = _why_waiting(row, channels, until, now)
                    said.append("; ".join([line(message, row.channel, row.address), *why]))
        if len(found) > _MOST_LINES:
            said.append(f"… and {len(found) - _MOST_LINES} more")
        return tuple(said)

    def _find(self, claimed: Claim) -> Delivery | None:
        channel, options = self._hurried(claimed)
        try:
            return abilities.find(
                channel, claimed.payload, claimed.address, claimed.since, options, self.outside
            )
        except Exception as error:  # a stranger's plug; its words may hold what is secret
            self.outside.note_error(error)
            return Delivery(Outcome.NOT_TAKEN, f"{claimed.channel}: {type(error).__name__}")

    def _found(self, claimed: Claim, found: Delivery) -> None:
        """Keep the receipt, or that it must be looked up later."""
        if found.outcome is Outcome.SENT:
            return self._keep(claimed, found)
        now = self.outside.now()

        def keep(connection: Connection) -> None:
            outcomes.put_off(connection, claimed, found, now)
            self._rest(connection, claimed.channel, found, now)

        self.dictionary.write(keep)
        return None

    def _blindly(self, claimed: Claim) -> bytes | None:
        """Return what is sent although it may have arrived, or None if it is not."""
        now = self.outside.now()
        if self.dictionary.write(lambda to: outcomes.may_repeat(to, claimed, now)):
            return abilities.marked(self.channels[claimed.channel][0], claimed.payload)
        self.undelivered.append(f"{claimed.line}: {_cannot_be_known(claimed)}")
        return None

    def _try(self, claimed: Claim, payload: bytes) -> Delivery:
        channel, options = self._hurried(claimed)
        try:
            delivery: Delivery = channel.send(payload, claimed.address, options, self.outside)
        except Exception as error:  # a stranger's plug; its words may hold what is secret
            self.outside.note_error(error)
            return Delivery(Outcome.UNKNOWN, f"{claimed.channel}: {type(error).__name__}")
        # A receiver may repeat what it was told, and a stranger's plug does not look.
        return replace(delivery, text=self.outside.hidden(delivery.text))

    def _keep(self, claimed: Claim, delivery: Delivery, *, unseen: str = "") -> None:
        now = self.outside.now()
        if unseen and delivery.outcome is Outcome.SENT:
            delivery = replace(delivery, text=f"{outcomes.AGAIN}: {unseen}")

        def keep(connection: Connection) -> tuple[str, ...]:
            outcomes.record(connection, claimed, delivery, now)
            self._rest(connection, claimed.channel, delivery, now)
            return self._reroute(connection, claimed, delivery, now)

        instead = self.dictionary.write(keep)
        self._say(claimed, delivery, instead)

    def _rest(
        self, connection: Connection, channel: str, delivery: Delivery, now: datetime
    ) -> None:
        """Keep what the answer says about the receiver as such, for every job."""
        workspace = dict(self._workspaces()).get(channel, "")
        if delivery.outcome is Outcome.SENT:
            pauses.well(connection, channel, workspace)
        if delivery.retry_after_seconds:
            until = now + outcomes.seconds(delivery.retry_after_seconds)
            pauses.rest(connection, channel, workspace, delivery.text, until=until, now=now)
            self.is_asked_to_pause = True

    def _reroute(
        self, connection: Connection, claimed: Claim, delivery: Delivery, now: datetime
    ) -> tuple[str, ...]:
        """Let others be told where this contact or this channel is of no use."""
        name = claimed.channel
        ways = Ways(set(self.channels) - {name}, self.catch_all)
        if delivery.outcome is Outcome.CONFIGURATION:
            workspace = dict(self._workspaces())[name]
            since = pauses.trouble(connection, name, workspace, delivery.text, now)
            return take_over(connection, name, since, ways, now)
        if outcomes.is_over(connection, claimed.id):
            return (reroute(connection, claimed.id, ways, now),)
        return ()

    def _say(self, claimed: Claim, delivery: Delivery, instead: tuple[str, ...]) -> None:
        if delivery.outcome is Outcome.SENT:
            self.delivered.append(claimed.line)
        elif delivery.outcome is Outcome.CONFIGURATION:
            self.channels.pop(claimed.channel, None)
            self.undelivered.append(f"{claimed.channel}: {delivery.text}; its messages wait")
        elif delivery.outcome in (Outcome.RECIPIENT, Outcome.PAYLOAD) and any(instead):
            self.undelivered.append(f"{claimed.line}: {delivery.text}; {instead[0]}")

    def _hurried(self, claimed: Claim) -> tuple[Any, Any]:
        channel, options = self.channels[claimed.channel]
        left = self.deadline - self.outside.seconds()
        return channel, abilities.hurried(channel, options, left)

    def _workspaces(self, channels: Channels | None = None) -> tuple[tuple[str, str], ...]:
        plugs = self.channels if channels is None else channels
        return tuple((name, abilities.workspace(*plug)) for name, plug in plugs.items())

    def _soonest(self, now: datetime) -> datetime | None:
        """Return when something may be sent again."""
        of_each = (
            select(outbox.c.channel, func.min(outbox.c.not_before).label("due"))
            .where(outbox.c.state.in_(WAITING), outbox.c.channel.in_(sorted(self.channels)))
            .group_by(outbox.c.channel)
        )
        with self.dictionary.reading() as connection:
            resting = pauses.resting(connection, self._workspaces(), now)
            found = connection.execute(of_each).all()
        return min((max(row.due, resting.get(row.channel, row.due)) for row in found), default=None)


def _why_waiting(
    row: Row[Any], channels: Channels, until: datetime, now: datetime
) -> Iterator[str]:
    if row.channel not in channels:
        yield f"this job has no channel {row.channel}"
        return
    if row.error:
        yield row.error
    if row.state == UNKNOWN:
        yield _LOOKED_UP
    if until > now:
        yield f"next try after {until:%Y-%m-%d %H:%M} UTC"


def _cannot_be_known(claimed: Claim) -> str:
    return f"nobody can look whether it arrived by {claimed.channel}, and it is not sent again"
