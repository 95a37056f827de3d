"""Messages and a small world of owners for the tests of notices and channels."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from ci_steps.model import Contact, Obligation, Owner, Service
from ci_steps.notices.moving import obligations
from ci_steps.outside import Outside
from ci_steps.protocols import Announced, Message
from tests.parts.dictionaries import NOON, deployed, release

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from ci_steps.dictionary.store import Dictionary

DUE = date(2017, 11, 1)
AT = datetime(2026, 11, 23, 9, 41, 7, tzinfo=timezone.utc)


class Clock(Outside):
    """The real world with a clock that a test sets; a pause only moves it."""

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,
        now: datetime = NOON + timedelta(hours=1),
    ) -> None:
        super().__init__(environ or {})
        self._now = now

    def now(self) -> datetime:
        return self._now

    def seconds(self) -> float:
        return self._now.timestamp()

    def pause(self, seconds: float) -> None:
        self.go_on(seconds=seconds)

    def go_on(self, **how_long: float) -> None:
        """Let time pass."""
        self._now += timedelta(**how_long)


def message(
    *services: str,
    key: str = "ee8d68202a0d07a35660cb5c0c537804",
    requirement: str = "auth-1.1",
    owner: str = "GIS team",
    url: str = "https://ci.shop.example/job/auth/217?a=1&b=2",
) -> Message:
    """Return what the GIS team is told when auth 2.0.0 ships."""
    due = date(2026, 12, 23)
    return Message(
        key=key,
        stage="announced",
        provider="auth",
        provider_owner=Owner(
            "auth-team", "Auth team", (Contact("email", "auth-owners@shop.example"),)
        ),
        version="2.0.0",
        to="auth-2",
        environment="production",
        at=AT,
        due=due,
        contact_owner=Owner("gis-team", owner, (Contact("email", "gis-owners@shop.example"),)),
        obligations=tuple(
            Obligation(name, requirement, "auth", "auth-2", "production", due, "gis-team")
            for name in services or ("gis",)
        ),
        url=url,
        reply_to=("auth-owners@shop.example",),
    )


def owns(dictionary: Dictionary, owner: str, services: Sequence[str], *contacts: str) -> None:
    """Record an owner of services, with contacts such as ``slack #gis-team``."""
    found = tuple(Contact(*contact.split(" ", 1)) for contact in contacts)
    dictionary.record_owner(Owner(owner, owner.replace("-", " "), found))
    for service in services:
        dictionary.record_service(Service(service, owner))


def announce(
    dictionary: Dictionary,
    label: str = "auth 2.0.0",
    channels: Sequence[str] = ("slack", "email", "file"),
    hours: float = 1,
) -> Announced:
    """Deploy a release beside the old one and announce it in the same transaction."""
    shipped = release(label)
    runs = deployed(shipped, hours=hours)

    def also(connection: Connection) -> Announced:
        return obligations.announce(
            connection, runs, due=DUE, at=runs.at, channels=channels, url="https://ci.example/1"
        )

    announced = dictionary.record_deployment(shipped, runs, production=True, also=also)
    assert announced is not None
    return announced


def move(
    dictionary: Dictionary,
    label: str,
    *needs: str,
    hours: float = 2,
    environment: str = "production",
    replaces: tuple[str, ...] = (),
) -> tuple[Obligation, ...]:
    """Deploy a dependent with what it needs now; return what that fulfilled."""
    shipped = release(label, *needs, commit=f"c{hours}")
    runs = deployed(shipped, environment, hours=hours)
    done = dictionary.record_deployment(
        shipped,
        runs,
        production=True,
        replaces=replaces,
        also=lambda connection: obligations.resolve(
            connection, shipped.service, shipped.requirements, environment, runs.at
        ),
    )
    assert done is not None
    return done
