"""How a contact is reached: the facts of a message, and what became of one try to send it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

from ci_steps.comparisons.changes import Change
from ci_steps.endings import Window
from ci_steps.model import (
    Obligation,
    Owner,
)

if TYPE_CHECKING:
    from ci_steps.outside import Outside


class Outcome(Enum):
    """What became of one try to send."""

    SENT = "sent"
    NOT_TAKEN = "not taken"  # surely not carried out: trying again is safe
    UNKNOWN = "unknown"  # the answer was lost: it may have been carried out
    CONFIGURATION = "configuration"  # wrong token, certificate, password
    RECIPIENT = "recipient"  # this address cannot be reached
    PAYLOAD = "payload"  # this message is not accepted


@dataclass(frozen=True)
class Delivery:
    """The outcome of one try, with the receiver's own words and a receipt when it has one.

    `permalink` is where people see the message, and `editable` whether it can be changed.
    """

    outcome: Outcome
    text: str = ""
    receipt: str = ""
    retry_after_seconds: int = 0
    permalink: str = ""
    editable: bool = False


@dataclass(frozen=True)
class Broken:
    """A change that breaks what one dependent does; `used_at` is where it says that it does."""

    change: Change
    used_at: str = ""


@dataclass(frozen=True)
class Touched:
    """What a release is to one dependent whose use of the provider is known."""

    breaks: tuple[Broken, ...] = ()
    untouched: int = 0


@dataclass(frozen=True)
class Deprecation:
    """That a line will end, as it is decided now; without `retire_on` no day was named.

    `seen_calling` are services that were seen calling it and do not declare that they need it.
    """

    line: str
    retire_on: date | None = None
    reason: str = ""
    amended: str = ""
    successors: tuple[str, ...] = ()
    windows: tuple[Window, ...] = ()
    seen_calling: tuple[str, ...] = ()


@dataclass(frozen=True)
class Message:
    """What one contact is told about one event: facts, not yet words.

    `key` is the same for every try of the same message. `stage` is why it is told now
    (``announced``, ``t-7``, ``overdue+7``), `role` as what the contact is told: ``owner``,
    ``lead`` or ``provider``. `reply_to` are e-mail addresses of the provider's owners. `due` is
    a day, `on` is today where the contact is; `at` is when the version reached the environment.

    `obligations` are what it is about, `moved` those that are fulfilled already, `gone` the names
    of those of them that run no more, and `announced` the names the announcement had.
    `changes` are what callers notice, the worst first, and None where nothing was compared;
    `touched` has, by dependent, which of them matter to it, and nothing where that is not known.

    `ended` is why the whole event is over, ``withdrawn`` or ``superseded``, and nothing before.

    `next_on` is the day of the next reminder, and `next_to` who is told as well when it is overdue.

    A digest has a message in `parts` for each event. `meant_for` is set where another address
    was meant. One about the end of a line has a `deprecation`.

    `root_key` is the key of the announcement that this message follows, and `root` the receipt
    of that: in its thread it belongs, or at the stage ``state`` in its place.

    `overridden` has a line for each gate that was passed on purpose. A release that
    `is_irreversible` changes its database for good, and is not rolled back.
    """

    key: str
    stage: str
    provider: str
    provider_owner: Owner | None
    version: str
    to: str
    environment: str
    at: datetime
    due: date
    contact_owner: Owner
    obligations: tuple[Obligation, ...]
    url: str = ""
    reply_to: tuple[str, ...] = ()
    changes: tuple[Change, ...] | None = None
    touched: Mapping[str, Touched] = field(default_factory=dict)
    on: date | None = None
    role: str = "owner"
    after_due: str = ""
    links: tuple[tuple[str, str], ...] = ()
    before: str = ""
    next_on: date | None = None
    next_to: str = ""
    moved: tuple[Obligation, ...] = ()
    gone: frozenset[str] = frozenset()
    announced: tuple[str, ...] = ()
    replaces: str = ""
    ended: str = ""
    tests: tuple[str, ...] = ()
    text: str = ""
    parts: tuple[Message, ...] = ()
    meant_for: str = ""
    ack_url: str = ""
    overridden: tuple[str, ...] = ()
    is_irreversible: bool = False
    root_key: str = ""
    root: str = ""
    deprecation: Deprecation | None = None


class Channel(Protocol):
    """How a contact is reached: ``channels/file.py``, ``slack.py``, ``email.py``.

    A channel may have more (`ci_steps.notices.sending.abilities` asks for it):
    ``find(payload, address, since, options, outside)`` looks whether a message whose answer was
    lost is there; ``marked(payload)`` is a message that says it may come twice;
    ``plain(message, address, options)`` a short one for a receiver that did not accept it;
    ``workspace(options)`` what a pause that is asked for concerns; ``secrets(options)`` the
    variables without which nothing can be sent; ``trouble(options, outside)`` why the receiver
    would take nothing of ours, asked without sending anything; ``find_seen(receipt, options,
    outside)`` looks whether somebody has looked at a message; ``ADDRESS_IS_SECRET`` is true where
    contacts are names of variables with addresses.
    """

    @property
    def Options(self) -> type[Any]:  # noqa: N802
        """What ci-steps.yaml may say under the channel's name."""

    def payload(self, message: Message, address: str, options: Any) -> bytes:
        """Return the very bytes that are sent; made once and kept, also for later tries."""

    def send(self, payload: bytes, address: str, options: Any, outside: Outside) -> Delivery:
        """Try once; every outcome is an answer, nothing is raised."""
