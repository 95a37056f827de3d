"""Tests that fail on a version-up: the real steps, a real mail server, and Slack's double."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from tests.parts.commands import Ended, typed
from tests.parts.dictionaries import dictionary_at, ship
from tests.parts.notices import announce, owns
from tests.parts.services import await_end
from tests.parts.shop import Shop, shop_in
from tests.parts.slack import TOKEN, Slack
from tests.parts.slack import slack as slack_server
from tests.parts.smtp import Mailbox, mail_server

pytestmark = pytest.mark.slow

# A test program that says which of its tests fail, as a file beside it lists them.
TESTS = """\
import pathlib, sys
fails = pathlib.Path(sys.argv[1]).read_text().split() if pathlib.Path(sys.argv[1]).exists() else []
cases = "".join(
    f'<testcase classname="tests" name="{one}"><failure message="{one} is broken"/></testcase>'
    for one in fails
)
pathlib.Path("report.xml").write_text(f'<testsuite><testcase name="ok"/>{cases}</testsuite>')
sys.exit(bool(fails))
"""


class Town:
    """A shop in which auth 2 is on its way, and the owners of gis know of it."""

    def __init__(self, shop: Shop, slack: Slack, mails: Mailbox, capsys: Any) -> None:
        self.shop, self.slack, self.mails, self._capsys = shop, slack, mails, capsys
        self._seen = (0, 0)

    def fail(self, kind: str, *tests: str) -> None:
        """Let tests of a kind fail from now on, or none."""
        (self.shop.services["auth"] / kind).write_text(" ".join(tests))

    def run(self) -> Ended:
        """Run the pipeline, and then the step that always sends."""
        done = typed(self._capsys, "run")
        typed(self._capsys, "notices", "send")
        return done

    def told(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Return whom Slack and mail have told what since the last time: the headline."""
        posted, mails = self.slack.posted[self._seen[0] :], self.mails.mails[self._seen[1] :]
        self._seen = (len(self.slack.posted), len(self.mails.mails))
        letters = [message_from_bytes(one.content, policy=policy.default) for one in mails]
        return (
            [(str(one["channel"]), one["blocks"][0]["text"]["text"]) for one in posted],
            [(str(one["To"]), str(one["Subject"]).strip()) for one in letters],
        )


@pytest.fixture
def town(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Town]:
    with shop_in(tmp_path) as shop, slack_server() as slack, mail_server() as mails:
        with dictionary_at(shop.environ["CI_STEPS_DICTIONARY"]) as dictionary:
            owns(dictionary, "auth-team", ["auth"], "slack #auth", "email auth@shop.example")
            owns(dictionary, "gis-team", ["gis"], "slack #gis", "email gis@shop.example")
            ship(dictionary, "auth 1.1")
            ship(dictionary, "gis 1.0", "auth-1.1")
            announce(dictionary, channels=("slack", "email"))
        _configure(shop, slack, mails)
        with monkeypatch.context() as here:
            here.chdir(shop.services["auth"])
            for name, value in {**shop.environ, "SLACK_TOKEN": TOKEN}.items():
                here.setenv(name, value)
            made = Town(shop, slack, mails, capsys)
            typed(capsys, "notices", "send")
            made.told()
            yield made
    assert await_end(tmp_path) == {}


def _configure(shop: Shop, slack: Slack, mails: Mailbox) -> None:
    shop.service("auth", "2.0.1")
    root = shop.services["auth"]
    (root / "tests.py").write_text(TESTS)
    config = (root / "ci-steps.yaml").read_text()
    for kind in ("unit-test", "integration-test"):
        plain = f'{kind}: {{command: [{sys.executable}, -c, "pass"]}}'
        reported = f"command: [{sys.executable}, tests.py, {kind}], junit: [report.xml]"
        assert plain in config
        config = config.replace(plain, f"{kind}: {{{reported}}}")
    by_mail = f"host: 127.0.0.1, port: {mails.port}, security: plain, sender: ci@shop.example"
    channels = f"slack: {{url: '{slack.url}'}}, email: {{{by_mail}}}"
    config += f"notify: {{channels: {{{channels}}}}}\npipeline: [unit-test, deploy staging, "
    (root / "ci-steps.yaml").write_text(f"{config}integration-test staging]\n")
    (root / ".gitignore").write_text(
        ".ci-steps/\n__pycache__/\nreport.xml\nunit-test\nintegration-test\n"
    )
    shop.commit("auth")


AUTH, GIS = ("#auth", "auth@shop.example"), ("#gis", "gis@shop.example")


def test_each_set_of_failing_tests_is_told_once_and_once_that_it_is_fixed(town: Town) -> None:
    """Unit tests fail, others fail, they pass; integration tests fail meanwhile and pass last."""

    def expect(*messages: tuple[tuple[str, str], str, str]) -> None:
        slack, mail = town.told()
        assert slack == [(to[0], headline) for to, headline, _ in messages]
        assert sorted(mail) == sorted((to[1], subject) for to, _, subject in messages)

    waits = (GIS, "auth 2.0.1 is not coming yet", "[tests fail] auth 2.0.1: {}")
    town.fail("unit-test", "login", "roles")
    for _ in range(2):
        assert town.run().status == 1
    expect(
        (AUTH, "2 tests of auth 2.0.1 fail", "[tests fail] auth 2.0.1: 2 tests"),
        (*waits[:2], waits[2].format("2 tests")),
    )
    detail = str(town.slack.posted[-2]["blocks"])
    assert "tests.login: login is broken" in detail
    assert "on the way from 2.0.0" in detail
    assert "Reference" not in detail
    sentence = "auth 2.0.1 is not coming yet: 2 tests fail. There is nothing to do."
    assert sentence in str(town.slack.posted[-1]["blocks"])
    town.fail("unit-test", "roles")
    assert town.run().status == 1
    expect(
        (AUTH, "1 test of auth 2.0.1 fails", "[tests fail] auth 2.0.1: 1 test"),
        (*waits[:2], waits[2].format("1 test")),
    )
    fixed = ("The tests of auth 2.0.1 pass again", "[tests pass again] auth 2.0.1")
    town.fail("unit-test")
    town.fail("integration-test", "journey")
    assert town.run().status == 1
    expect(
        (AUTH, *fixed),
        (GIS, *fixed),
        (AUTH, "1 test of auth 2.0.1 fails", "[tests fail] auth 2.0.1: 1 test"),
        (*waits[:2], waits[2].format("1 test")),
    )
    assert "in staging on the way from 2.0.0" in str(town.slack.posted[-2]["blocks"])
    assert town.run().status == 1
    expect()
    town.fail("integration-test")
    assert town.run().status == 0
    expect((AUTH, *fixed), (GIS, *fixed))
    assert town.run().status == 0
    expect()
