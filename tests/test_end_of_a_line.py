"""Line 1 of the shop's auth from its announcement to 410 Gone, with a clock that a test moves.

Everything else is real: both versions of auth run, a Prometheus has seen who called, mails go to
a mail server and messages to a Slack that answers as its documentation says.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import yaml

from ci_steps.cli import shell
from ci_steps.dictionary.store import Dictionary
from ci_steps.model import Deployment, Environment, Release
from ci_steps.options import Command
from ci_steps.outside import Outside
from ci_steps.protocols import Build, Place
from ci_steps.targets import process
from ci_steps.versions import parse_requirement, parse_version
from tests.fakes import Shown
from tests.parts import services
from tests.parts.commands import Ended, typed
from tests.parts.dictionaries import dictionary_at
from tests.parts.fronts import called
from tests.parts.prometheus import History, prometheus
from tests.parts.slack import TOKEN, Slack, slack
from tests.parts.smtp import Mail, Mailbox, mail_server

SHOP = Path(__file__).parent.parent / "examples" / "shop"
DAY = timedelta(days=1)
# At noon, so that mornings and evenings of the machine do not matter.
NOW = datetime.now(timezone.utc).replace(hour=12, minute=0, second=0, microsecond=0) - DAY
BEGAN = NOW - 50 * DAY
# gis calls line 1 until it has moved; web never said that it calls it, and stopped before.
GIS_MOVED, WEB_STOPPED, ENDS = BEGAN + 17 * DAY, BEGAN + 10 * DAY, (BEGAN + 35 * DAY).date()


class Moved(Outside):
    """The real world at another time."""

    at = BEGAN

    def now(self) -> datetime:
        return Moved.at


def letter(mail: Mail) -> EmailMessage:
    return message_from_bytes(mail.content, policy=policy.default)


@dataclass
class World:
    """The folder of auth, whose commands are typed, and where owners are told."""

    folder: Path
    dictionary: Dictionary
    capsys: pytest.CaptureFixture[str]
    mails: Mailbox
    slack: Slack
    port: int = 0

    def says(self, *arguments: str) -> Ended:
        return typed(self.capsys, *arguments)

    def decides(self, kind: str, *more: str) -> Ended:
        reason = ("--reason", "v2 has all of it")
        done = self.says("retirement", kind, "auth", "1", *reason, *more)
        assert done.status == 0, done.err
        return done

    def answer(self, line: str = "1") -> str:
        return str(self.says("may-retire", "auth", line, "--json").document["reason"])

    def runs(self, label: str, *needs: str, address: str = "", place: str = "production") -> None:
        service, version = label.split()
        parsed, at = parse_version(version), Moved.at
        required = tuple(map(parse_requirement, needs))
        slot = parsed.line if service == "auth" else "1"
        where = Deployment(service, parsed, f"c-{version}", place, slot, at, address)
        self.dictionary.record_deployment(
            Release(service, parsed, f"c-{version}", required),
            where,
            production=place == "production",
        )

    def deploys(self, version: str, *layers: Path) -> str:
        """Let a version of the shop's auth run in its line's slot, and return its address."""
        root = self.folder.parent / version
        for layer in layers:
            shutil.copytree(layer, root, dirs_exist_ok=True)
        parsed = parse_version(version)
        options = process.Options(command=Command(("python3", "service.py")), drain_seconds=0.2)
        build = Build("auth", parsed, f"c-{version}", root)
        place = Place("production", parsed.line)
        address = process.deploy(build, place, options, Outside(), Shown()).address
        self.runs(f"auth {version}", address=address)
        return address

    def tick(self, days: float = 0) -> list[str]:
        """Let days pass and tick; return who was told of what since, in mail and in Slack."""
        Moved.at += days * DAY
        mailed, posted = len(self.mails.mails), len(self.slack.posted)
        done = self.says("notices", "tick")
        assert done.status == 0, done.err
        letters = [
            message_from_bytes(one.content, policy=policy.default) for one in self.mails.mails
        ]
        told = [f"{one['To']}: {one['X-CI-Steps-Stage']}" for one in letters[mailed:]]
        told += [
            f"{one['channel']}: {one['metadata']['event_payload']['stage']}"
            for one in self.slack.posted[posted:]
        ]
        return sorted(one.partition("@2")[0] if "@2" in one else one for one in told)


def calls() -> History:
    """Return who called auth since a while before it all began."""
    made = History(BEGAN - 32 * DAY, NOW, timedelta(minutes=5))

    def days(until: datetime) -> list[datetime]:
        number = int((until - made.start) / DAY)
        return [made.start + day * DAY for day in range(number + 1)]

    for caller, until in (("gis", GIS_MOVED), ("web/3.2", WEB_STOPPED)):
        labels = {"service": "auth", "version": "1.1.0", "caller": caller}
        made.counter(labels, days(until))
    return made


@pytest.fixture
def world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[World]:
    folder = tmp_path / "auth"
    shutil.copytree(SHOP / "auth", folder)
    state = tmp_path / "s"
    monkeypatch.setenv("CI_STEPS_DICTIONARY", str(tmp_path / "dictionary.db"))
    monkeypatch.setenv("CI_STEPS_STATE", str(state))
    monkeypatch.setenv("SLACK_TOKEN", TOKEN)
    monkeypatch.setenv("USER", "anna")
    monkeypatch.chdir(folder)
    monkeypatch.setattr(shell, "outside_of", lambda console: Moved(mask=console.mask))
    monkeypatch.setattr(Moved, "at", BEGAN)
    with (
        prometheus(calls(), tmp_path) as monitoring,
        mail_server() as mails,
        slack() as posts,
        dictionary_at(str(tmp_path / "dictionary.db")) as dictionary,
    ):
        written = yaml.safe_load((folder / "ci-steps.yaml").read_text())
        written["notify"] = {
            "channels": {
                "email": {
                    "host": "localhost",
                    "port": mails.port,
                    "security": "plain",
                    "sender": "ci-steps@shop.example",
                },
                "slack": {"url": posts.url},
            }
        }
        written["retirement"] = {"usage": {"prometheus": {"url": monitoring}}}
        (folder / "ci-steps.yaml").write_text(yaml.safe_dump(written))
        opened = World(folder, dictionary, capsys, mails, posts)
        try:
            assert opened.says("dictionary", "load", str(SHOP / "world.yaml")).status == 0
            dictionary.record_environment(Environment("production", production=True))
            yield opened
        finally:
            options = process.Options(command=Command(("python3", "service.py")))
            for slot in ("1", "2"):
                process.stop("auth", Place("production", slot), options, Outside())
            services.await_end(state)


def taken_away(world: World) -> Iterator[tuple[Callable[[], Any], Callable[[], Any], str]]:
    """Yield what takes one condition away, what brings it back, and the answer in between."""
    live = world.dictionary.live
    config = world.folder / "ci-steps.yaml"
    before = config.read_text()

    def configure(**more: Any) -> None:
        content = yaml.safe_load(before)
        content["retirement"] |= more
        config.write_text(yaml.safe_dump(content))

    def back() -> None:
        config.write_text(before)

    def ends(service: str, line: str = "") -> None:
        for one in live("production", service):
            if line in ("", one.version.line):
                world.dictionary.end_deployment(one, Moved.at)

    def successor() -> None:
        world.runs("auth 2.0.0", address="http://127.0.0.1:1")

    tomorrow = (Moved.at + DAY).date()
    nowhere = {"prometheus": {"url": "http://127.0.0.1:1"}}
    yield lambda: world.decides("hold"), lambda: world.decides("unhold"), "ON_HOLD"
    yield lambda: world.decides("urgent"), lambda: world.decides("calm"), "URGENT"
    yield lambda: ends("auth", "2"), successor, "NO_SUCCESSOR"
    yield (
        lambda: world.runs("gis 1.0", "auth-1.1"),
        lambda: world.runs("gis 2.0", "auth-2"),
        "NEEDED",
    )
    yield lambda: configure(usage=nowhere), back, "USAGE_UNKNOWN"
    yield lambda: configure(quiet_days=44), back, "CALLED"
    yield (
        lambda: world.runs("mail 1.0", "auth-1", place="staging"),
        lambda: world.runs("mail 1.1", "auth-2", place="staging"),
        "DECLARED",
    )
    yield lambda: configure(policy="manual"), back, "NOT_APPROVED"
    yield (
        lambda: configure(callers_outside=True, notice_days=60),
        back,
        "NOTICE_TOO_SHORT",
    )
    # The last one: a day only ever moves to a later one.
    yield lambda: world.decides("amend", "--on", str(tomorrow)), lambda: None, "DATE_NOT_REACHED"


def git_of(folder: Path) -> None:
    who = ["-c", "user.name=shop", "-c", "user.email=shop@shop.example"]
    for arguments in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "v1"]):
        subprocess.run(["git", *who, *arguments], cwd=folder, check=True)


def check_what_is_left(world: World, old: str) -> None:
    """Assert that callers meet 410 and are counted, owners are told, and nothing comes back."""
    status, headers, body = called(f"{old}/v1/users/web", "old-billing/2")
    assert (status, json.loads(body)["title"]) == (410, "line 1 of auth is gone")
    assert 'rel="successor-version"' in headers["Link"]
    shown = world.says("may-retire", "auth", "1", "--json").document
    assert shown["step"] == "gone"
    assert "old-billing/2" in [one["name"] for one in shown["usage"]["callers"]]
    (refused_one,) = world.says("retirement", "show", "auth", "1", "--json").document["refused"]
    assert (refused_one["name"], refused_one["calls"]) == ("old-billing/2", 1)
    assert "web-owners@shop.example: done" in world.tick()

    git_of(world.folder)
    again = world.says("deploy", "production")
    assert again.status == 1
    assert "auth-1 is retired: nobody calls it" in again.err + again.out
    assert "line 1 of auth is gone in production" in again.err + again.out


@pytest.mark.slow
def test_a_line_ends_on_evidence_and_everybody_knows(world: World) -> None:
    Moved.at = BEGAN - DAY
    old = world.deploys("1.1.0", SHOP / "auth")
    world.deploys("2.0.0", SHOP / "auth", SHOP / "next" / "auth")
    world.runs("gis 1.0", "auth-1.1")
    assert world.tick(1) == []
    assert world.answer() == "NEEDED"

    said = world.decides("announce", "--on", str(ENDS)).out
    assert "gis-team (slack #gis-team), announced" in said
    assert "web-team (email web-owners@shop.example), announced" in said  # it was seen calling
    announced = ["#gis-team: announced", "gis-owners@shop.example: announced"]
    assert world.tick() == [*announced, "web-owners@shop.example: announced"]
    subject = letter(world.mails.mails[0])["Subject"]
    assert f"[action by {ENDS}] auth-1 in production will be switched off" in subject
    assert world.tick() == []

    assert world.says("retire", "auth", "1", "--reason", "x").out.startswith("headers: ")
    refused = world.says("retire", "auth", "1", "--reason", "x")
    assert "no, not brown-out: live dependents need it: gis (NEEDED)" in refused.out

    Moved.at = GIS_MOVED
    world.runs("gis 2.0", "auth-2")
    assert world.answer() == "CALLED"
    assert world.tick(4) == ["web-owners@shop.example: t-14"]  # gis has nothing left to do
    brown_out = world.says("retire", "auth", "1", "--reason", "who still calls?")
    assert brown_out.out.startswith("brown-out: "), brown_out.err
    assert world.tick() == ["web-owners@shop.example: brown-out"]

    Moved.at = datetime.combine(ENDS, datetime.min.time(), timezone.utc)
    assert world.answer() == "CALLED"
    Moved.at = GIS_MOVED + 30 * DAY - timedelta(hours=2)
    assert world.answer() == "CALLED"
    Moved.at = GIS_MOVED + 30 * DAY + timedelta(hours=1)
    assert world.answer() == "NOTHING_AGAINST"
    for take, give_back, reason in taken_away(world):
        take()
        assert world.answer() == reason
        give_back()
    Moved.at = NOW
    assert world.answer() == "NOTHING_AGAINST"

    assert world.tick() != []  # the day has moved, and web has not said that it has
    gone = world.says("retire", "auth", "1", "--to", "gone", "--reason", "nobody calls it")
    assert gone.status == 0, gone.out + gone.err
    check_what_is_left(world, old)
