"""The world of a rehearsal: nothing in it can be touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci_steps.errors import UsageError
from ci_steps.outside import Outside
from ci_steps.outside.asking import Asking
from ci_steps.outside.aws import AwsApi
from ci_steps.outside.inert import InertOutside
from ci_steps.outside.mail import MailServer


def _methods_of(door: type) -> set[str]:
    return {name for name, value in vars(door).items() if callable(value) and name[0] != "_"}


@pytest.mark.parametrize("name", sorted(_methods_of(Outside)))
def test_whatever_does_more_than_ask_is_replaced(name: str) -> None:
    assert name in vars(InertOutside), f"InertOutside.{name} would touch the world"


def test_a_rehearsal_asks_the_real_world_but_has_nothing_to_wait_for() -> None:
    assert _methods_of(InertOutside) & _methods_of(Asking) == {"pause"}


def test_what_would_be_done_is_said_and_not_done(tmp_path: Path) -> None:
    would: list[str] = []
    inert = InertOutside({}, would=would.append)
    (tmp_path / "kept").write_text("x")
    before = sorted(tmp_path.rglob("*"))

    finished = inert.run(["touch", "made"], cwd=tmp_path)
    inert.start(["touch", "made"], cwd=tmp_path, log=tmp_path / "log")
    with inert.supervisor(tmp_path / "slot", "auth (line 1)") as control:
        control.ask("stop")
    inert.write(tmp_path / "made", b"")
    inert.append(tmp_path / "kept", "y")
    inert.copy(tmp_path, tmp_path / "copy", ())
    inert.remove(tmp_path / "kept")
    answer = inert.call_slack(
        "t", "chat.postMessage", {"channel": "#gis"}, url="x", timeout_seconds=1
    )
    inert.call_aws(AwsApi("ecs"), "update_service", {"cluster": "shop", "service": "auth-1"})
    mail = inert.send_mail(MailServer("mail.shop.example", 25), "a@x.example", "b@x.example", b"")

    assert finished.ok
    assert finished.assumed
    assert not answer.error
    assert mail.taken
    assert would == [
        "run touch made",
        "start touch made",
        "stop auth (line 1)",
        "call Slack's chat.postMessage for #gis",
        "call update_service of ecs for auth-1",
        "send a mail to b@x.example",
    ]
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "kept").read_text() == "x"


def test_its_dictionary_is_a_copy(tmp_path: Path) -> None:
    InertOutside({}).database(str(tmp_path / "d.db")).dispose()
    assert list(tmp_path.iterdir()) == []


def test_a_secret_is_masked_and_one_that_is_missing_is_said() -> None:
    masked: list[str] = []
    outside = Outside({"TOKEN": "abc", "EMPTY": ""}, masked.append)
    assert outside.secret("TOKEN") == "abc"
    assert masked == ["abc"]
    with pytest.raises(UsageError, match="the environment variable EMPTY is not set"):
        outside.secret("EMPTY")
