from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ci_steps.channels import slack
from ci_steps.notices.sending.carrying import carry_along
from ci_steps.protocols import Sent
from tests.parts.commands import called, service
from tests.parts.dictionaries import dictionary_at, ship
from tests.parts.notices import Clock, announce, owns
from tests.parts.slack import TOKEN, hangs
from tests.parts.slack import slack as slack_server

if TYPE_CHECKING:
    from pathlib import Path

    from ci_steps.dictionary.store import Dictionary

GIS = "gis-team (slack #gis-team): 1 service by 2017-11-01"
# Another service than the one that is announced: whoever passes takes the mail along.
CONFIG = """\
service: mail
owner: mail-team
version: {{file: VERSION}}
steps: {{unit-test: {{command: ["true"]}}, container-build: {{when: never}}}}
notify: {{{more}channels: {{slack: {{url: '{url}', timeout_seconds: 2}}}}}}
"""


def shop(dictionary: Dictionary) -> None:
    owns(dictionary, "gis-team", ["gis"], "slack #gis-team")
    ship(dictionary, "gis 1.0", "auth-1")
    announce(dictionary)


def carried(dictionary: Dictionary, url: str, token: str = TOKEN, **later: float) -> Sent:
    outside = Clock({"SLACK_TOKEN": token} if token else {})
    outside.go_on(**later)
    options = slack.Options(url=url, timeout_seconds=2)
    return carry_along(dictionary, {"slack": (slack, options)}, outside)


def test_what_is_overdue_is_taken_along_and_what_is_fresh_is_left_to_its_job(
    dictionary: Dictionary,
) -> None:
    shop(dictionary)
    with slack_server() as server:
        assert carried(dictionary, server.url, minutes=10) == Sent()
        assert server.calls == 0
        assert carried(dictionary, server.url, minutes=11).delivered == (GIS,)
        assert carried(dictionary, server.url, minutes=12) == Sent()


def test_a_build_without_the_secret_takes_nothing_along_and_says_nothing(
    dictionary: Dictionary,
) -> None:
    shop(dictionary)
    with slack_server() as server:
        assert carried(dictionary, server.url, token="", hours=1) == Sent()
        assert server.calls == 0


def test_a_receiver_that_hangs_is_not_waited_for_longer_than_the_time_that_is_left(
    dictionary: Dictionary,
) -> None:
    shop(dictionary)
    with slack_server(hangs(2.5)) as server:
        sent = carried(dictionary, server.url, hours=1)
    assert "looked up" in sent.waiting[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("more", "command", "told"),
    [
        ("", ("unit-test",), 1),
        ("", ("run",), 1),
        ("carry_along: false, ", ("unit-test",), 0),
        ("", ("rehearse", "--only", "unit-test"), 0),
        ("", ("plan",), 0),
        ("", ("dictionary", "live"), 0),
    ],
)
def test_whoever_runs_a_step_takes_the_mail_along_and_questions_do_not(
    tmp_path: Path, more: str, command: tuple[str, ...], told: int
) -> None:
    url = str(tmp_path / "dictionary.db")
    with dictionary_at(url) as dictionary:
        shop(dictionary)
    folder = tmp_path / "mail"
    folder.mkdir()
    with slack_server() as server:
        service(folder, CONFIG.format(url=server.url, more=more))
        secrets = {"SLACK_TOKEN": TOKEN, "CI_STEPS_DICTIONARY": url}
        ended = called(folder, *command, more=secrets)
    assert ended.status == 0, ended.err
    assert len(server.posted) == told
